"""Which framework trains the network, and whether the training image has it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from include.detector.era import find_era
from include.detector.frameworks import OTHER_NETWORK_ROOTS, Member, member
from include.detector.handmade import HANDMADE
from include.detector.networks import Network
from include.detector.reached import Trace
from include.detector.verdict import OLD_KERAS, Evidence

_TENSORFLOW_1 = re.compile(
    r"tensorflow\.(?:placeholder|Session|InteractiveSession|contrib|layers|app|examples|get_variable|variable_scope"
    r"|global_variables_initializer|initialize_all_variables|reset_default_graph|truncated_normal|train\.\w+Optimizer)"
    r"(?:\W.*)?"
)
_TITLES = {
    "keras 3": "Keras",
    "tf.keras": "tf.keras",
    OLD_KERAS: "Keras 1 or 2",
    "tensorflow": "TensorFlow without Keras",
    "pytorch": "PyTorch",
}


@dataclass(frozen=True)
class Framework:
    """The framework of a script.

    Args:
        name: As in `Verdict.framework`.
        title: As a developer calls it.
        trainable: The training image has it.
        remark: A sentence for the developer where something about it matters, else empty.
        evidence: The lines that led to the remark.
    """

    name: str
    title: str
    trainable: bool
    remark: str = ""
    evidence: tuple[Evidence, ...] = ()


def find_framework(traced: Trace, network: Network) -> Framework:
    """Decide by the layers found, else by whatever libraries are called."""
    layers = [layer.member for layer in network.of(network.family)]
    every = [member(path) for use in traced.uses for path in sorted(use.paths)]
    name = _name(layers, every) if layers else _name(every, every)
    if name in {"keras", "tf.keras"}:
        return _keras(name, traced)
    if name == "tensorflow":
        return _tensorflow(every)
    if name == "pytorch":
        remark = "The training image has Keras and TensorFlow but not PyTorch, so it can't be trained here."
        return Framework(name, _TITLES[name], trainable=False, remark=remark)
    if name == "none":
        return Framework(name, "no framework", trainable=False)
    if name == HANDMADE:
        remark = "It is written without a framework, so there is nothing here that could train or tune it."
        return Framework("other", "code of its own", trainable=False, remark=remark)
    return Framework("other", name, trainable=False, remark=f"The training image does not have {name}.")


def _name(members: list[Member], every: list[Member]) -> str:
    libraries = [one.library for one in members]
    keras = [
        one.library for one in every if one.is_keras and not one.inner.startswith(("datasets.", "utils."))
    ]
    if not libraries or libraries[0] not in {"pytorch", *OTHER_NETWORK_ROOTS, "transformers"}:
        for wanted in ("keras", "tf.keras"):
            if wanted in libraries:
                return wanted
        if keras and {"tensorflow", "unbound", "keras extension"} & set(libraries):
            return keras[0]
    known = [
        one for one in libraries if one in {"tensorflow", "pytorch"} | OTHER_NETWORK_ROOTS | {"transformers"}
    ]
    if known:
        return known[0]
    if {"keras extension", "unbound"} & set(libraries) and members is not every:
        return keras[0] if keras else "keras"
    if "keras extension" in libraries or ("unbound" in libraries and keras):
        return keras[0] if keras else "keras"
    other = [one for one in libraries if one in {"sklearn", "xgboost", "lightgbm", "catboost", "statsmodels"}]
    if not other and members is not every:
        return _around(libraries[0], keras, every)
    return other[0] if other else "none"


def _around(library: str, keras: list[str], every: list[Member]) -> str:
    """For a layer of a package that is not known: the framework it is used with, else the package itself."""
    known = (one.library for one in every if one.library in {"tensorflow", "pytorch"} | OTHER_NETWORK_ROOTS)
    return keras[0] if keras else next(known, library)


def _keras(name: str, traced: Trace) -> Framework:
    era = find_era(traced)
    if not era:
        name = "keras 3" if name == "keras" else name
        return Framework(name, _TITLES[name], trainable=True)
    first = era[0]
    remark = (
        f"It is written for Keras 1 or 2 (`{first.file}`, line {first.line}: {first.sentence.rstrip('.')}),"
        " while the training image has Keras 3 and the legacy package tf_keras, where parts of the old API"
        " behave differently."
    )
    return Framework(OLD_KERAS, _TITLES[OLD_KERAS], trainable=True, remark=remark, evidence=era[:3])


def _tensorflow(every: list[Member]) -> Framework:
    old = next((one for one in every if _TENSORFLOW_1.fullmatch(one.path)), None)
    if old is None:
        return Framework("tensorflow", _TITLES["tensorflow"], trainable=True)
    remark = (
        f"It is written for TensorFlow 1 (`{old.path.partition('(')[0]}`), but the training image has"
        " TensorFlow 2, so it can't be trained here; port it to Keras."
    )
    return Framework("tensorflow", "TensorFlow 1", trainable=False, remark=remark)
