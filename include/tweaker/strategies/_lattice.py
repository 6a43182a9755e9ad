"""Sensible values of each hyper-parameter, as a lattice: what a person would write, not any number.

Widths double, learning rates go by half a power of ten, everything else by its step. Strategies that compare
configurations see each value as a coordinate from 0 to 1, on the parameter's own (logarithmic) scale.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from itertools import islice

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from include.tweaker.space import Parameter, SearchSpace, Value
from include.tweaker.strategies._steps import DOWN, UP, step
from include.tweaker.strategies.suggest import plain
from include.tweaker.values import contains

MOST_VALUES = 16
Values = dict[str, Value]


def lattice(parameter: Parameter) -> tuple[Value, ...]:
    """Return the values worth trying, in order; the developer's own and the usual one are among them."""
    distribution = parameter.distribution
    if isinstance(distribution, CategoricalDistribution):
        return tuple(plain(choice) for choice in distribution.choices)
    if not isinstance(distribution, (FloatDistribution, IntDistribution)):
        raise TypeError(f"{parameter.name} has a distribution without values: {distribution}")
    own = {value for value in (parameter.default, parameter.usual) if value is not None}
    inside = {value for value in own if contains(distribution, value)}
    numbers = {*_spread(parameter, distribution), *inside}
    return tuple(sorted(value for value in numbers if not isinstance(value, str)))


def _spread(parameter: Parameter, distribution: FloatDistribution | IntDistribution) -> Iterator[Value]:
    yield from (distribution.low, distribution.high)
    if distribution.log:
        for direction in (UP, DOWN):
            value: Value | None = parameter.default
            while value is not None and (value := step(parameter, value, direction)) is not None:
                yield value
        return
    width = distribution.step or (distribution.high - distribution.low) / 7
    count = round((distribution.high - distribution.low) / width) if width else 0
    stride = max(1, math.ceil(count / (MOST_VALUES - 1)))
    for number in range(0, count + 1, stride):
        yield _tidy(distribution, distribution.low + number * width)


def _tidy(distribution: FloatDistribution | IntDistribution, value: float) -> Value:
    return int(value) if isinstance(distribution, IntDistribution) else round(value, 6)


def coordinate(parameter: Parameter, value: Value) -> float:
    """Return where a value lies between the ends of its range, 0 to 1; the index of a choice.

    A history may hold what is no longer allowed: such a choice is at −1, unlike all others.
    """
    distribution = parameter.distribution
    if isinstance(distribution, CategoricalDistribution):
        choices = [plain(choice) for choice in distribution.choices]
        return float(choices.index(value)) if value in choices else -1.0
    low, high = float(getattr(distribution, "low")), float(getattr(distribution, "high"))  # noqa: B009
    number = float(value)
    if getattr(distribution, "log", False):
        low, high, number = math.log(low), math.log(high), math.log(number)
    return (number - low) / (high - low) if high > low else 0.0


def value_at(parameter: Parameter, where: float) -> Value:
    """Return the value of the lattice nearest to a coordinate 0 to 1; choices share that range evenly."""
    values = lattice(parameter)
    if isinstance(parameter.distribution, CategoricalDistribution):
        return values[min(int(max(where, 0.0) * len(values)), len(values) - 1)]
    return min(values, key=lambda value: abs(coordinate(parameter, value) - where))


def every(space: SearchSpace, seed: int, *, whole: bool = False) -> Iterator[Values]:
    """Yield each combination of the lattice once, in an order that the seed decides.

    An affine map of the combination's number visits all without holding them, and without walking through
    one corner first, where nothing may be feasible. Combinations that differ only in values that don't
    count come more than once.

    Args:
        space: What can be tweaked.
        seed: Of the order.
        whole: Take every whole number of a range instead of the lattice's.
    """
    axes = [(_all(p.distribution) if whole else ()) or lattice(p) for p in space.parameters]
    count = math.prod(len(axis) for axis in axes)
    generator = random.Random(seed)  # noqa: S311 - an order, not a secret
    offset, stride = generator.randrange(count), generator.randrange(count) | 1
    while math.gcd(stride, count) != 1:
        stride += 1
    number = offset
    for _ in _counted(count):
        yield _combination(space, axes, number)
        number = (number + stride) % count


def _counted(count: int) -> Iterator[int]:
    """Count as `range` does, also beyond what `len` of a range can hold."""
    number = 0
    while number < count:
        yield number
        number += 1


def _combination(space: SearchSpace, axes: list[tuple[Value, ...]], number: int) -> Values:
    values: Values = {}
    for parameter, axis in zip(space.parameters, axes, strict=True):
        number, index = divmod(number, len(axis))
        values[parameter.name] = axis[index]
    return active(space, values)


def _all(distribution: BaseDistribution) -> tuple[Value, ...]:
    if not isinstance(distribution, IntDistribution):
        return ()
    return tuple(range(distribution.low, distribution.high + 1, distribution.step))


def is_countable(space: SearchSpace) -> bool:
    """Return whether the space holds finitely many configurations."""
    return not any(
        isinstance(p.distribution, FloatDistribution) and p.distribution.step is None
        for p in space.parameters
    )


def some(space: SearchSpace, seed: int, count: int) -> Iterator[Values]:
    """Yield a few random combinations of the lattice."""
    return islice(every(space, seed), count)


def active(space: SearchSpace, values: Mapping[str, Value]) -> Values:
    """Return only the values that count."""
    settled = {**space.defaults(), **values}
    return {parameter.name: settled[parameter.name] for parameter in space.active(settled)}
