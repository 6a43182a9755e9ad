"""The next value of one hyper-parameter in one direction."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from include.tweaker.kinds import kind_of
from include.tweaker.space import Parameter, Value

if TYPE_CHECKING:
    from optuna.distributions import FloatDistribution, IntDistribution

UP, DOWN = 1, -1
FAR = 0.99  # powers of ten between a learning rate and the usual one from which on it is suspicious


def step(parameter: Parameter, value: Value, direction: int, *, finer: bool = False) -> Value | None:
    """Return the neighbour of a value, or None at the end of its range.

    Args:
        parameter: The hyper-parameter.
        value: Its value now.
        direction: `UP` or `DOWN`.
        finer: Take half the step, where steps can be halved.
    """
    from optuna.distributions import FloatDistribution, IntDistribution

    distribution = parameter.distribution
    if isinstance(value, str) or not isinstance(distribution, (FloatDistribution, IntDistribution)):
        return None
    if isinstance(distribution, IntDistribution):
        moved: int | float = _whole_step(distribution, int(value), direction)
    else:
        moved = _float_step(distribution, float(value), direction, 0.5 if finer else 1.0)
    inside = min(max(moved, distribution.low), distribution.high)
    return inside if (inside - value) * direction > 0 else None


def _whole_step(distribution: IntDistribution, value: int, direction: int) -> int:
    if distribution.log:
        return value * 2 if direction == UP else value // 2
    return value + direction * distribution.step


def _float_step(distribution: FloatDistribution, value: float, direction: int, share: float) -> float:
    if distribution.log:
        return float(f"{value * 10 ** (direction * share / 2):.2g}")
    width = distribution.step or (distribution.high - distribution.low) / 7 * share
    return round(value + direction * width, 6)


def directions(parameter: Parameter, value: Value) -> tuple[int, int]:
    """Return the direction that more often helps, then the other."""
    kind = kind_of(parameter.name)
    if kind in ("dropout", "batch_size"):
        return DOWN, UP
    usual = parameter.usual
    if isinstance(value, str) or usual is None or isinstance(usual, str) or usual >= value:
        return UP, DOWN
    return DOWN, UP


def usual_instead(parameter: Parameter, value: Value) -> Value | None:
    """Return the value that works for most networks where this one is ten times off or more."""
    from include.tweaker.values import contains

    usual = parameter.usual
    if isinstance(value, str) or isinstance(usual, str) or not usual or value <= 0:
        return None
    far = abs(math.log10(value / usual)) >= FAR
    return usual if far and contains(parameter.distribution, usual) else None
