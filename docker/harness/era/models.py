"""Making, saving and loading models as Keras 1 and 2 did."""

from __future__ import annotations

import functools
import json
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
        functional.Functional.layers = property(_layers)
    training.Model.to_yaml = _to_yaml


class _Layers(list[Any]):
    """The layers of a model, which are its own: what is taken away here is taken from the model.

    Args:
        model: The model.
        layers: Its layers.
    """

    def __init__(self, model: Any, layers: list[Any]) -> None:
        super().__init__(layers)
        self._model = model

    def pop(self, at: Any = -1) -> Any:
        """Take a layer away."""
        taken = super().pop(at)
        tracked = self._model._self_tracked_trackables
        tracked[:] = [one for one in tracked if one is not taken]
        return taken


def _layers(model: Any) -> _Layers:
    return _Layers(model, list(model._flatten_layers(include_self=False, recursive=False)))


def _to_yaml(self: Any, **options: Any) -> str:
    """Return what `to_json` returns, as YAML."""
    import yaml

    return str(yaml.safe_dump(json.loads(self.to_json()), **options))


def from_yaml(text: str, custom_objects: Any = None) -> Any:
    """Return a model of what `to_yaml` returned.

    Args:
        text: The YAML.
        custom_objects: The script's own layers by their names.
    """
    import yaml
    from tf_keras.models import model_from_json

    return model_from_json(json.dumps(yaml.safe_load(text)), custom_objects)


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
