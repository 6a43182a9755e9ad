"""What callbacks of a script were given and told."""

from __future__ import annotations

import functools
from typing import Any


def show_validation(arguments: dict[str, Any]) -> None:
    """Give callbacks the validation's inputs, targets and weights, which those of the script may use.

    Args:
        arguments: Of `fit` or its kin.
    """
    import numpy

    given, share = arguments.get("validation_data"), arguments.get("validation_split")
    x, y = arguments.get("x"), arguments.get("y")
    if given is None and share and isinstance(x, numpy.ndarray) and y is not None:
        first = int(len(x) * (1.0 - share))
        given = (x[first:], y[first:])
    callbacks = arguments["callbacks"]
    if not isinstance(callbacks, (list, tuple)) or not isinstance(given, (list, tuple)):
        return
    if len(given) > 1 and isinstance(given[0], numpy.ndarray):
        for callback in callbacks:
            callback.validation_data = [*given[:2], numpy.ones(len(given[0]))]


def tell_parameters(arguments: dict[str, Any]) -> None:
    """Have callbacks told what they were told: how many samples there are, what is measured.

    Args:
        arguments: Of `fit` or its kin.
    """
    model, callbacks = arguments.get("self"), arguments["callbacks"]
    if not isinstance(callbacks, (list, tuple)):
        return
    validates = bool(arguments.get("validation_data") is not None or arguments.get("validation_split"))
    names = list(getattr(model, "metrics_names", []))
    x = arguments.get("x")
    told = {
        "batch_size": arguments.get("batch_size") or getattr(x, "batch_size", 32),
        "do_validation": validates,
        "metrics": names + [f"val_{name}" for name in names if validates],
        "nb_epoch": arguments.get("epochs", 1),
        "samples": arguments.get("steps_per_epoch") or getattr(x, "__len__", lambda: None)(),
    }
    for callback in callbacks:
        callback.set_params = functools.partial(_set_parameters, callback, told)


def _set_parameters(callback: Any, told: dict[str, Any], params: dict[str, Any]) -> None:
    type(callback).set_params(callback, {**told, **params})
