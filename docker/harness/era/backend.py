"""What `keras.backend` had and has no more."""

from __future__ import annotations

import functools
from types import ModuleType, SimpleNamespace
from typing import Any

_ORDERINGS = {"channels_last": "tf", "channels_first": "th"}
_OF_RANDOM = {"std": "stddev", "low": "minval", "high": "maxval"}
_FORMATS = {ordering: name for name, ordering in _ORDERINGS.items()}


def fill(module: ModuleType) -> None:
    """Fill the module `keras.backend`: also with what is hidden in today's, such as sessions.

    Args:
        module: The module.
    """
    import tensorflow
    import tf_keras
    from tf_keras.src import backend

    hidden = {name: value for name, value in vars(backend).items() if not name.startswith("_")}
    vars(module).update({**hidden, **{n: v for n, v in vars(tf_keras.backend).items() if n[0] != "_"}})
    orderings: dict[str, Any] = {
        "image_dim_ordering": lambda: _ORDERINGS[backend.image_data_format()],
        "set_image_dim_ordering": lambda ordering: backend.set_image_data_format(_FORMATS[ordering]),
        "image_data_format": backend.image_data_format,
        "set_image_data_format": backend.set_image_data_format,
    }
    vars(module).update(orderings)
    for name in ("random_normal", "random_uniform", "truncated_normal"):
        setattr(module, name, _renamed(getattr(backend, name)))
    vars(module).update(tf=tensorflow, common=SimpleNamespace(**orderings), _BACKEND="tensorflow")
    vars(module).update(_later(tensorflow, backend))
    vars(module).update(get_variable_shape=backend.int_shape, normalize_data_format=_normalize(backend))


def complete(module: ModuleType) -> None:
    """Give the module `tensorflow.keras.backend` what TensorFlow 1 had in it, such as sessions.

    Args:
        module: The module.
    """
    from tf_keras.src import backend

    for name in [name for name in vars(backend) if name[0] != "_" and not hasattr(module, name)]:
        setattr(module, name, getattr(backend, name))


def _later(tensorflow: Any, backend: Any) -> dict[str, Any]:
    """Return what Keras 1 called otherwise, and what 2.3 had of its own."""
    return {
        "lesser": backend.less,
        "lesser_equal": backend.less_equal,
        "pack": backend.stack,
        "size": tensorflow.size,
        "slice": tensorflow.slice,
        "is_tensor": tensorflow.is_tensor,
        "is_variable": lambda x: isinstance(x, tensorflow.Variable),
        "control_dependencies": tensorflow.control_dependencies,
        "symbolic": lambda function: function,
        "eager": lambda function: function,
    }


def _renamed(original: Any) -> Any:
    """Return a generator of random numbers that also takes the arguments of Keras 1."""

    @functools.wraps(original)
    def draw(*args: Any, **kwargs: Any) -> Any:
        return original(*args, **{_OF_RANDOM.get(name, name): value for name, value in kwargs.items()})

    return draw


def _normalize(backend: ModuleType) -> Any:
    def normalize_data_format(value: str | None) -> str:
        """Return a data format, the default one for None."""
        return value.lower() if value else str(backend.image_data_format())

    return normalize_data_format
