"""Layers that take the arguments of Keras 1, and Keras 2's own two spellings of a kernel."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

# What an argument was called, and what it is called where it is known by one of these names.
_RENAMED: dict[str, tuple[str, ...]] = {
    "output_dim": ("units",),
    "nb_filter": ("filters",),
    "filter_length": ("kernel_size",),
    "kernel_dim": ("kernel_size",),
    "init": ("kernel_initializer", "embeddings_initializer", "alpha_initializer"),
    "inner_init": ("recurrent_initializer",),
    "inner_activation": ("recurrent_activation",),
    "bias": ("use_bias",),
    "border_mode": ("padding",),
    "subsample": ("strides",),
    "subsample_length": ("strides",),
    "stride": ("strides",),
    "pool_length": ("pool_size",),
    "length": ("size",),
    "dim_ordering": ("data_format",),
    "atrous_rate": ("dilation_rate",),
    "p": ("rate",),
    "sigma": ("stddev",),
    "dropout_W": ("dropout",),
    "dropout_U": ("recurrent_dropout",),
    "W_regularizer": ("kernel_regularizer", "embeddings_regularizer"),
    "U_regularizer": ("recurrent_regularizer",),
    "b_regularizer": ("bias_regularizer",),
    "W_constraint": ("kernel_constraint", "embeddings_constraint"),
    "U_constraint": ("recurrent_constraint",),
    "b_constraint": ("bias_constraint",),
    "beta_init": ("beta_initializer",),
    "gamma_init": ("gamma_initializer",),
}
# What they said is the only way today, is found out by the layer, or was left out by Keras 2 already.
_WITHOUT_EFFECT = ("consume_less", "forget_bias_init", "mode", "output_shape", "dropout")
_FORMATS = {"tf": "channels_last", "th": "channels_first", "default": None}
_KERNELS = (("nb_row", "nb_col"), ("kernel_dim1", "kernel_dim2", "kernel_dim3"))


def install(keras: ModuleType, *, split_kernels: bool) -> None:
    """Teach every layer the old arguments; a layer's class stays itself.

    Args:
        keras: The legacy package.
        split_kernels: Whether `Conv2D(32, 3, 2)` has a kernel of 3 by 2, as it had in the package ``keras``;
            in ``tensorflow.keras`` 2 has always been the stride.
    """
    for found in {value for value in vars(keras.layers).values() if inspect.isclass(value)}:
        for cls in found.__mro__:
            if cls.__module__.startswith("tf_keras.src.layers") and "__init__" in vars(cls):
                _teach(cls, split_kernels)


def _teach(cls: Any, split_kernels: bool) -> None:
    original = cls.__init__
    if hasattr(original, "__knows__"):
        return
    knows = _parameters(cls)
    dimensions = _dimensions(cls) if split_kernels else 0

    @functools.wraps(original)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        positional, named = translate(args, kwargs, knows, dimensions)
        original(self, *positional, **named)

    __init__.__knows__ = knows  # type: ignore[attr-defined]
    cls.__init__ = __init__


def translate(
    args: tuple[Any, ...], kwargs: dict[str, Any], knows: frozenset[str], dimensions: int = 0
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return a layer's arguments as they are spelled today.

    Args:
        args: Positional arguments without the layer itself.
        kwargs: Arguments by name.
        knows: The names that the layer knows.
        dimensions: Of its kernel, where those could be given one by one.
    """
    named = {}
    for name, value in kwargs.items():
        new = name if name in knows else _new_name(name, knows)
        if new is not None:
            named[new] = _FORMATS.get(value, value) if name == "dim_ordering" else value
    if dimensions:
        args = _kernel(args, named, dimensions)
        if "output_padding" in knows and len(args) > 2 and len(_sizes(args[2])) > dimensions:
            args = (*args[:2], *args[3:])  # its output's shape, which it finds out by itself
    if "input_length" not in knows and "input_dim" not in knows:
        _shape(named, recurrent="recurrent_initializer" in knows)
    return args, named


def _sizes(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (list, tuple)) else ()


def _new_name(name: str, knows: frozenset[str]) -> str | None:
    if name in _WITHOUT_EFFECT:
        return None
    return next((new for new in _RENAMED.get(name, ()) if new in knows), name)


def _kernel(args: tuple[Any, ...], named: dict[str, Any], dimensions: int) -> tuple[Any, ...]:
    """Join the kernel's sizes, which were arguments of their own."""
    for names in _KERNELS:
        sizes = tuple(named.pop(name) for name in names if name in named)
        if sizes and len(args) > 1:  # Convolution2D(32, 3, nb_col=3)
            return (args[0], (args[1], *sizes), *args[2:])
        if sizes:
            named["kernel_size"] = sizes
    sizes = args[1 : 1 + dimensions]
    if len(sizes) == dimensions > 1 and all(isinstance(size, int) for size in sizes):
        return (args[0], sizes, *args[1 + dimensions :])
    return args


def _shape(named: dict[str, Any], *, recurrent: bool) -> None:
    """Make the shape of what were the length and width of a sequence."""
    length, width = named.pop("input_length", None), named.get("input_dim")
    if width is not None and (length is not None or recurrent):
        del named["input_dim"]
        named["input_shape"] = (length, width)


def _parameters(cls: type) -> frozenset[str]:
    """Return the names of all arguments that a class and those it is made of take."""
    names: set[str] = set()
    for one in cls.__mro__:
        constructor: Callable[..., Any] | None = vars(one).get("__init__")
        if constructor is not None:
            names |= set(inspect.signature(constructor).parameters)
    return frozenset(names - {"self", "args", "kwargs"})


def _dimensions(cls: type) -> int:
    if "kernel_size" not in inspect.signature(cls).parameters or cls.__name__.startswith("Depthwise"):
        return 0
    return next((number for number in (2, 3) if f"{number}D" in cls.__name__), 0)
