"""What layers of a script's own may do: name their weights as Keras 1 did, say which ones are trained."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

# `add_weight` began with the shape.
_KERAS_1 = ("shape", "initializer", "name", "trainable", "regularizer", "constraint")


def install() -> None:
    """Teach the base of all layers, and the one of TensorFlow 1's graph."""
    from tf_keras.src import backend
    from tf_keras.src.engine import base_layer, base_layer_v1, keras_tensor

    keras_tensor.KerasTensor._keras_shape = property(backend.int_shape)

    for layer in (base_layer.Layer, base_layer_v1.Layer):
        layer.add_weight = _shape_first(layer.add_weight)
        layer.trainable_weights = _assigned(layer.trainable_weights, "_trainable_weights")
        layer.non_trainable_weights = _assigned(layer.non_trainable_weights, "_non_trainable_weights")
        for name in ("inbound_nodes", "outbound_nodes"):
            found = getattr(layer, name)
            setattr(layer, name, property(found.fget, lambda self, value: None))


def _shape_first(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def add_weight(self: Any, *args: Any, **kwargs: Any) -> Any:
        if args and args[0] is not None and not isinstance(args[0], str):
            return original(self, **dict(zip(_KERAS_1, args, strict=False)), **kwargs)
        return original(self, *args, **kwargs)

    return add_weight


def _assigned(original: property, place: str) -> property:
    """Return a property of weights that can be assigned to."""

    def assign(self: Any, weights: Any) -> None:
        for other in ("_trainable_weights", "_non_trainable_weights"):
            kept = [one for one in getattr(self, other) if all(one is not weight for weight in weights)]
            object.__setattr__(self, other, kept)
        object.__setattr__(self, place, [*getattr(self, place), *weights])

    return property(original.fget, assign)
