"""Which of a push's own values are far from what works for most networks, and what would be usual there.

Far is a factor of three or more in width (four in rates and batches), so that a value which is only small,
or is somebody's habit (Adam at 3e-4, batches of 64), stays. The usual values are those of the first examples
in Keras's own documentation: 32 filters, then 64; 128 units; 2 × 2 pooling; Adam; batches of 32.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from include.tweaker.kinds import kind_of
from include.tweaker.ranges import USUAL_LEARNING_RATE
from include.tweaker.space import Parameter, SearchSpace, Value
from include.tweaker.strategies._lattice import lattice
from include.tweaker.strategies._order import GROWTH, MUCH_DROPOUT
from include.tweaker.values import contains, feasible

if TYPE_CHECKING:
    from collections.abc import Mapping

Values = dict[str, Value]
ADAM = "adam"
_FIRST_FILTERS, _LATER_FILTERS, _UNITS, _POOL, _BATCH, _DROPOUT = 32, 64, 128, 2, 32, 0.25
_NARROW, _OFF, _LARGE_POOL = 3, 4, 4
_FEW_CONV_LAYERS = 4  # a deeper network is narrow, or pools all of its map at the end, on purpose
_SLOW_OPTIMIZERS = ("sgd", "adagrad", "adadelta", "ftrl")  # without a momentum or a rate of their own
_FLAT_ACTIVATIONS = ("sigmoid", "softplus", "softsign", "hard_sigmoid")


def usual_values(space: SearchSpace) -> Values:
    """Return the usual value of each parameter whose own is far from it, as far as the network can take it.

    Where the image doesn't get through all of them, or they cost too much, pooling keeps its own sizes; then
    widths do.
    """
    far = dict(_far(space))
    for kept in ((), ("pool_size",), ("pool_size", "filters", "units")):
        values = {name: value for name, value in far.items() if kind_of(name) not in kept}
        if feasible(space, {**space.defaults(), **values}):
            return values
    return {}


def _far(space: SearchSpace) -> Iterator[tuple[str, Value]]:
    parameters = [p for p in space.active({}) if not p.name.startswith(GROWTH)]
    convolutions = [p.name for p in parameters if kind_of(p.name) == "filters"]
    optimizers = _optimizers(parameters)
    for parameter in parameters:
        own = parameter.default
        if isinstance(own, str):
            usual = optimizers.get(parameter.name) or _activation(parameter)
        elif kind_of(parameter.name) == "learning_rate":
            usual = _rate(parameter, own, optimizers)
        else:
            usual = _number(parameter, own, convolutions)
        inside = _inside(parameter, usual) if usual is not None else None
        if inside is not None and inside != own:
            yield parameter.name, inside


def _optimizers(parameters: list[Parameter]) -> dict[str, Value]:
    """Return the optimizers to exchange, by parameter."""
    slow = [p for p in parameters if str(p.default).lower() in _SLOW_OPTIMIZERS]
    return {p.name: choice for p in slow for choice in _choices(p) if str(choice).lower() == ADAM}


def _activation(parameter: Parameter) -> Value | None:
    flat = parameter.default in _FLAT_ACTIVATIONS and "relu" in _choices(parameter)
    return "relu" if flat else None


def _rate(parameter: Parameter, own: float, optimizers: Mapping[str, Value]) -> Value | None:
    """Return the usual learning rate of the optimizer that there will be."""
    owner = parameter.name.rpartition(".")[0]
    exchanged = any(name in (owner, f"{owner}.name") for name in optimizers) or (not owner and optimizers)
    usual = USUAL_LEARNING_RATE[ADAM] if exchanged else parameter.usual
    if usual is None or isinstance(usual, str) or own <= 0:
        return None
    return usual if not 1 / _OFF < own / usual < _OFF else None


def _number(parameter: Parameter, own: float, convolutions: list[str]) -> Value | None:
    kind, deep = kind_of(parameter.name), len(convolutions) > _FEW_CONV_LAYERS
    if kind == "filters":
        usual = _FIRST_FILTERS if deep or parameter.name == convolutions[0] else _LATER_FILTERS
        return usual if own * _NARROW <= usual else None
    if kind == "units":
        return _UNITS if own * _NARROW <= _UNITS else None
    if kind == "pool_size":
        return _POOL if own >= _LARGE_POOL and not deep else None
    if kind == "batch_size":
        return _BATCH if own >= _BATCH * _OFF else None
    return _DROPOUT if kind == "dropout" and own > MUCH_DROPOUT else None


def _choices(parameter: Parameter) -> tuple[Value, ...]:
    return lattice(parameter) if isinstance(parameter.default, str) else ()


def _inside(parameter: Parameter, usual: Value) -> Value | None:
    """Return a usual value, or the nearest one that the range has between the own value and it."""
    own = parameter.default
    if contains(parameter.distribution, usual) or isinstance(own, str) or isinstance(usual, str):
        return usual if contains(parameter.distribution, usual) else None
    low, high = sorted((own, usual))
    between = [value for value in lattice(parameter) if not isinstance(value, str) and low <= value <= high]
    return min(between, key=lambda value: abs(value - usual), default=None)
