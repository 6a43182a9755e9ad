"""Data and weights of classes as scripts gave them to models, made what today's models take."""

from __future__ import annotations

from typing import Any

_DATA = ("x", "y", "sample_weight", "validation_data")


def clean(arguments: dict[str, Any]) -> None:
    """Change the arguments of a method of models.

    Args:
        arguments: By their names of today.
    """
    for name in _DATA:
        if name in arguments:
            arguments[name] = numbers(arguments[name])
    if "class_weight" in arguments:
        arguments["class_weight"] = class_weight(arguments["class_weight"])


def numbers(data: Any) -> Any:
    """Return data with tables of objects, as pandas gives them, made tables of numbers."""
    import numpy

    if isinstance(data, (list, tuple)) and len(data) < 100:  # several inputs, not samples
        return type(data)(map(numbers, data)) if type(data) in (list, tuple) else data
    if not isinstance(data, numpy.ndarray) or data.dtype != object:
        return data
    try:
        return data.astype("float32")
    except (TypeError, ValueError):
        return data


def batch(data: Any) -> Any:
    """Return what one batch is given: an array for a list of numbers."""
    import numpy

    if isinstance(data, (list, tuple)) and data and all(isinstance(one, (int, float)) for one in data):
        return numpy.asarray(data)
    return numbers(data)


def class_weight(given: Any) -> Any:
    """Return weights of classes that have no gap; anything but weights by class had no effect."""
    if not isinstance(given, dict):
        return None
    if not given or not all(hasattr(label, "__index__") for label in given):
        return given
    found = {int(label): weight for label, weight in given.items()}
    return {label: found.get(label, 1.0) for label in range(max(found) + 1)}
