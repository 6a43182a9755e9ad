"""Data and weights of classes as scripts gave them to models, made what today's models take."""

from __future__ import annotations

from typing import Any

_DATA = ("x", "y", "sample_weight", "validation_data")
# Today's Keras makes two more copies of its data before it begins; this many bytes are worth avoiding it.
_LARGE = 2**28


class Converted:
    """A large array in double precision, of which each batch is made single when it is asked for.

    Args:
        array: The array.
    """

    def __init__(self, array: Any) -> None:
        self._array, self.shape, self.dtype, self.ndim = array, array.shape, "float32", array.ndim

    def __len__(self) -> int:
        return len(self._array)

    def __getitem__(self, key: Any) -> Any:
        return self._array[key].astype("float32")


def clean(arguments: dict[str, Any]) -> None:
    """Change the arguments of a method of models.

    Args:
        arguments: By their names of today.
    """
    for name in _DATA:
        if name in arguments:
            arguments[name] = numbers(arguments[name])
    if not arguments.get("validation_split"):
        arguments.update(
            {name: _slim(arguments[name]) for name in ("x", "validation_data") if name in arguments}
        )
    if "class_weight" in arguments:
        arguments["class_weight"] = class_weight(arguments["class_weight"])


def slim(arguments: dict[str, Any]) -> None:
    """Have large arrays converted batch by batch; not where they are yet to be split in two.

    Args:
        arguments: Of a method that works without TensorFlow 1's graph.
    """
    if not arguments.get("validation_split"):
        arguments.update(
            {name: _slim(arguments[name]) for name in ("x", "validation_data") if name in arguments}
        )


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


def _slim(data: Any) -> Any:
    """Return data, or what stands for it where it is a large array; that may be the first of a tuple."""
    if isinstance(data, tuple) and len(data) > 1:
        return (_slim(data[0]), *data[1:])
    large = getattr(data, "nbytes", 0) > _LARGE and str(getattr(data, "dtype", "")) == "float64"
    return Converted(data) if large else data


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
