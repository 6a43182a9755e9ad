"""How `auto` opens on a network: large moves while they help, and none where there is nothing to move."""

import pytest
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from include.tweaker import Observation, Parameter, Proposal, SearchSpace, Value, feasible, propose
from include.tweaker.network import Cost, Layer, Network
from include.tweaker.strategies._usual import usual_values

_WIDTH = IntDistribution(1, 512, log=True)
_RATE = FloatDistribution(1e-5, 1.0, log=True)
_POOL = IntDistribution(2, 8)
_BATCH = IntDistribution(8, 512, log=True)
_ADDED = Parameter("growth.conv_layers", "added conv layers", 0, IntDistribution(0, 2))
_NEW = [
    Parameter(f"new_conv{n}.filters", f"filters of new conv {n}", 64, _WIDTH, ("growth.conv_layers", n))
    for n in (1, 2)
]
_FILTERS = Parameter("conv1.filters", "filters of conv 1", 4, _WIDTH)
_UNITS = Parameter("dense1.units", "units of dense 1", 8, _WIDTH)
_SLOW = Parameter("optimizer.learning_rate", "learning rate of Adam", 0.05, _RATE, usual=1e-3)


def _space(*parameters: Parameter, network: Network | None = None) -> SearchSpace:
    return SearchSpace("literals", (*parameters, _ADDED, *_NEW), (), network)


def _one(
    name: str, default: Value, distribution: BaseDistribution, usual: float | None = None
) -> SearchSpace:
    return _space(Parameter(name, name, default, distribution, usual=usual))


def _after(space: SearchSpace, *accuracies: float | None) -> Proposal:
    """Return what `auto` proposes after trials of its own that ended with these accuracies."""
    history: list[Observation] = []
    for accuracy in accuracies:
        proposal = propose(space, history, "auto")
        assert proposal is not None
        history.append(Observation(proposal.values, accuracy))
    last = propose(space, history, "auto")
    assert last is not None
    return last


def _changed(space: SearchSpace, proposal: Proposal) -> dict[str, Value]:
    own = {p.name: p.default for p in space.active({})}
    return {name: value for name, value in proposal.values.items() if own.get(name) != value}


WEAK = _space(_FILTERS, _UNITS, _SLOW)
LEAPT = {"conv1.filters": 32, "dense1.units": 128, "optimizer.learning_rate": 1e-3}


def test_every_value_that_is_far_off_goes_to_the_usual_one_in_the_second_trial() -> None:
    leap = _after(WEAK, 0.2)
    assert _changed(WEAK, leap) == LEAPT
    assert leap.reason == (
        "three values are far from what works for most networks: filters of conv 1: 4 → 32, "
        "units of dense 1: 8 → 128, learning rate of Adam: 0.05 → 0.001"
    )


@pytest.mark.parametrize("outcome", [0.1, None])
def test_a_leap_that_does_not_help_is_undone(outcome: float | None) -> None:
    assert len(_changed(WEAK, _after(WEAK, 0.2, outcome))) == 1


def test_own_values_that_fail_to_train_are_leapt_from_too() -> None:
    assert _changed(WEAK, _after(WEAK, None)) == LEAPT


def test_a_leap_that_helps_is_followed_by_a_deeper_network() -> None:
    deeper = _after(WEAK, 0.2, 0.8)
    assert _changed(WEAK, deeper) == {**LEAPT, "growth.conv_layers": 1, "new_conv1.filters": 64}
    assert deeper.reason == (
        "one more conv layer of 64 filters, because going to the usual values raised accuracy 0.20 → 0.80"
    )


def test_layers_get_wider_when_there_are_enough_of_them() -> None:
    wider = _after(WEAK, 0.2, 0.8, 0.85, 0.87)
    assert wider.values["growth.conv_layers"] == 2
    assert (wider.values["conv1.filters"], wider.values["dense1.units"]) == (64, 256)
    assert wider.reason.startswith("wider layers (filters of conv 1: 32 → 64, units of dense 1: 128 → 256, ")


def test_a_wider_network_is_widened_again_only_after_a_strong_gain() -> None:
    again = _after(WEAK, 0.2, 0.8, 0.7, 0.9)
    assert (again.values["conv1.filters"], again.values["dense1.units"]) == (128, 512)
    climbs = _after(WEAK, 0.2, 0.8, 0.7, 0.81)
    assert sum(climbs.values[name] != value for name, value in {**LEAPT, "conv1.filters": 64}.items()) <= 2
    assert "wider layers" not in climbs.reason


def test_the_climb_goes_on_from_the_best_large_move() -> None:
    wide = {**LEAPT, "conv1.filters": 64, "dense1.units": 256}
    climbs = _after(WEAK, 0.2, 0.8, 0.7, 0.81)
    assert sum(climbs.values[name] != value for name, value in wide.items()) == 1


def test_usual_values_are_not_leapt_from() -> None:
    usual = _space(Parameter("conv1.filters", "filters of conv 1", 32, _WIDTH))
    assert _changed(usual, _after(usual, 0.9)) == {"growth.conv_layers": 1, "new_conv1.filters": 64}


@pytest.mark.parametrize(
    ("name", "default", "distribution", "usual", "leapt"),
    [
        ("conv1.filters", 10, _WIDTH, None, 32),
        ("conv1.filters", 16, _WIDTH, None, None),
        ("conv1.filters", 2, IntDistribution(2, 16, log=True), None, 16),
        ("conv1.filters", 8, IntDistribution(4, 8, log=True), None, None),
        ("dense1.units", 10, IntDistribution(10, 910, step=100), None, 110),
        ("dense1.units", 64, _WIDTH, None, None),
        ("pool1.pool_size", 4, _POOL, None, 2),
        ("pool1.pool_size", 3, _POOL, None, None),
        ("fit.batch_size", 128, _BATCH, None, 32),
        ("fit.batch_size", 64, _BATCH, None, None),
        ("dropout1.rate", 0.6, FloatDistribution(0, 0.7), None, 0.25),
        ("dropout1.rate", 0.5, FloatDistribution(0, 0.7), None, None),
        ("optimizer.learning_rate", 3e-4, _RATE, 1e-3, None),
        ("optimizer.learning_rate", 1e-4, _RATE, 1e-3, 1e-3),
        ("optimizer.learning_rate", 0.05, _RATE, None, None),
        ("activation", "sigmoid", CategoricalDistribution(("sigmoid", "relu")), None, "relu"),
        ("activation", "tanh", CategoricalDistribution(("tanh", "relu")), None, None),
        ("optimizer", "sgd", CategoricalDistribution(("sgd", "adam")), None, "adam"),
        ("optimizer", "SGD", CategoricalDistribution(("SGD", "Adam")), None, "Adam"),
        ("optimizer", "sgd", CategoricalDistribution(("sgd", "rmsprop")), None, None),
        ("optimizer", "rmsprop", CategoricalDistribution(("rmsprop", "adam")), None, None),
    ],
)
def test_only_what_is_far_off_has_a_usual_value_instead(
    name: str, default: Value, distribution: BaseDistribution, usual: float | None, leapt: Value | None
) -> None:
    expected = {} if leapt is None else {name: leapt}
    assert usual_values(_one(name, default, distribution, usual)) == expected


def test_later_conv_layers_are_wider_than_the_first() -> None:
    second = Parameter("conv2.filters", "filters of conv 2", 4, _WIDTH)
    assert usual_values(_space(_FILTERS, second)) == {"conv1.filters": 32, "conv2.filters": 64}


@pytest.mark.parametrize("own", ["optimizer", "optimizer.name"])
def test_an_exchanged_optimizer_gets_its_own_usual_rate(own: str) -> None:
    optimizer = Parameter(own, "optimizer", "sgd", CategoricalDistribution(("sgd", "adam")))
    rate = Parameter("optimizer.learning_rate", "learning rate of SGD", 0.01, _RATE, usual=0.01)
    assert usual_values(_space(optimizer, rate)) == {own: "adam", "optimizer.learning_rate": 1e-3}


def test_a_deep_network_keeps_the_pooling_of_its_end_and_its_narrow_layers() -> None:
    layers = [Parameter(f"conv{n}.filters", f"filters of conv {n}", 12, _WIDTH) for n in range(1, 6)]
    assert usual_values(_space(*layers, Parameter("pool1.pool_size", "pool size", 8, _POOL))) == {}


@pytest.mark.parametrize(
    ("caps", "leapt"),
    [
        (Cost(10**7, 10**8), {"conv1.filters": 32, "pool1.pool_size": 2, "optimizer.learning_rate": 1e-3}),
        (Cost(30_000, 10**8), {"conv1.filters": 32, "optimizer.learning_rate": 1e-3}),
        (Cost(10_000, 10**8), {"optimizer.learning_rate": 1e-3}),
    ],
)
def test_a_leap_costs_no_more_than_is_allowed(caps: Cost, leapt: dict[str, Value]) -> None:
    stack = (
        Layer("conv", "conv1", 3, width=4),
        Layer("pool", "pool1", 4, 0),
        Layer("flatten", ""),
        Layer("dense", "", width=10),
    )
    network = Network(28, 28, stack, 1, caps=caps)
    pool = Parameter("pool1.pool_size", "pool size of pool 1", 4, _POOL)
    space = _space(_FILTERS, pool, _SLOW, network=network)
    assert usual_values(space) == leapt
    assert feasible(space, _after(space, 0.2).values)


def test_a_space_without_layers_is_not_leapt_in() -> None:
    narrow = Parameter("filters", "filters", 2, _WIDTH)
    proposal = _after(SearchSpace("hand-written", (narrow,)), 0.2)
    assert "spread over the space" in proposal.reason
