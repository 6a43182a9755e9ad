"""What kind of network the code that runs builds, and whether it is trained."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from include.detector.frameworks import LIBRARY_ROOTS, Member, member
from include.detector.handmade import HANDMADE, find_handmade
from include.detector.layers import HANDMADE_RULE, Family, LayerRule, match_layer
from include.detector.origins import texts_behind
from include.detector.reached import Trace, Use
from include.detector.verdict import Evidence

_TRAINING_METHODS = frozenset(
    [
        "fit",
        "fit_generator",
        "train_on_batch",
        "fit_one_cycle",
        "fine_tune",
        "apply_gradients",
        "minimize",
        "train_step",
    ]
)
_UNBOUND_MODELS = frozenset({"unbound.Sequential", "unbound.Model"})
"""Keras where the imports are missing: a part of a script, which is put together with others."""
_NETWORK_LIBRARIES = frozenset({"keras", "tf.keras", "tensorflow", "pytorch", "keras extension"})
_TRAINING_PATHS = frozenset(
    [
        "tensorflow.GradientTape",
        "xgboost.train",
        "lightgbm.train",
        "tensorflow.estimator.train_and_evaluate",
        "sklearn.model_selection.cross_val_score",
        "sklearn.model_selection.cross_validate",
    ]
)
_TRAINING_CALLS = re.compile(
    r"(?:jax|haiku|equinox|objax|flax\.nnx|flax\.linen)\.(?:\w+\.)?(?:filter_)?(?:grad|value_and_grad)"
    r"|lasagne\.updates\.\w+|chainer\.training\.(?:\w+\.)?Trainer|chainer\.optimizers\.[\w.()]+\.update"
    r"|mxnet\.gluon\.(?:\w+\.)?Trainer\(\)\.step|paddle\.[\w.()]+\.(?:minimize|step)|theano\.(?:tensor\.)?grad"
    r"|tensorpack\.(?:\w+\.)*launch_\w*train\w*|(?:imageai|ktrain|detectron2)\.[\w.()]+\.(?:train\w*|fit\w*|autofit)"
    r"|mmdet\.(?:\w+\.)*train_detector|(?:tflite|mediapipe)_model_maker\.[\w.]+\.create"
)
"""Steps that train in frameworks whose training has no method of its own name."""
_READS_BY_NAME = frozenset(
    {"KerasLayer", "load", "get", "create_model", "from_pretrained", "from_preset", "from_name", "pipeline"}
)
_NOT_TRAINING = (
    "ImageDataGenerator()", "Tokenizer()", "Scaler()", "Encoder()", "Binarizer()", "PCA()", "Imputer()",
    "Vectorizer()", "TSNE()", "Normalizer()", "PolynomialFeatures()", "SelectKBest()", "Transformer()",
)  # fmt: skip
_FITTING_LIBRARIES = frozenset(
    {
        "sklearn",
        "xgboost",
        "lightgbm",
        "catboost",
        "statsmodels",
        "transformers",
        "pyod",
        "hmmlearn",
        "pyspark",
    }
)


@dataclass(frozen=True)
class Found:
    """A layer, model or training step in code that runs.

    Args:
        use: Where it stands.
        member: What it is in its library.
        rule: The layer rule that it fits, None for a training step.
        order: Where it comes among all that is reached.
    """

    use: Use
    member: Member
    rule: LayerRule | None = None
    order: int = 0

    @property
    def line(self) -> int:
        """Line number from 1."""
        return self.use.node.lineno

    def evidence(self, sentence: str = "") -> Evidence:
        """The line, with the sentence or else the rule's."""
        if not sentence and self.rule is not None:
            sentence = self.rule.says.format(name=_plain_name(self.member))
        return Evidence(self.use.module.file, self.line, self.use.module.source.line(self.line), sentence)


@dataclass(frozen=True)
class Network:
    """Everything about layers and training that a trace shows.

    Args:
        layers: Layers and models by the order in which they are reached.
        training: Steps that train.
    """

    layers: tuple[Found, ...]
    training: tuple[Found, ...]

    @property
    def family(self) -> Family | None:
        """The strongest family among the layers; a saved model counts only where it is trained."""
        families = {layer.rule.family for layer in self.layers if layer.rule and self._counts(layer.rule)}
        if not self._trains_saved_model:
            families.discard(Family.UNKNOWN)
        return next((family for family in Family if family in families), None)

    @property
    def _trains_saved_model(self) -> bool:
        """A saved model is read before something is trained; after it, it is only a look at the result."""
        places = [layer.order for layer in self.layers if layer.rule and layer.rule.family is Family.UNKNOWN]
        return bool(places and self.training) and min(places) < min(step.order for step in self.training)

    def _counts(self, rule: LayerRule) -> bool:
        return bool(self.training) or not rule.needs_training

    def of(self, family: Family | None) -> tuple[Found, ...]:
        """The layers of one family."""
        return tuple(
            layer
            for layer in self.layers
            if layer.rule and layer.rule.family is family and self._counts(layer.rule)
        )


def find_network(trace: Trace) -> Network:
    """Look for layers, models and training steps among what a script reaches."""
    libraries = {member(path).library for use in trace.uses for path in use.paths}
    has_keras = not libraries.isdisjoint({"keras", "tf.keras"}) or any(
        use.paths & _UNBOUND_MODELS for use in trace.uses
    )
    layers = tuple(
        found
        for order, use in enumerate(trace.uses)
        for found in _layers(trace, use, order, has_keras=has_keras)
    )
    layers += tuple(_handmade(trace))
    return Network(
        layers, tuple(_training(trace, has_network=bool(layers or libraries & _NETWORK_LIBRARIES)))
    )


def _handmade(trace: Trace) -> Iterator[Found]:
    """Convolutions of the push's own, as if they came from a library called "own code"."""
    for use, name in find_handmade(trace):
        yield Found(use, Member(HANDMADE, f"{HANDMADE}.{name}", name), HANDMADE_RULE)


def _layers(trace: Trace, use: Use, order: int, *, has_keras: bool) -> Iterator[Found]:
    literals = tuple(_literal_texts(trace, use, use.call)) if use.call else ()
    for path in sorted(use.paths):
        if use.how == "passed" and path.rpartition(".")[2] in {"conv", "convolution"}:
            continue  # more likely a module, such as `lasagne.layers.conv`
        if path.startswith("unbound.") and (path.count(".") > 1 or not has_keras):
            continue  # only a bare name can be a layer whose import was forgotten
        if found := _match(path, literals, use):
            yield Found(use, found[1], found[0], order)


def _match(path: str, literals: tuple[str, ...], use: Use) -> tuple[LayerRule, Member] | None:
    """The rule for a path; the name of a network that is read by it may stand behind variables."""
    found = match_layer(path, literals)
    if (
        use.call is None
        or use.method not in _READS_BY_NAME
        or (found and found[0].family is not Family.UNKNOWN)
    ):
        return found
    given = [*use.call.args, *(keyword.value for keyword in use.call.keywords)]
    return match_layer(path, tuple(texts_behind(given, use.scope))) or found


def _literal_texts(trace: Trace, use: Use, call: ast.Call) -> Iterator[str]:
    """Texts that are given to the call, also through names: `url = "https://…"; KerasLayer(url)`."""
    for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
        if isinstance(argument, ast.Constant):
            yield from [argument.value] if isinstance(argument.value, str) else []
        elif isinstance(argument, ast.Name | ast.Attribute | ast.IfExp | ast.Subscript):
            yield from trace.resolver.texts(argument, use.scope)


def _training(trace: Trace, *, has_network: bool) -> Iterator[Found]:
    for order, use in enumerate(trace.uses):
        if use.call is None:
            continue
        path = _training_path(use, has_network=has_network)
        if path is not None:
            yield Found(use, member(path), order=order)


def _training_path(use: Use, *, has_network: bool) -> str | None:
    """The path of a step that trains, `?.fit` where the receiver is not known; else None."""
    for path in sorted(use.paths):
        if path in _TRAINING_PATHS or _TRAINING_CALLS.fullmatch(path) or _is_torch_step(path, use.method):
            return path
    if use.method not in _TRAINING_METHODS | {"search", "train", "backward"}:
        return None
    if not use.paths:
        known_method = use.method in _TRAINING_METHODS or use.method == "backward"
        return f"?.{use.method}" if known_method and has_network and _is_method(use) else None
    calls = (
        path for path in sorted(use.paths) if _is_training_call(path, use.method, has_network=has_network)
    )
    return next(calls, None)


def _is_method(use: Use) -> bool:
    return use.call is not None and isinstance(use.call.func, ast.Attribute)


def _is_training_call(path: str, method: str, *, has_network: bool) -> bool:
    receiver = path.removesuffix(f".{method}")
    made_here = "(" in path or path.startswith("unbound.")
    if receiver.endswith(_NOT_TRAINING) or not made_here:
        return False
    library = member(path).library
    if method in {"search", "train", "backward"}:
        return library in {"keras extension", "transformers", "pytorch"} and "load" not in path
    return has_network or library in _NETWORK_LIBRARIES | _FITTING_LIBRARIES | LIBRARY_ROOTS


def _is_torch_step(path: str, method: str) -> bool:
    return method == "step" and path.startswith("torch.optim.")


def _plain_name(found: Member) -> str:
    return found.path.removeprefix("unbound.").removeprefix(f"{HANDMADE}.")
