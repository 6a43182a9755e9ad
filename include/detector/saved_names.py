"""Names of files to which Keras 1 and 2 saved a network, and Keras 3 refuses to."""

from __future__ import annotations

import ast

from include.detector.constants import text
from include.detector.frameworks import member
from include.detector.reached import Trace, Use

_WHOLE, _CHECKPOINT, _WEIGHTS = (".keras", ".h5", ".hdf5"), (".keras", ".h5"), (".weights.h5",)


def refused_name(use: Use, traced: Trace) -> str | None:
    """Say what Keras 3 has against the name that a call saves a network to; None where it has nothing.

    Args:
        use: The call.
        traced: What runs.
    """
    call = use.call
    endings = None if call is None else _endings(use, call)
    if call is None or endings is None:
        return None
    given = [keyword.value for keyword in call.keywords if keyword.arg == "filepath"] + call.args[:1]
    name = text(given[0], use.scope, traced.resolver) if given else None
    if not name or name.endswith(endings):
        return None
    return f"Keras 3 saves to no file that is called `{name[:60]}`."


def _endings(use: Use, call: ast.Call) -> tuple[str, ...] | None:
    """How a file may be called today; None for a call that saves no network."""
    of_keras = any(member(path).is_keras for path in use.paths)
    if use.method == "save_weights" and (of_keras or not use.paths):
        return _WEIGHTS
    if use.method == "save" and of_keras:
        return _WHOLE
    if use.method == "ModelCheckpoint" and of_keras:
        return _WEIGHTS if _saves_weights_only(call) else _CHECKPOINT
    return None


def _saves_weights_only(call: ast.Call) -> bool:
    given = (keyword.value for keyword in call.keywords if keyword.arg == "save_weights_only")
    return any(isinstance(value, ast.Constant) and value.value is True for value in given)
