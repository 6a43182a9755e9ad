"""Names of Keras 1 and 2 that are gone, or are called otherwise, in modules that are still there."""

from __future__ import annotations

import functools
import importlib
from types import ModuleType
from typing import Any

from harness.era.models import from_yaml

_TOLD_TENSORBOARD = ("batch_size", "write_grads", "embeddings_data", "embeddings_layer_names")
# What these modules imported for themselves, and `from keras.layers import *` handed on.
_HANDED_ON = (
    "activations",
    "constraints",
    "initializers",
    "regularizers",
    "utils.conv_utils",
    "legacy.interfaces",
)


def constraints() -> dict[str, Any]:
    """Return the short names of constraints."""
    from tf_keras import constraints as today

    return {"maxnorm": today.MaxNorm, "nonneg": today.NonNeg, "unitnorm": today.UnitNorm}


def regularizers() -> dict[str, Any]:
    """Return the names that Keras 1 had for regularizers, of weights and of activities."""
    from tf_keras import regularizers as today

    both = {"l1l2": today.l1_l2, "activity_l1l2": today.l1_l2}
    classes = dict.fromkeys(("WeightRegularizer", "ActivityRegularizer", "L1L2Regularizer"), today.L1L2)
    return {**both, **classes, "activity_l1": today.L1, "activity_l2": today.L2}


def measures() -> dict[str, Any]:
    """Return the names of a loss, which is a metric as well."""
    from tf_keras.losses import cosine_similarity

    return {"cosine_proximity": cosine_similarity, "cosine": cosine_similarity}


def engine() -> dict[str, Any]:
    """Return what models were made of, and how they cut their data."""
    from tf_keras import Model
    from tf_keras.src.utils import generic_utils

    def slice_arrays(arrays: Any, start: Any = None, stop: Any = None) -> Any:
        """Return a part of an array, or of each of a list."""
        several = isinstance(arrays, (list, tuple))
        cut = generic_utils.slice_arrays(list(arrays) if several else [arrays], start, stop)
        return cut if several else cut[0]

    cuts = dict.fromkeys(("slice_X", "slice_arrays", "_slice_arrays"), slice_arrays)
    return {"Network": Model, "Container": Model, **cuts}


def applications() -> dict[str, Any]:
    """Return what networks of one's own took from the ready-made ones."""
    from tf_keras.activations import relu
    from tf_keras.layers import DepthwiseConv2D
    from tf_keras.src.applications.imagenet_utils import obtain_input_shape

    relu6 = functools.partial(relu, max_value=6)
    return {"_obtain_input_shape": obtain_input_shape, "relu6": relu6, "DepthwiseConv2D": DepthwiseConv2D}


def inputs() -> dict[str, Any]:
    """Return what scripts took from the module of the models, which imported it."""
    from tf_keras import Input
    from tf_keras.layers import InputLayer, Layer

    return {"Input": Input, "InputLayer": InputLayer, "Layer": Layer, "model_from_yaml": from_yaml}


def handed_on(place: str) -> dict[str, Any]:
    """Return modules that other modules handed on.

    Args:
        place: The package, such as ``keras``.
    """
    return {name.rpartition(".")[2]: importlib.import_module(f"{place}.{name}") for name in _HANDED_ON}


def cifar(module: ModuleType) -> None:
    """Fill the module that reads a batch of CIFAR's files."""
    from tf_keras.src.datasets.cifar import load_batch

    vars(module).update(load_batch=load_batch)


def interfaces(module: ModuleType) -> None:
    """Fill the module of decorators that translated old arguments, which the layers do by themselves."""

    def __getattr__(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name.startswith("legacy_"):
            return lambda function: function
        return lambda *args, **kwargs: lambda function: function

    vars(module).update(__getattr__=__getattr__)


def install() -> None:
    """Let `compile(loss="cosine_proximity")` be understood, and what TensorBoard was told."""
    from tf_keras.callbacks import TensorBoard
    from tf_keras.utils import get_custom_objects

    get_custom_objects().update(measures())
    original = TensorBoard.__init__

    @functools.wraps(original)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **{k: value for k, value in kwargs.items() if k not in _TOLD_TENSORBOARD})

    TensorBoard.__init__ = __init__
