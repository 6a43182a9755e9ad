"""Optimizers with the arguments and defaults of Keras 1 and 2, on today's legacy classes."""

from __future__ import annotations

import functools
import inspect
from types import ModuleType, SimpleNamespace
from typing import Any

_NAMES = ("SGD", "RMSprop", "Adagrad", "Adadelta", "Adam", "Adamax", "Nadam")


def _by_name(arguments: tuple[str, ...], given: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Name positional arguments in the order of the time, and the learning rate as today."""
    named = {**dict(zip(arguments, given, strict=False)), **kwargs}
    if "lr" in named:
        named["learning_rate"] = named.pop("lr")
    return {name: value for name, value in named.items() if value is not None}


def _old(name: str, arguments: tuple[str, ...], **defaults: Any) -> Any:
    from tf_keras.optimizers import legacy

    base = getattr(legacy, name)

    class Old(base):  # type: ignore[misc,valid-type]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            named = {**defaults, **_by_name(arguments, args, kwargs)}
            named.pop("schedule_decay", None)  # Nadam has its default, 0.004, built in
            super().__init__(**named)

        @property
        def initial_decay(self) -> float:
            """What `decay` was said to be."""
            return float(self._initial_decay)

    Old.__name__ = Old.__qualname__ = name
    Old.__doc__ = f"{name} as Keras 2 had it."
    return Old


def make() -> dict[str, Any]:
    """Return the optimizers by their names."""
    adam = ("lr", "beta_1", "beta_2", "epsilon", "decay", "amsgrad")
    return {
        "SGD": _old("SGD", ("lr", "momentum", "decay", "nesterov"), learning_rate=0.01),
        "RMSprop": _old("RMSprop", ("lr", "rho", "epsilon", "decay"), learning_rate=0.001),
        "Adagrad": _old(
            "Adagrad", ("lr", "epsilon", "decay"), learning_rate=0.01, initial_accumulator_value=0.0
        ),
        "Adadelta": _old("Adadelta", ("lr", "rho", "epsilon", "decay"), learning_rate=1.0),
        "Adam": _old("Adam", adam, learning_rate=0.001),
        "Adamax": _old("Adamax", adam[:5], learning_rate=0.002),
        "Nadam": _old("Nadam", ("lr", "beta_1", "beta_2", "epsilon", "schedule_decay"), learning_rate=0.002),
    }


OLD: dict[str, Any] = {}
# Keras 2.5 to 2.8 had a module for each, which scripts import.
_MODULES = {
    "gradient_descent_v2": "SGD",
    "rmsprop_v2": "RMSprop",
    "adagrad_v2": "Adagrad",
    "adadelta_v2": "Adadelta",
    "adam_v2": "Adam",
    "adamax_v2": "Adamax",
    "nadam_v2": "Nadam",
}


def _clip_norm(g: Any, c: float, n: Any) -> Any:
    """Return a gradient that is not longer than `c`, all of them being `n` long together."""
    import tensorflow

    return tensorflow.where(n >= c, g * c / n, g) if c > 0 else g


def named() -> dict[str, Any]:
    """Return what the module `keras.optimizers` has: classes, their short names, and modules of one."""
    short = {name.lower(): cls for name, cls in OLD.items()}
    return {
        **OLD,
        **short,
        "clip_norm": _clip_norm,
        **{m: SimpleNamespace(**{n: OLD[n]}) for m, n in _MODULES.items() if n in OLD},
    }


def in_graphs(places: tuple[ModuleType, ...]) -> None:
    """Have optimizers that work on TensorFlow 1's graph: those of today work without it only.

    Args:
        places: The modules that offer them.
    """
    from tf_keras.optimizers import legacy
    from tf_keras.src.optimizers import optimizer_v1

    OLD["Optimizer"] = optimizer_v1.Optimizer
    for place in places:
        for name in _NAMES:
            setattr(place, name, getattr(legacy, name))


def install() -> None:
    """Let `compile("adadelta")` mean the optimizer of the time."""
    from tf_keras.src import optimizers

    OLD.update(make())
    by_name = {name.lower(): cls for name, cls in OLD.items()}
    original = optimizers.get

    def get(identifier: Any, **kwargs: Any) -> Any:
        if isinstance(identifier, str) and identifier.lower() in by_name:
            return by_name[identifier.lower()]()
        return original(identifier, **kwargs)

    optimizers.get = get


def accept_decay() -> None:
    """Let the optimizers of `tensorflow.keras` take `decay`, which today is a schedule of their rate."""
    from tf_keras import optimizers

    for name in _NAMES:
        cls = getattr(optimizers, name)
        cls.__init__ = _decaying(cls.__init__, optimizers.schedules.InverseTimeDecay)


def _decaying(original: Any, schedule: Any) -> Any:
    signature = inspect.signature(original)

    @functools.wraps(original)
    def __init__(self: Any, *args: Any, decay: float | None = None, **kwargs: Any) -> None:
        if "lr" in kwargs:
            kwargs["learning_rate"] = kwargs.pop("lr")
        given = signature.bind(self, *args, **kwargs)
        given.apply_defaults()
        if decay:
            given.arguments["learning_rate"] = schedule(given.arguments["learning_rate"], 1, decay)
        original(*given.args, **given.kwargs)

    return __init__
