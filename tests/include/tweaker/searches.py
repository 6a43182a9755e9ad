"""Searches by every strategy that has its packages here, in two spaces."""

import math

import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from include.tweaker import (
    STRATEGIES,
    Parameter,
    SearchSpace,
    UnknownStrategyError,
    Value,
)
from include.tweaker.network import Layer, Network
from include.tweaker.strategies._names import check_name


def _runs(name: str) -> bool:
    try:
        check_name(name)
    except UnknownStrategyError:
        return False
    return True


NAMES = [name for name in STRATEGIES if _runs(name)]


every_strategy = pytest.mark.parametrize("name", NAMES)


_WIDTH = IntDistribution(4, 64, log=True)


_NETWORK = Network(12, 12, (Layer("conv", "conv1", 3), Layer("pool", "pool1", 2, 0), Layer("growth", "", 3)))


PUSHED = SearchSpace(
    "literals",
    (
        Parameter("conv1.filters", "filters of conv 1", 8, _WIDTH),
        Parameter("conv1.kernel_size", "kernel size of conv 1", 3, IntDistribution(3, 11, step=2)),
        Parameter("pool1.pool_size", "pool size of pool 1", 2, IntDistribution(2, 4)),
        Parameter("rate", "learning rate", 0.5, FloatDistribution(1e-5, 1.0, log=True), usual=1e-3),
        Parameter("growth.conv_layers", "added conv layers", 0, IntDistribution(0, 2)),
        Parameter("new_conv1.filters", "filters of new conv 1", 16, _WIDTH, ("growth.conv_layers", 1)),
        Parameter("new_conv2.filters", "filters of new conv 2", 16, _WIDTH, ("growth.conv_layers", 2)),
    ),
    (),
    _NETWORK,
)


HAND_WRITTEN = SearchSpace(
    "hand-written",
    (
        Parameter("filters", "filters", 8, _WIDTH),
        Parameter("dropout", "dropout", 0.5, FloatDistribution(0.0, 0.7)),
        Parameter("optimizer", "optimizer", "sgd", CategoricalDistribution(("sgd", "adam", "lion"))),
        Parameter("layers", "layers", 1, IntDistribution(1, 3)),
        Parameter("second", "units of the second layer", 8, _WIDTH, ("layers", 2)),
    ),
)


def accuracy_of(values: dict[str, Value]) -> float | None:
    """Return a hill with a hole: wide networks of a high learning rate fail."""
    width = int(values.get("conv1.filters", values.get("filters", 8)))
    rate = float(values.get("rate", values.get("dropout", 0.1)))
    if width > 32 and rate > 0.3:
        return None
    return 0.9 - abs(math.log2(width) - 5) / 20 - abs(math.log10(rate + 1e-3) + 2) / 20
