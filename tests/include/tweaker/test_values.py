"""Search spaces and the checks on values."""

import json

import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from include.tweaker import (
    Layer,
    Network,
    Parameter,
    SearchSpace,
    UnknownParameterError,
    ValueOutOfRangeError,
    feasible,
    settle,
)

STACK = (
    Layer("conv", "conv1", 3),
    Layer("pool", "pool1", 2, 0),
    Layer("growth", "", 3),
)
SPACE = SearchSpace(
    "literals",
    (
        Parameter("conv1.filters", "filters of conv 1", 32, IntDistribution(4, 512, log=True)),
        Parameter("conv1.kernel_size", "kernel size of conv 1", 3, IntDistribution(3, 7, step=2)),
        Parameter("pool1.pool_size", "pool size of pool 1", 2, IntDistribution(2, 4)),
        Parameter(
            "optimizer.learning_rate", "learning rate", 1e-3, FloatDistribution(1e-5, 1, log=True), usual=1e-3
        ),
        Parameter("activation", "activation", "relu", CategoricalDistribution(("relu", "tanh"))),
        Parameter("growth.conv_layers", "added conv layers", 0, IntDistribution(0, 2)),
        Parameter("new_conv1.pool_size", "pool size", 2, IntDistribution(1, 4), ("growth.conv_layers", 1)),
    ),
    ("dense 2: computed at run time",),
    Network(28, 28, STACK),
)


def test_a_space_survives_json() -> None:
    assert SearchSpace.from_json(json.loads(json.dumps(SPACE.to_json()))) == SPACE


def test_grown_layers_only_count_while_they_exist() -> None:
    assert "new_conv1.pool_size" not in settle(SPACE, {})
    assert settle(SPACE, {"growth.conv_layers": 1})["new_conv1.pool_size"] == 2


def test_whole_numbers_given_as_floats_become_whole() -> None:
    assert settle(SPACE, {"conv1.filters": 64.0})["conv1.filters"] == 64
    assert isinstance(settle(SPACE, {"conv1.filters": 64.0})["conv1.filters"], int)


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownParameterError, match=r"'conv1\.filter'; the nearest is 'conv1\.filters'"):
        settle(SPACE, {"conv1.filter": 64})


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("conv1.filters", 1000, "whole number from 4 to 512; the nearest is 512"),
        ("conv1.filters", 32.5, "the nearest is 32"),
        ("conv1.filters", "64", "can't be '64'"),
        ("conv1.filters", True, "can't be True"),
        ("conv1.kernel_size", 4, "in steps of 2; the nearest is 3"),
        ("optimizer.learning_rate", 0.0, "number from 1e-05 to 1.*; the nearest is 1e-05"),
        ("optimizer.learning_rate", float("nan"), "can't be nan"),
        ("activation", "rely", "the nearest is 'relu'; choices: relu, tanh"),
    ],
)
def test_a_value_out_of_range_is_refused_with_the_nearest(name: str, value: int, message: str) -> None:
    with pytest.raises(ValueOutOfRangeError, match=message):
        settle(SPACE, {name: value})


@pytest.mark.parametrize(
    ("values", "fits"),
    [
        ({}, True),
        ({"conv1.kernel_size": 7, "pool1.pool_size": 4}, True),
        ({"growth.conv_layers": 1, "new_conv1.pool_size": 4}, True),
        ({"growth.conv_layers": 2, "new_conv1.pool_size": 4, "pool1.pool_size": 4}, False),
    ],
)
def test_the_image_must_get_through_every_layer(values: dict[str, int], fits: bool) -> None:
    assert feasible(SPACE, values) is fits


def test_padding_keeps_the_border_and_strides_shrink() -> None:
    stack = (Layer("conv", "conv1", 5, same=True), Layer("conv", "conv2", 3, stride=2), Layer("pad", "", 1))
    assert list(Network(9, 12, stack).sides({})) == [9, 4, 6]
