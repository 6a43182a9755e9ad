"""What NumPy had until 1.18 and has no more."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from typing import Any

_TYPES = {
    "float": float,
    "int": int,
    "object": object,
    "str": str,
    "complex": complex,
    "long": int,
    "unicode": str,
}
_RENAMED = {
    "bool": "bool_",
    "float_": "float64",
    "complex_": "complex128",
    "unicode_": "str_",
    "string_": "bytes_",
    "Inf": "inf",
    "Infinity": "inf",
    "NaN": "nan",
    "NAN": "nan",
    "product": "prod",
    "cumproduct": "cumprod",
    "alltrue": "all",
    "sometrue": "any",
    "round_": "round",
    "row_stack": "vstack",
    "trapz": "trapezoid",
    "in1d": "isin",
}
_STACKS = ("vstack", "hstack", "dstack", "stack", "column_stack", "row_stack")


def install() -> None:
    """Give numpy its old names and habits back."""
    import numpy

    renamed = {old: getattr(numpy, new) for old, new in _RENAMED.items() if hasattr(numpy, new)}
    for name, value in {**_TYPES, **renamed, "asscalar": lambda array: array.item()}.items():
        if name not in vars(numpy):
            setattr(numpy, name, value)
    if numpy.__version__[0] > "1":
        numpy.set_printoptions(legacy="1.25")  # numbers in lists print as `0.5`, not as `np.float64(0.5)`
    for name in ("array", "asarray"):
        setattr(numpy, name, _of_lists(getattr(numpy, name)))
    for name in _STACKS:
        setattr(numpy, name, _of_iterators(getattr(numpy, name)))
    numpy.load = _unpickling(numpy.load)
    numpy.linspace = _counting(numpy.linspace)
    numpy.set_printoptions = _without_threshold(numpy.set_printoptions)


def _of_lists(original: Any) -> Any:
    """Return what makes arrays, of lists that are not of one length too: then an array of lists."""

    @functools.wraps(original)
    def array(given: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return original(given, *args, **kwargs)
        except ValueError as error:
            if args or "dtype" in kwargs or "inhomogeneous" not in str(error):
                raise
            return original(given, dtype=object, **kwargs)

    return array


def _of_iterators(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def stack(arrays: Any, *args: Any, **kwargs: Any) -> Any:
        return original(list(arrays) if isinstance(arrays, Iterator) else arrays, *args, **kwargs)

    return stack


def _unpickling(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def load(file: Any, mmap_mode: Any = None, allow_pickle: bool = True, *args: Any, **kwargs: Any) -> Any:
        return original(file, mmap_mode, allow_pickle, *args, **kwargs)

    return load


def _counting(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def linspace(start: Any, stop: Any, num: Any = 50, *args: Any, **kwargs: Any) -> Any:
        return original(start, stop, int(num), *args, **kwargs)

    return linspace


def _without_threshold(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def set_printoptions(*args: Any, **kwargs: Any) -> None:
        threshold = kwargs.get("threshold")
        if threshold is not None and threshold != threshold:  # not a number: all of it
            kwargs["threshold"] = sys.maxsize
        original(*args, **kwargs)

    return set_printoptions
