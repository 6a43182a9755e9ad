"""What the tweaker knows of Keras: layers, their arguments, and what these are called across its versions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from include.tweaker.interfaces._syntax import Module, dotted


@dataclass(frozen=True)
class Signature:
    """The kind of a Keras call and its positional arguments."""

    kind: str
    positions: tuple[str, ...] = ()


_CONV = Signature("conv", ("filters", "kernel_size", "strides", "padding"))
_POOL = Signature("pool", ("pool_size", "strides", "padding"))
_RATE = Signature("dropout", ("rate",))
_CLASSIC_CONV = ("filters", "rows", "columns")  # Keras 1: Convolution2D(32, 3, 3, border_mode="same")

SIGNATURES = {
    **{f"{name}{n}D": _CONV for n in (1, 2, 3) for name in ("Conv", "Convolution", "SeparableConv")},
    **{
        f"{name}{n}D": _POOL
        for n in (1, 2, 3)
        for name in ("MaxPooling", "MaxPool", "AveragePooling", "AvgPool")
    },
    **{
        f"{name}{n}D": Signature("global")
        for n in (1, 2, 3)
        for name in ("GlobalMaxPooling", "GlobalMaxPool")
    },
    **{f"Global{a}{n}D": Signature("global") for n in (1, 2, 3) for a in ("AveragePooling", "AvgPool")},
    **{f"SpatialDropout{n}D": _RATE for n in (1, 2, 3)},
    "Dropout": _RATE,
    "AlphaDropout": _RATE,
    "GaussianDropout": _RATE,
    "Dense": Signature("dense", ("units", "activation")),
    "Flatten": Signature("flatten"),
    "ZeroPadding2D": Signature("pad", ("padding",)),
    "Reshape": Signature("reshape", ("target_shape",)),
    "Input": Signature("input", ("shape",)),
    "InputLayer": Signature("input", ("input_shape",)),
    "Activation": Signature("activation", ("activation",)),
    **{
        name: Signature("activation")
        for name in ("ReLU", "LeakyReLU", "ELU", "PReLU", "Softmax", "ThresholdedReLU")
    },
    **{
        name: Signature("norm") for name in ("BatchNormalization", "LayerNormalization", "GroupNormalization")
    },
    **{
        name: Signature("neutral")
        for name in ("GaussianNoise", "Rescaling", "Normalization", "ActivityRegularization")
    },
    **{
        name: Signature("neutral")
        for name in ("RandomFlip", "RandomRotation", "RandomZoom", "RandomTranslation")
    },
}
OPTIMIZERS = {
    name.lower(): name
    for name in (
        *("Adam", "AdamW", "Nadam", "Adamax", "RMSprop", "SGD"),
        *("Adagrad", "Adadelta", "Ftrl", "Lion"),
    )
}
DEFAULT_LEARNING_RATE = {"sgd": 0.01}  # every other optimizer of Keras starts at 0.001
_ALIASES = {
    "nb_filter": "filters",
    "nb_row": "rows",
    "nb_col": "columns",
    "subsample": "strides",
    "border_mode": "padding",
    "output_dim": "units",
    "p": "rate",
    "nb_epoch": "epochs",
    "lr": "learning_rate",
}
_KERAS_1 = {"nb_filter", "nb_row", "nb_col", "border_mode", "subsample", "dim_ordering", "init"}


def callee(call: cst.Call, module: Module) -> str:
    """Return the last part of a called name, through ``import … as``: ``Conv2D`` for ``layers.Conv2D``."""
    name = dotted(call.func)
    if "." not in name:
        origin = module.imports.get(name, ("", None))[1]
        return origin or name
    return name.rpartition(".")[2]


def arguments(call: cst.Call, positions: tuple[str, ...]) -> dict[str, cst.Arg]:
    """Return a call's arguments by their present-day names."""
    named = list(_named(call, _classic(call, positions)))
    return dict(named)


def _classic(call: cst.Call, positions: tuple[str, ...]) -> tuple[str, ...]:
    keywords = {argument.keyword.value for argument in call.args if argument.keyword is not None}
    return _CLASSIC_CONV if positions == _CONV.positions and keywords & _KERAS_1 else positions


def _named(call: cst.Call, positions: tuple[str, ...]) -> Iterator[tuple[str, cst.Arg]]:
    for index, argument in enumerate(call.args):
        if argument.star:
            return
        if argument.keyword is not None:
            yield _ALIASES.get(argument.keyword.value, argument.keyword.value), argument
        elif index < len(positions):
            yield positions[index], argument


def optimizer_prefix(module: Module, optimizer: str) -> str | None:
    """Return how this file can spell an optimizer's class, as ``keras.optimizers.Adam``; None if it can't."""
    for local, (origin, name) in module.imports.items():
        if name == optimizer and "optimizers" in origin:
            return local
        if name == "optimizers":
            return f"{local}.{optimizer}"
    for local, (origin, name) in module.imports.items():
        full = f"{origin}.{name}" if name else origin
        if full in ("keras", "tensorflow.keras", "tf_keras"):
            return f"{local}.optimizers.{optimizer}"
        if full == "tensorflow":
            return f"{local}.keras.optimizers.{optimizer}"
    return None
