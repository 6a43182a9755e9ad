"""Making, saving and loading models as Keras 1 and 2 did."""

from __future__ import annotations

import functools
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

_HDF5 = (".h5", ".hdf5", ".keras")
# A model took any shape that its layers take; only what was given to `fit` was looked at.
_UNCHECKED = property(lambda model: None, lambda model, value: None)


def install(*, own_format: bool) -> None:
    """Teach models their old arguments, and files of any name.

    Args:
        own_format: Whether a file is HDF5 whatever its name, and the first dense layer called `dense_1`, as
            in the package ``keras``; ``tensorflow.keras`` has always written folders, and begun with `dense`.
    """
    from tf_keras.src.engine import base_layer, base_layer_v1, functional, sequential, training

    training.Model.__new__ = _made(training.Model.__new__)
    for model in (training.Model, functional.Functional):
        model.__init__ = _named(model.__init__)
    training.Model.load_weights = _loading(training.Model.load_weights)
    training.Model.set_weights = _setting(training.Model.set_weights)
    if own_format:
        for name in ("save", "save_weights"):
            setattr(training.Model, name, _saving(getattr(training.Model, name)))
        for named in (base_layer.Layer, base_layer_v1.Layer, functional.Functional):
            named._init_set_name = _counting_from_one(named._init_set_name)
        for checked in (functional.Functional, sequential.Sequential):
            checked.input_spec = _UNCHECKED


def _plural(kwargs: dict[str, Any]) -> dict[str, Any]:
    return {{"input": "inputs", "output": "outputs"}.get(name, name): value for name, value in kwargs.items()}


def _named(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **_plural(kwargs))

    return __init__


def _counting_from_one(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def _init_set_name(self: Any, name: str | None, zero_based: bool = False) -> None:
        original(self, name, zero_based=zero_based)

    return _init_set_name


def _made(original: Callable[..., Any]) -> Callable[..., Any]:
    def __new__(cls: type, *args: Any, **kwargs: Any) -> Any:
        return original(cls, *args, **_plural(kwargs))

    return __new__


def _saving(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def save(self: Any, filepath: Any, *args: Any, **kwargs: Any) -> Any:
        known = str(filepath).endswith(_HDF5)
        if isinstance(filepath, (str, os.PathLike)) and not known and "save_format" not in kwargs:
            kwargs["save_format"] = "h5"
        return original(self, filepath, *args, **kwargs)

    return save


def _setting(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def set_weights(self: Any, weights: Any) -> None:
        import numpy

        original(self, [numpy.asarray(values) for values in weights])  # lists would do, once

    return set_weights


def _loading(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def load_weights(self: Any, filepath: Any, *args: Any, **kwargs: Any) -> Any:
        import h5py  # type: ignore[import-not-found,unused-ignore]

        given = Path(str(filepath)).absolute()
        if given.suffix in _HDF5 or not given.is_file() or not h5py.is_hdf5(given):
            return original(self, filepath, *args, **kwargs)
        with tempfile.TemporaryDirectory() as folder:
            named = Path(folder) / "weights.h5"  # today's Keras goes by the name
            named.symlink_to(given)
            return original(self, str(named), *args, **kwargs)

    return load_weights
