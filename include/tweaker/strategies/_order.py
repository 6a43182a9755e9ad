"""The order in which a climb tries hyper-parameters."""

from __future__ import annotations

from include.tweaker.kinds import kind_of
from include.tweaker.space import Parameter, SearchSpace
from include.tweaker.strategies._steps import usual_instead

GROWTH = "growth."
FEW_EPOCHS = 5
MUCH_DROPOUT = 0.5
_CAPACITY = ("filters", "units", "conv_layers", "dense_layers", "epochs")
_STRUCTURE = ("filters", "kernel_size", "pool_size", "units", "conv_layers", "dense_layers")


def levers(space: SearchSpace) -> list[Parameter]:
    """Return what a climb tries one after the other.

    The seed's own protocol keeps the seed's order: each conv layer, more conv layers, dense layers. Elsewhere
    what most often holds a network back comes first (a learning rate that is far off, too few epochs), then
    each layer in the seed's order, then the finer settings, and growth last.
    """
    tried = [p for p in space.parameters if p.active_if is None or not p.active_if[0].startswith(GROWTH)]
    if space.interface == "stdin":
        return tried
    return sorted(tried, key=_tier)


def _tier(parameter: Parameter) -> int:
    kind, default = kind_of(parameter.name), parameter.default
    if parameter.name.startswith(GROWTH):
        return 5
    if usual_instead(parameter, parameter.default) is not None:
        return 0
    if isinstance(default, str) or parameter.secondary:
        return 4
    if kind == "dropout" and default > MUCH_DROPOUT:
        return 1
    if kind == "epochs":
        return 2 if default <= FEW_EPOCHS else 4
    return 3 if kind in _STRUCTURE else 4


def is_capacity(parameter: Parameter) -> bool:
    """Return whether less of it makes a smaller network, which hardly ever is the better one."""
    return kind_of(parameter.name) in _CAPACITY
