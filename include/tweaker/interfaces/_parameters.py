"""From what was found in the source to parameters with sensible ranges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from include.tweaker.interfaces._finding import Finding, Found
from include.tweaker.interfaces._growth import Growth
from include.tweaker.network import Network
from include.tweaker.ranges import USUAL_LEARNING_RATE, around
from include.tweaker.space import Parameter, Value

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

MOST_NEW_LAYERS = 2
NEW_UNITS = 128
MOST_FILTERS = 512


def parameters(
    found: Sequence[Found], growth: Growth | None, network: Network | None
) -> tuple[Parameter, ...]:
    """Return the search space of a push: what was found, in source order, then growth.

    Args:
        found: The tunable values.
        growth: How layers can be added, None where they can't.
        network: What the image meets on its way, where that is known.
    """
    side = min(network.height, network.width) if network else None
    tuned = [parameter for one in found if isinstance(one, Finding) for parameter in _tuned(one, side)]
    if growth is None:
        return tuple(tuned)
    defaults = {parameter.name: parameter.default for parameter in tuned}
    return (*tuned, *_conv_growth(growth, network, tuned), *_dense_growth(growth, defaults))


def _tuned(one: Finding, side: int | None) -> Iterator[Parameter]:
    from optuna.distributions import CategoricalDistribution

    if one.choices:
        distribution: BaseDistribution | None = CategoricalDistribution(one.choices)
    else:
        distribution = around(one.kind, one.default, image_side=side)
    if distribution is not None:
        usual = USUAL_LEARNING_RATE.get(one.optimizer)
        yield Parameter(one.name, one.label, one.default, distribution, usual=usual, secondary=one.secondary)


def _conv_growth(growth: Growth, network: Network | None, tuned: list[Parameter]) -> Iterator[Parameter]:
    if growth.conv_at is None:
        return
    values: dict[str, Value] = {parameter.name: parameter.default for parameter in tuned}
    filters, kernel = _last(values, "filters", 32), _last(values, "kernel_size", 3)
    kernel = max(kernel, 3) if growth.padded else kernel
    layers: list[Parameter] = []
    count = 0
    for number in range(1, MOST_NEW_LAYERS + 1):
        filters = min(2 * filters, max(filters, MOST_FILTERS))
        fitting = _fitting(growth, network, values, number, kernel)
        if fitting is None:
            break
        count = number
        values |= fitting | {"growth.conv_layers": number}
        layers += _new_conv(growth, number, filters, values)
    if count:
        yield _how_many("growth.conv_layers", "conv layers", count)
        yield from layers


def _fitting(
    growth: Growth, network: Network | None, values: Mapping[str, Value], number: int, kernel: int
) -> dict[str, Value] | None:
    """Return kernel and pool size of a new block that the feature map has room for; None if none fits."""
    pools = (2, 1) if growth.pool_callee and network else (1,)
    for pool in pools:
        for size in dict.fromkeys((kernel, min(kernel, 3))):
            sizes: dict[str, Value] = {
                f"new_conv{number}.kernel_size": size,
                f"new_conv{number}.pool_size": pool,
            }
            tried = {**values, **sizes, "growth.conv_layers": number}
            if network is None or (
                network.fits(tried) and all(side >= pool for side in network.sides(tried))
            ):
                return sizes
    return None


def _new_conv(growth: Growth, number: int, filters: int, values: Mapping[str, Value]) -> Iterator[Parameter]:
    from optuna.distributions import IntDistribution

    active_if = ("growth.conv_layers", number)
    name = f"new_conv{number}"
    entries = [("filters", "filters", filters)]
    entries += [("kernel_size", "kernel size", int(values[f"{name}.kernel_size"]))]
    for suffix, words, default in entries:
        distribution = around(suffix, default)
        if distribution is not None:
            label = f"{words} of new conv {number}"
            yield Parameter(f"{name}.{suffix}", label, default, distribution, active_if)
    if growth.pool_callee:  # a pool size of 1 means no pooling layer
        default = int(values[f"{name}.pool_size"])
        label = f"pool size behind new conv {number}"
        yield Parameter(f"{name}.pool_size", label, default, IntDistribution(1, 3), active_if)


def _dense_growth(growth: Growth, defaults: Mapping[str, Value]) -> Iterator[Parameter]:
    if growth.dense_at is None:
        return
    units = _last(defaults, "units", NEW_UNITS)
    yield _how_many("growth.dense_layers", "dense layers", MOST_NEW_LAYERS)
    for number in range(1, MOST_NEW_LAYERS + 1):
        distribution = around("units", units)
        if distribution is not None:
            label = f"units of new dense {number}"
            active_if = ("growth.dense_layers", number)
            yield Parameter(f"new_dense{number}.units", label, units, distribution, active_if)


def _how_many(name: str, words: str, most: int) -> Parameter:
    from optuna.distributions import IntDistribution

    return Parameter(name, f"added {words}", 0, IntDistribution(0, most))


def _last(values: Mapping[str, Value], suffix: str, otherwise: int) -> int:
    found = [value for name, value in values.items() if name.endswith(f".{suffix}") and "new_" not in name]
    return int(found[-1]) if found else otherwise
