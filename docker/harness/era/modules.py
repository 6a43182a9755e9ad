"""The modules of the package `keras` as it was laid out, made of today's legacy package."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

from harness.era import (
    backend,
    gone_layers,
    hidden,
    initializations,
    keras_utils,
    leftovers,
    merging,
    optimizers,
    wrappers,
)
from harness.era.namespace import Fill, public

_LAYERS = (
    "layers.advanced_activations",
    "layers.convolutional",
    "layers.convolutional_recurrent",
    "layers.core",
    "layers.cudnn_recurrent",
    "layers.embeddings",
    "layers.local",
    "layers.merge",
    "layers.noise",
    "layers.normalization",
    "layers.pooling",
    "layers.recurrent",
    "layers.wrappers",
    "legacy.layers",
    "engine.base_layer",
    "engine.input_layer",
)
# Modules that went away: what each of them offers, taken from these of today.
_MOVED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(_LAYERS, ("layers",)),
    "callbacks.callbacks": ("callbacks",),
    "callbacks.tensorboard_v1": ("callbacks",),
    "engine": ("layers", "models"),
    "engine.network": ("layers", "models"),
    "engine.saving": ("models",),
    "engine.sequential": ("layers", "models"),
    "engine.topology": ("layers", "models"),
    "engine.training": ("layers", "models"),
    "engine.training_utils": ("utils",),
    "initializations": (),
    "legacy": (),
    "legacy.interfaces": (),
    "legacy.models": ("models",),
    "objectives": ("losses",),
    "backend.tensorflow_backend": ("backend",),
    "backend.common": ("backend",),
    "backend.load_backend": ("backend",),
    "datasets.cifar": (),
    **{
        f"utils.{name}": ("utils",)
        for name in (
            "conv_utils",
            "data_utils",
            "generic_utils",
            "io_utils",
            "layer_utils",
            "losses_utils",
            "metrics_utils",
            "multi_gpu_utils",
            "np_utils",
            "test_utils",
            "training_utils",
            "vis_utils",
            "visualize_util",
        )
    },
    "wrappers": (),
}
# They had the backend in them by its usual name, which scripts took from there.
_WITH_BACKEND = ("layers", "engine", "models", "callbacks", "losses", "metrics", "optimizers")
# One package may go by several names.
_TWINS = {"keras_preprocessing": "preprocessing", "keras_applications": "applications"}
_TF = "tensorflow.python.keras"


def builders() -> dict[str, Fill]:
    """Return what fills each module of the package, by its full name."""
    import tf_keras

    names = [name.partition(".")[2] for name in sys.modules if name.startswith("tf_keras.")]
    today = [n for n in names if n.split(".")[0] not in ("src", "api", "protobuf", "dtensor", "estimator")]
    found: dict[str, Fill] = {}
    for name in (*today, *_MOVED):
        sources = _MOVED.get(name, (name,))
        found[f"keras.{name}"] = found[f"{_TF}.{name}"] = _filled(name, sources)
    found["keras"] = found[_TF] = _package(tf_keras, [*today, *_MOVED])
    for place in ("keras", _TF):
        found[f"{place}.backend"] = backend.fill
        for at in ("backend.tensorflow_backend", "backend.common", "backend.load_backend"):
            found[f"{place}.{at}"] = backend.fill
        found[f"{place}.wrappers.scikit_learn"] = wrappers.fill
        found[f"{place}.legacy.interfaces"] = leftovers.interfaces
        found[f"{place}.datasets.cifar"] = leftovers.cifar
        found[f"{place}.initializations"] = initializations.fill
    for twin, name in _TWINS.items():
        for below in [n for n in found if f"{n}.".startswith(f"keras.{name}.")]:
            found[below.replace(f"keras.{name}", twin, 1)] = found[below]
    found.update({f"tensorflow.keras.{name}": found[f"keras.{name}"] for name in _MOVED})
    found["tensorflow.keras.wrappers.scikit_learn"] = wrappers.fill
    found["keras.layers.merge"] = _callable(found["keras.layers.merge"])
    return found


def _additions(name: str) -> dict[str, Any]:
    """Return what a module such as ``layers.core`` gets beside what today's has."""
    match name.split(".")[0]:
        case "models":
            return leftovers.inputs()
        case "applications":
            return leftovers.applications()
        case "layers" | "engine" | "legacy":
            return {**_layers(), **gone_layers.make(), **merging.make(), **leftovers.engine()}
        case "constraints":
            return leftovers.constraints()
        case "regularizers":
            return leftovers.regularizers()
        case "optimizers":
            return optimizers.named()
        case "initializers":
            return keras_utils.initializers()
        case "utils":
            return keras_utils.additions(name)
        case "losses" | "objectives":
            return {**keras_utils.losses(), **leftovers.measures()}
        case "metrics":
            return leftovers.measures()
    return {}


def _layers() -> dict[str, Any]:
    import tf_keras

    layers = tf_keras.layers
    return {
        "AtrousConv1D": layers.Conv1D,
        "AtrousConvolution1D": layers.Conv1D,
        "AtrousConvolution2D": layers.Conv2D,
        "AtrousConv2D": layers.Conv2D,
        "CuDNNGRU": layers.GRU,
        "CuDNNLSTM": layers.LSTM,
        "Deconvolution2D": layers.Conv2DTranspose,
        "Deconv2D": layers.Conv2DTranspose,
        "Deconvolution3D": layers.Conv3DTranspose,
        "Deconv3D": layers.Conv3DTranspose,
        "Recurrent": layers.RNN,
        "get_source_inputs": tf_keras.utils.get_source_inputs,
    }


def _filled(name: str, sources: tuple[str, ...]) -> Fill:
    def fill(module: ModuleType) -> None:
        for source in sources:
            vars(module).update(public(importlib.import_module(f"tf_keras.{source}")))
        vars(module).update(_additions(name))
        place = module.__name__.removesuffix(f".{name}")
        if name.startswith("layers"):
            vars(module).update(leftovers.handed_on(place))
        if name.partition(".")[0] in _WITH_BACKEND:
            vars(module).setdefault("K", importlib.import_module(f"{place}.backend"))
        module.__dict__.update({**hidden.handed_on(name), **vars(module)})
        module.__getattr__ = hidden.finder(place, name)  # type: ignore[method-assign]

    return fill


class _MergeModule(ModuleType):
    """A module in Keras 2, and in Keras 1 a function of this name."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return vars(self)["merge"](*args, **kwargs)


def _callable(fill: Fill) -> Fill:
    def filled(module: ModuleType) -> None:
        fill(module)
        module.__class__ = _MergeModule

    return filled


def _package(today: ModuleType, names: list[str]) -> Fill:
    def fill(module: ModuleType) -> None:
        vars(module).update(public(today))
        module.__version__ = today.__version__  # type: ignore[attr-defined]
        for name in names:  # `import keras` alone gave all of them
            importlib.import_module(f"{module.__name__}.{name}")

    return fill
