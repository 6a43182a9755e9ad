"""TensorFlow 1's names, from the part of TensorFlow that keeps them."""

from __future__ import annotations

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


def install(tensorflow: ModuleType, *, graph: bool) -> None:
    """Let a name that TensorFlow 2 has not mean what it meant in TensorFlow 1.

    Args:
        tensorflow: The package.
        graph: Whether the script needs the graph of TensorFlow 1, so that nothing is executed eagerly.
    """
    old = tensorflow.compat.v1
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
    for name in _MODULES:
        module = getattr(tensorflow, name)
        for lost in [lost for lost in vars(getattr(old, name)) if not hasattr(module, lost)]:
            setattr(module, lost, getattr(getattr(old, name), lost))
