"""Images with their channels first, on processors: TensorFlow's kernels there know channels last only."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any


def install(keras: ModuleType) -> None:
    """Turn images around before a layer that needs it, and back after.

    Args:
        keras: The legacy package.
    """
    import tensorflow

    if tensorflow.config.list_physical_devices("GPU"):
        return
    layers = keras.layers
    for cls in (layers.Conv2D, layers.Conv3D):
        cls.convolution_op = _turned(cls.convolution_op, tensorflow)
    for cls in (layers.MaxPooling2D, layers.AveragePooling2D, layers.MaxPooling3D, layers.AveragePooling3D):
        cls.call = _turned(cls.call, tensorflow)
    for cls in (layers.Conv2DTranspose, layers.SeparableConv2D, layers.DepthwiseConv2D):
        cls.call = _turned(cls.call, tensorflow)
    layers.BatchNormalization.build = _unfused(layers.BatchNormalization.build)


def _turned(original: Callable[..., Any], tensorflow: ModuleType) -> Callable[..., Any]:
    @functools.wraps(original)
    def run(layer: Any, inputs: Any, *args: Any) -> Any:
        if getattr(layer, "data_format", None) != "channels_first":
            return original(layer, inputs, *args)
        rank = len(inputs.shape)
        last, first = [0, *range(2, rank), 1], [0, rank - 1, *range(1, rank - 1)]
        with _ChannelsLast(layer):
            outputs = original(layer, tensorflow.transpose(inputs, last), *args)
        return tensorflow.transpose(outputs, first)

    return run


class _ChannelsLast:
    """Has a layer work with channels last for a while."""

    def __init__(self, layer: Any) -> None:
        self._layer = layer
        self._kept = {
            name: vars(layer)[name] for name in ("data_format", "_tf_data_format") if name in vars(layer)
        }

    def __enter__(self) -> None:
        self._layer.data_format = "channels_last"
        if "_tf_data_format" in self._kept:
            self._layer._tf_data_format = self._kept["_tf_data_format"].replace("NC", "N", 1) + "C"

    def __exit__(self, *error: object) -> None:
        for name, value in self._kept.items():
            setattr(self._layer, name, value)


def _unfused(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def build(layer: Any, input_shape: Any) -> Any:
        axis = layer.axis if isinstance(layer.axis, int) else layer.axis[0]
        if axis == 1 and len(input_shape) > 2 and layer.fused is None:
            layer.fused = False
        return original(layer, input_shape)

    return build
