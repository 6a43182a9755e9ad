"""Sensible values around what the developer pushed, for each kind of hyper-parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.tweaker.space import Value

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

USUAL_LEARNING_RATE = {
    "adam": 1e-3,
    "adamw": 1e-3,
    "nadam": 1e-3,
    "adamax": 1e-3,
    "rmsprop": 1e-3,
    "lion": 1e-4,
    "ftrl": 1e-2,
    "adagrad": 1e-2,
    "sgd": 1e-2,
    "adadelta": 1.0,
}
MOST_EPOCHS = 60
LARGEST_KERNEL = 7


def around(kind: str, default: Value, *, image_side: int | None = None) -> BaseDistribution | None:
    """Return the values to try around a pushed one.

    Args:
        kind: As `include.tweaker.kinds.kind_of` names it.
        default: The pushed value.
        image_side: Smaller side of the image in pixels, where it is known.

    Returns:
        A distribution that contains `default`, or None where nothing is left to try.
    """
    if isinstance(default, str) or default < 0:
        return None
    if kind in ("learning_rate", "dropout"):
        return _rate(kind, float(default))
    if default != int(default) or default < 1:
        return None
    return _count(kind, int(default), image_side or LARGEST_KERNEL)


def _rate(kind: str, default: float) -> BaseDistribution | None:
    from optuna.distributions import FloatDistribution

    if kind == "dropout":
        return FloatDistribution(0.0, max(default, 0.7)) if default < 1 else None
    return FloatDistribution(min(default, 1e-5), max(default, 1.0), log=True) if default > 0 else None


def _count(kind: str, default: int, side: int) -> BaseDistribution | None:
    from optuna.distributions import IntDistribution

    if kind == "kernel_size":
        return _kernel(default, min(LARGEST_KERNEL, side))
    if kind == "strides":
        return IntDistribution(1, max(default, 2))
    if kind == "pool_size":
        return IntDistribution(min(default, 2), max(default, min(4, side)))
    if kind in ("conv_layers", "dense_layers"):
        return IntDistribution(min(default, 1), default + 2)
    if kind == "epochs":
        high = max(default, min(4 * default, MOST_EPOCHS))
        return IntDistribution(default, high, log=True) if high > default else None
    low, high = _BOUNDS[kind]
    return IntDistribution(
        min(default, max(low, default // 8)), max(default, min(high, default * 16)), log=True
    )


_BOUNDS = {"filters": (4, 512), "units": (8, 1024), "batch_size": (8, 512)}


def _kernel(default: int, largest: int) -> BaseDistribution:
    from optuna.distributions import IntDistribution

    if default % 2 == 0:  # an even kernel is unusual enough to leave every neighbour open
        return IntDistribution(min(default, 2), max(default, largest))
    high = max(default, largest if largest % 2 else largest - 1)
    return IntDistribution(min(default, 3), high, step=2)
