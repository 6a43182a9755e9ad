"""TensorFlow 1's names, from the part of TensorFlow that keeps them."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

# Modules that are there still, without much of what they had.
_MODULES = (
    "data",
    "errors",
    "image",
    "initializers",
    "io",
    "linalg",
    "losses",
    "math",
    "metrics",
    "nn",
    "random",
    "saved_model",
    "sparse",
    "strings",
    "summary",
    "test",
    "train",
)
_OF_DATA = ("make_one_shot_iterator", "make_initializable_iterator")


def install(tensorflow: ModuleType, *, graph: bool, dimensions: bool) -> None:
    """Let a name that TensorFlow 2 has not mean what it meant in TensorFlow 1.

    Args:
        tensorflow: The package.
        dimensions: Whether the lengths in a shape are objects, which have a value.
        graph: Whether the script needs the graph of TensorFlow 1, so that nothing is executed eagerly.
    """
    old = tensorflow.compat.v1
    if dimensions:
        old.disable_v2_tensorshape()
    if graph:
        old.disable_eager_execution()

    def missing(name: str) -> Any:
        if name.startswith("__") or not hasattr(old, name):
            raise AttributeError(f"module 'tensorflow' has no attribute {name!r}")
        return getattr(old, name)

    for name in _OF_DATA:
        setattr(tensorflow.data.Dataset, name, getattr(old.data, name))
    tensorflow.__getattr__ = missing  # type: ignore[method-assign]
    tensorflow.random.set_random_seed = tensorflow.random.set_seed
    for place in (tensorflow, tensorflow.nn, tensorflow.math):
        was = old if place is tensorflow else getattr(old, place.__name__.rpartition(".")[2])
        _take_old_arguments(place, was)
    for name in _MODULES:
        module = getattr(tensorflow, name)
        for lost in [lost for lost in vars(getattr(old, name)) if not hasattr(module, lost)]:
            setattr(module, lost, getattr(getattr(old, name), lost))


def _take_old_arguments(place: Any, was: Any) -> None:
    """Let functions be called with the names that their arguments had, such as `softmax(x, dim=1)`.

    Args:
        place: The module.
        was: What it was in TensorFlow 1.
    """
    for name, new in [(name, value) for name, value in vars(place).items() if inspect.isfunction(value)]:
        old = vars(was).get(name)
        if inspect.isfunction(old) and old is not new:
            setattr(place, name, _either(new, old))


def _either(new: Callable[..., Any], old: Callable[..., Any]) -> Callable[..., Any]:
    @functools.cache
    def known() -> frozenset[str]:
        return frozenset(inspect.signature(new).parameters)

    @functools.wraps(new)
    def call(*args: Any, **kwargs: Any) -> Any:
        return (old if kwargs.keys() - known() else new)(*args, **kwargs)

    return call
