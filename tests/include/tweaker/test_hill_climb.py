"""The seed's rule, its trace, and each defect of it that must not come back."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from include.tweaker import Observation, Parameter, Proposal, SearchSpace, Value, feasible, propose
from include.tweaker.interfaces._protocol import START, Protocol, parameters, parse_input
from include.tweaker.network import Network

Accuracy = Callable[[dict[str, Value]], float | None]


def _seed_space(text: str = START, side: int | None = 28) -> tuple[SearchSpace, Protocol]:
    protocol = parse_input(text)
    assert protocol is not None
    network = Network(side, side, protocol.layers(same=False)) if side else None
    return SearchSpace("stdin", parameters(protocol, network), (), network), protocol


def _follow(space: SearchSpace, accuracies: Sequence[float | None]) -> list[Proposal]:
    """Return the proposals that these accuracies lead to, the one after the last included."""
    history: list[Observation] = []
    proposals: list[Proposal] = []
    for accuracy in (*accuracies, None):
        proposal = propose(space, history, "hill_climb")
        assert proposal is not None
        proposals.append(proposal)
        history.append(Observation(proposal.values, accuracy))
    return proposals


def _exhaust(space: SearchSpace, accuracy: Accuracy, most: int = 400) -> list[Observation]:
    history: list[Observation] = []
    while (proposal := propose(space, history, "hill_climb")) is not None:
        history.append(Observation(proposal.values, accuracy(proposal.values)))
        assert len(history) < most
    return history


def test_the_trace_of_the_original_is_reproduced() -> None:
    space, protocol = _seed_space()
    accuracies = (0.50, 0.60, 0.70, 0.65, 0.72, 0.71, 0.73, 0.72, 0.80, 0.79, 0.81)
    inputs = [" ".join(protocol.with_values(p.values).split()) for p in _follow(space, accuracies)]
    assert inputs == [
        "1 32 2 2 0",
        "1 64 2 2 0",
        "1 128 2 2 0",
        "1 256 2 2 0",
        "1 128 3 2 0",
        "1 128 4 2 0",
        "1 128 3 3 0",
        "1 128 3 4 0",
        "2 128 3 3 256 2 2 0",
        "2 128 3 3 512 2 2 0",
        "2 128 3 3 256 3 2 0",
        "2 128 3 3 256 4 2 0",
    ]


def test_dense_layers_follow_when_no_conv_layer_helps() -> None:
    """100 neurons, 200, undone, a second layer with as many as the first: the seed's steps."""
    space, protocol = _seed_space("1 32 7 4 0")
    accuracies = (0.5, 0.4, 0.4, 0.6, 0.7, 0.65)
    inputs = [protocol.with_values(p.values) for p in _follow(space, accuracies)]
    assert inputs[3:] == ["1 32 7 4 1 100", "1 32 7 4 1 200", "1 32 7 4 1 300", "1 32 7 4 2 200 200"]


def test_a_first_doubling_that_fails_keeps_the_base_layer() -> None:
    space, protocol = _seed_space()
    last = _follow(space, (0.50, 0.40))[-1]
    assert protocol.with_values(last.values).split() == ["1", "32", "3", "2", "0"]


def test_neurons_never_fall_to_nothing() -> None:
    space, _ = _seed_space("1\n32\n2\n2\n1\n100\n")
    history = _exhaust(space, lambda values: 0.5)
    units = [v for o in history for name, v in o.values.items() if name.endswith(".units")]
    assert units
    assert min(int(value) for value in units) >= 1


def test_a_crash_is_infeasible_not_a_stale_accuracy() -> None:
    """A push that crashed is undone, and the accuracy to beat stays that of the best finished trial."""
    space, protocol = _seed_space()
    proposals = _follow(space, (0.50, 0.60, None, 0.55))
    assert protocol.with_values(proposals[3].values).split() == ["1", "64", "3", "2", "0"]
    assert "64 → 128 failed to train" in proposals[3].reason
    assert protocol.with_values(proposals[4].values).split() == ["1", "64", "2", "3", "0"]


@pytest.mark.parametrize("accuracy", [float("nan"), 97.75, -0.1])
def test_an_accuracy_that_is_none_counts_as_a_crash(accuracy: float) -> None:
    space, _ = _seed_space()
    assert _follow(space, (0.5, accuracy))[-1].values["conv1.filters"] == 32


@pytest.mark.parametrize("side", [4, 8, 12, 28])
def test_nothing_proposed_leaves_a_negative_dimension(side: int) -> None:
    space, _ = _seed_space(side=side)
    for proposal in _follow(space, [number / 100 for number in range(60)]):
        assert feasible(space, proposal.values)


def test_the_same_configuration_is_never_tried_twice() -> None:
    space, _ = _seed_space()
    history = _exhaust(space, lambda values: (hash(frozenset(values.items())) % 1000) / 1000)
    keys = [frozenset(observation.values.items()) for observation in history]
    assert len(keys) == len(set(keys))


def test_it_also_goes_down() -> None:
    """The best filters lie below the pushed ones."""
    space, _ = _seed_space("1 64 3 2 0")
    history = _exhaust(space, lambda values: 1 / (1 + int(values["conv1.filters"])))
    assert max(history, key=lambda one: one.accuracy or 0).values["conv1.filters"] == 4


def test_it_ends_when_nothing_helps() -> None:
    space, _ = _seed_space()
    assert len(_exhaust(space, lambda values: 0.5)) < 15


def test_a_better_configuration_of_someone_else_is_climbed_from() -> None:
    space, _ = _seed_space()
    history = _exhaust(space, lambda values: 0.5)
    found = {**history[0].values, "conv1.filters": 23}
    proposal = propose(space, [*history, Observation(found, 0.9)], "hill_climb")
    assert proposal is not None
    assert proposal.values["conv1.filters"] == 46


def test_the_first_trial_is_the_developers_own_and_says_so() -> None:
    space, _ = _seed_space()
    proposal = propose(space, [], "hill_climb")
    assert proposal == Proposal({p.name: p.default for p in space.active({})}, "your own values")


def test_reasons_are_sentences_with_the_numbers_behind_them() -> None:
    space, _ = _seed_space()
    reasons = [proposal.reason for proposal in _follow(space, (0.55, 0.61, 0.68, 0.67))]
    assert reasons[1] == "filters of conv 1: 32 → 64, because accuracy is 0.55 so far"
    assert reasons[2] == "filters of conv 1: 64 → 128, because 32 → 64 raised accuracy 0.55 → 0.61"
    failed = "filters of conv 1 128 → 256 did not raise accuracy (0.68 → 0.67)"
    assert reasons[4] == f"filter size of conv 1: 2 → 3, because {failed}"


def _literal_space(rate: float = 1e-5, epochs: int = 1) -> SearchSpace:
    growth = ("growth.conv_layers", 1)
    return SearchSpace(
        "literals",
        (
            Parameter("conv1.filters", "filters of conv 1", 8, IntDistribution(4, 64, log=True)),
            Parameter("dropout1.rate", "rate of dropout 1", 0.3, FloatDistribution(0, 0.7)),
            Parameter("optimizer.learning_rate", "learning rate of Adam", rate, _RATES, usual=1e-3),
            Parameter("fit.epochs", "epochs", epochs, IntDistribution(epochs, 4 * epochs, log=True)),
            Parameter("fit.batch_size", "batch size", 64, IntDistribution(16, 512, log=True)),
            Parameter("growth.conv_layers", "added conv layers", 0, IntDistribution(0, 1)),
            Parameter("new_conv1.filters", "filters", 16, IntDistribution(4, 64, log=True), growth),
        ),
    )


_RATES = FloatDistribution(1e-5, 1.0, log=True)


def _changed(history: Sequence[Observation]) -> list[str]:
    pairs = pairwise([observation.values for observation in history])
    return [next((n for n in new if new[n] != old.get(n)), "") for old, new in pairs]


def test_what_holds_a_weak_network_back_comes_first_and_growth_last() -> None:
    history = _exhaust(_literal_space(), lambda values: 0.5)
    order = list(dict.fromkeys(_changed(history)))
    assert order[:2] == ["optimizer.learning_rate", "fit.epochs"] or order[0] == "optimizer.learning_rate"
    first = {
        name: next(i for i, o in enumerate(history) if _differs(o, history[0], name))
        for name in history[0].values
    }
    assert first["optimizer.learning_rate"] < first["fit.epochs"] < first["conv1.filters"]
    assert max(first, key=lambda name: first[name]) == "growth.conv_layers"


def _differs(observation: Observation, base: Observation, name: str) -> bool:
    return observation.values.get(name) != base.values[name]


def test_a_learning_rate_far_off_goes_straight_to_the_usual_one() -> None:
    proposals = _follow(_literal_space(), (0.1,))
    assert proposals[1].values["optimizer.learning_rate"] == 1e-3
    assert "0.001 works for most networks and 1e-05 is far off" in proposals[1].reason


def test_a_sensible_learning_rate_waits_for_the_layers() -> None:
    proposals = _follow(_literal_space(rate=1e-3, epochs=20), (0.1,))
    assert proposals[1].values["conv1.filters"] == 16


def test_every_other_choice_is_tried() -> None:
    choices = CategoricalDistribution(("adam", "sgd", "rmsprop"))
    space = SearchSpace("arguments", (Parameter("optimizer", "option --optimizer", "sgd", choices),))
    assert [o.values["optimizer"] for o in _exhaust(space, lambda values: 0.5)] == ["sgd", "adam", "rmsprop"]


def test_a_thousand_trials_of_history_are_answered() -> None:
    space, _ = _seed_space()
    history = _exhaust(space, lambda values: 0.5)
    foreign = [Observation({**history[0].values, "conv1.filters": 4 + n}, 0.4) for n in range(1000)]
    assert propose(space, [*history, *foreign], "hill_climb") is None or len(history) < 1000
