"""`keras.initializations` of Keras 1, whose functions made variables, and initializers of one argument."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

_SCALES = ("lecun_uniform", "glorot_normal", "glorot_uniform", "he_normal", "he_uniform")
_NAMES = ("uniform", "normal", *_SCALES, "orthogonal", "identity", "zero", "one")
_SCALED = {"uniform": ("RandomUniform", "maxval"), "normal": ("RandomNormal", "stddev")}


def fill(module: ModuleType) -> None:
    """Fill the module `keras.initializations`."""
    from tf_keras import backend, initializers

    def get(identifier: Any, **_: Any) -> Callable[..., Any]:
        """Return the function of a name; a function is returned as it is."""
        return identifier if inspect.isfunction(identifier) else makes_variables(identifier)

    def makes_variables(identifier: Any) -> Callable[..., Any]:
        def make(shape: Any, scale: float | None = None, name: str | None = None, **options: Any) -> Any:
            found = initializers.get(identifier)
            if scale is not None and identifier in _SCALED:
                kind, parameter = _SCALED[identifier]
                found = getattr(initializers, kind)(**{parameter: scale})
            if scale is not None and identifier == "uniform":
                found = initializers.RandomUniform(-scale, scale)
            return backend.variable(found(shape), name=name)

        return make

    vars(module).update({name: makes_variables(name) for name in _NAMES}, get=get)


def install() -> None:
    """Let a function of a shape alone be an initializer, and others draw other numbers at each call."""
    from tf_keras import initializers as public
    from tf_keras.src import backend, initializers

    def draw_anew(self: Any) -> None:
        if getattr(self, "_used", False) and getattr(self, "seed", None) is None:
            self._random_generator = backend.RandomGenerator(None, rng_type="stateless")
        self._used = True

    initializers.Initializer._warn_reuse = draw_anew

    original = initializers.get

    @functools.wraps(original)
    def get(identifier: Any) -> Any:
        return _of_shape(identifier) if inspect.isfunction(identifier) else original(identifier)

    initializers.get = public.get = get


def _of_shape(function: Callable[..., Any]) -> Callable[..., Any]:
    known = inspect.signature(function).parameters
    every = any(parameter.kind is parameter.VAR_KEYWORD for parameter in known.values())

    @functools.wraps(function)
    def initialize(shape: Any, dtype: Any = None, **options: Any) -> Any:
        import tensorflow

        given = {name: value for name, value in {"dtype": dtype, **options}.items() if every or name in known}
        if "name" in known:
            given["name"] = None
        return tensorflow.convert_to_tensor(function(shape, **given), dtype=dtype)

    return initialize
