"""What the tweaker knows of Keras: layers and their arguments across its versions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Signature:
    """The kind of a Keras call and its positional arguments."""

    kind: str
    positions: tuple[str, ...] = ()


_CONV = Signature("conv", ("filters", "kernel_size", "strides", "padding"))
_DEPTHWISE = Signature("depthwise", ("kernel_size", "strides", "padding"))
_TRANSPOSE = Signature("transpose", ("filters", "kernel_size", "strides", "padding"))
_POOL = Signature("pool", ("pool_size", "strides", "padding"))
_RATE = Signature("dropout", ("rate",))
CLASSIC_SIDES = ("rows", "columns", "depth")  # Keras 1: Convolution2D(32, 3, 3, border_mode="same")
_DIMENSIONS = (1, 2, 3)


def _each(names: tuple[str, ...], known: Signature) -> dict[str, Signature]:
    return {f"{name}{n}D": known for n in _DIMENSIONS for name in names}


def _all(names: tuple[str, ...], kind: str) -> dict[str, Signature]:
    return dict.fromkeys(names, Signature(kind))


SIGNATURES = {
    **_each(("Conv", "Convolution", "SeparableConv", "SeparableConvolution"), _CONV),
    **_each(("DepthwiseConv",), _DEPTHWISE),
    **_each(("MaxPooling", "MaxPool", "AveragePooling", "AvgPool"), _POOL),
    **_each(("GlobalMaxPooling", "GlobalMaxPool"), Signature("global")),
    **_each(("GlobalAveragePooling", "GlobalAvgPool"), Signature("global")),
    **_each(("SpatialDropout",), _RATE),
    **_each(("Conv",), _CONV),
    **{f"Conv{n}DTranspose": _TRANSPOSE for n in _DIMENSIONS},
    **_each(("UpSampling",), Signature("upsample", ("size",))),
    **_each(("ZeroPadding",), Signature("pad", ("padding",))),
    **_each(("Cropping",), Signature("crop", ("cropping",))),
    **dict.fromkeys(("Dropout", "AlphaDropout", "GaussianDropout"), _RATE),
    "Dense": Signature("dense", ("units", "activation")),
    "Flatten": Signature("flatten"),
    "Reshape": Signature("reshape", ("target_shape",)),
    "Input": Signature("input", ("shape",)),
    "InputLayer": Signature("input", ("input_shape",)),
    "Activation": Signature("activation", ("activation",)),
    **_all(("ReLU", "LeakyReLU", "ELU", "PReLU", "Softmax", "ThresholdedReLU"), "activation"),
    **_all(("BatchNormalization", "LayerNormalization", "GroupNormalization"), "norm"),
    **_all(("GaussianNoise", "Rescaling", "Normalization", "ActivityRegularization"), "neutral"),
    **_all(("RandomFlip", "RandomRotation", "RandomZoom", "RandomTranslation", "RandomContrast"), "neutral"),
    **_all(("Add", "Multiply", "Average", "Maximum", "Subtract"), "add"),
    "Concatenate": Signature("concat"),
}
OPTIMIZERS = {
    name.lower(): name
    for name in (
        *("Adam", "AdamW", "Nadam", "Adamax", "RMSprop", "SGD"),
        *("Adagrad", "Adadelta", "Ftrl", "Lion"),
    )
}
DEFAULT_LEARNING_RATE = dict.fromkeys(OPTIMIZERS, 0.001) | {"sgd": 0.01}
# What Keras 1 and 2 began with, and what the training image gives scripts of their era.
OLD_DEFAULT_LEARNING_RATE = DEFAULT_LEARNING_RATE | {
    "adagrad": 0.01,
    "adadelta": 1.0,
    "adamax": 0.002,
    "nadam": 0.002,
}
ALIASES = {
    "nb_filter": "filters",
    "nb_row": "rows",
    "nb_col": "columns",
    "kernel_dim1": "rows",
    "kernel_dim2": "columns",
    "kernel_dim3": "depth",
    "subsample": "strides",
    "border_mode": "padding",
    "output_dim": "units",
    "p": "rate",
    "filter_length": "kernel_size",
    "subsample_length": "strides",
    "pool_length": "pool_size",
    "stride": "strides",
    "nb_epoch": "epochs",
    "lr": "learning_rate",
}
KERAS_1 = {
    *("nb_filter", "nb_row", "nb_col", "border_mode", "subsample", "dim_ordering"),
    *("nb_epoch", "output_dim", "samples_per_epoch", "nb_val_samples"),
    *("filter_length", "subsample_length", "pool_length", "kernel_dim1", "kernel_dim2", "kernel_dim3"),
}
