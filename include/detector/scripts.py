"""Chooses the training script among the pushed files, and says why that one."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from include.detector import limits
from include.detector.layers import Family
from include.detector.networks import Network, find_network
from include.detector.program import Program
from include.detector.reached import Trace
from include.detector.sources import UnreadableSourceError
from include.detector.trace import trace

CONVENTIONAL_NAMES = (
    "mycode.py",
    "program.py",
    "train.py",
    "main.py",
    "model.py",
    "mnist.py",
    "cnn.py",
    "code.py",
    "training.py",
    "train_model.py",
    "mnist_cnn.py",
    "app.py",
    "run.py",
)
_NOT_SCRIPTS = re.compile(
    r"(?:.*/)?(?:tests?/.*|test_[^/]*|[^/]*_test\.py|conftest\.py|setup\.py|tweak(?:er|ing)?\.py|check_?code\.py)"
)
_NOT_FIRST = re.compile(
    r"(?:predict|infer|eval|test|demo|serve|deploy|mail|tweak|check|bench)", re.IGNORECASE
)
_LEARNS = (
    "keras", "tensorflow", "torch", "sklearn", "mxnet", "paddle", "jax", "chainer", "theano", "xgboost",
    "lightgbm", ".fit", "train",
)  # fmt: skip


@dataclass(frozen=True)
class Candidate:
    """One file that was followed as if it were the training script.

    Args:
        file: Its path.
        trace: What runs when it is started.
        network: The layers and training steps found there.
    """

    file: str
    trace: Trace
    network: Network

    @property
    def is_cnn(self) -> bool:
        """Convolutions are built in code that runs."""
        return self.network.family is Family.CONVOLUTION


@dataclass(frozen=True)
class Choice:
    """The chosen script.

    Args:
        candidate: The script, None when no file is one.
        why: A sentence where the choice needs one, else empty.
    """

    candidate: Candidate | None
    why: str = ""


def name_rank(file: str) -> int:
    """0 for `mycode.py`, then the names that people give their training script, then all others."""
    name = posixpath.basename(file).lower()
    name = f"{name.removesuffix('.ipynb')}.py" if name.endswith(".ipynb") else name
    if name in CONVENTIONAL_NAMES:
        return CONVENTIONAL_NAMES.index(name)
    return len(CONVENTIONAL_NAMES) + (1 if _NOT_FIRST.search(name) else 0)


def follow(program: Program, file: str) -> Candidate:
    """Follow one file as the training script.

    Raises:
        UnreadableSourceError: It can't be read or analysed.
    """
    traced = trace(program, file)
    return Candidate(file, traced, find_network(traced))


def choose(program: Program) -> Choice:
    """Choose among all files: what trains goes before what only builds, that before what does neither."""
    followed = (_try_to_follow(program, file) for file in _promising(program) if program.visits_left > 0)
    candidates = [one for one in followed if one is not None]
    for group, verb in (
        ([one for one in candidates if one.network.training], "train something"),
        ([one for one in candidates if one.network.layers], "build a network"),
    ):
        if group:
            return _best(_without_imported(group), verb)
    by_name = sorted(candidates, key=lambda one: (name_rank(one.file), one.file.count("/"), one.file))
    return Choice(by_name[0] if by_name else None)


def _promising(program: Program) -> list[str]:
    usual = [file for file in program.files if not _NOT_SCRIPTS.fullmatch(file)]
    files = usual or list(program.files)
    ranked = sorted(files, key=lambda file: (name_rank(file), file.count("/"), file))
    if len(files) > limits.CANDIDATES:
        learning = (file for file in ranked if _mentions_learning(program, file))
        return list(islice(learning, limits.CANDIDATES))
    return ranked


def _mentions_learning(program: Program, file: str) -> bool:
    try:
        text = program.source(file).text.lower()
    except UnreadableSourceError:
        return False  # the program remembers why
    return any(word in text for word in _LEARNS)


def _try_to_follow(program: Program, file: str) -> Candidate | None:
    try:
        return follow(program, file)
    except UnreadableSourceError as error:
        program.unreadable.setdefault(file, error)
        return None


def _without_imported(group: list[Candidate]) -> list[Candidate]:
    """Leave out what another candidate imports, unless they import each other or that one only evaluates."""
    trainers = [one for one in group if not _NOT_FIRST.search(posixpath.basename(one.file))]
    imports = {one.file: {module.file for module in one.trace.modules} for one in trainers}
    kept = [
        one
        for one in group
        if not any(one.file in imports[file] and file not in imports.get(one.file, ()) for file in imports)
    ]
    return kept or group


def _best(group: list[Candidate], verb: str) -> Choice:
    ordered = sorted(group, key=_preference)
    best = ordered[0]
    if len(ordered) == 1:
        return Choice(best)
    others = _listed(one.file for one in ordered[1:])
    return Choice(
        best, f"{len(ordered)} files {verb}; `{best.file}` was taken before {others} {_because(ordered)}."
    )


def _preference(one: Candidate) -> tuple[object, ...]:
    evidence = len(one.network.of(one.network.family)) + len(one.network.training)
    rank = name_rank(one.file)
    notebook = one.trace.script.source.notebook
    return (rank != 0, not one.is_cnn, notebook, rank, one.file.count("/"), -evidence, one.file)


def _because(ordered: list[Candidate]) -> str:
    best, second = _preference(ordered[0]), _preference(ordered[1])
    reasons = (
        "because `mycode.py` is the agreed name",
        "because it builds a convolutional network",
        "because it is a script and not a notebook",
        "because of its name",
        "because it is nearer to the root of the repository",
        "because it has more layers and training steps",
        "because it comes first in the alphabet",
    )
    return next(reason for reason, one, two in zip(reasons, best, second, strict=True) if one != two)


def _listed(files: Iterable[str]) -> str:
    names = [f"`{file}`" for file in files]
    shown = names[:3] + ([f"{len(names) - 3} more"] if len(names) > 3 else [])
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else shown[0]
