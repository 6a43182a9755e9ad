"""Strategies by name, as proposals and as Optuna samplers."""

import optuna
import pytest
from optuna.distributions import IntDistribution

from include.strategy_names import _NEEDS
from include.tweaker import (
    Observation,
    Parameter,
    SearchExhaustedError,
    SearchSpace,
    UnknownStrategyError,
    feasible,
    propose,
    strategy,
    suggest,
)
from include.tweaker.interfaces._protocol import START, parameters, parse_input
from include.tweaker.network import Network
from include.tweaker.strategies._lattice import some
from include.tweaker.values import contains
from tests.include.tweaker.searches import PUSHED

optuna.logging.set_verbosity(optuna.logging.WARNING)


@pytest.fixture
def space() -> SearchSpace:
    protocol = parse_input(START)
    assert protocol is not None
    network = Network(28, 28, protocol.layers(same=False))
    return SearchSpace("stdin", parameters(protocol, network), (), network)


@pytest.mark.parametrize("name", ["hill_climb", "random", "tpe"])
def test_a_strategy_stays_inside_the_space_and_never_repeats(space: SearchSpace, name: str) -> None:
    history: list[Observation] = []
    for number in range(25):
        proposal = propose(space, history, strategy=name, seed=1)
        assert proposal is not None
        assert feasible(space, proposal.values)
        active = {p.name: p for p in space.active(proposal.values)}
        assert active.keys() == proposal.values.keys()
        assert all(contains(active[key].distribution, value) for key, value in proposal.values.items())
        assert all(proposal.values != one.values for one in history)
        history.append(Observation(proposal.values, None if number % 7 == 3 else number / 50))
    assert history[0].values == {p.name: p.default for p in space.active({})}


@pytest.mark.parametrize("name", ["hill_climb", "random", "tpe"])
def test_the_same_history_and_seed_give_the_same_proposal(space: SearchSpace, name: str) -> None:
    history = [Observation(space.defaults(), 0.5)]
    assert propose(space, history, strategy=name, seed=3) == propose(space, history, strategy=name, seed=3)


@pytest.mark.parametrize("name", ["hill_climb", "random", "tpe"])
def test_a_small_space_is_tried_to_its_end(name: str) -> None:
    small = SearchSpace("literals", (Parameter("fit.epochs", "epochs", 2, IntDistribution(1, 4)),))
    history: list[Observation] = []
    while (proposal := propose(small, history, strategy=name)) is not None:
        history.append(Observation(proposal.values, int(proposal.values["fit.epochs"]) / 10))
        assert len(history) <= 4
    assert {o.values["fit.epochs"] for o in history} >= {2, 3, 4}


def test_an_unknown_strategy_is_refused_with_the_nearest(space: SearchSpace) -> None:
    with pytest.raises(UnknownStrategyError, match="'hillclimb'; the nearest is 'hill_climb'"):
        propose(space, [], strategy="hillclimb")
    with pytest.raises(UnknownStrategyError, match="the nearest is 'tpe'"):
        strategy("tpee", space)


@pytest.mark.parametrize("name", ["hill_climb", "random", "tpe"])
def test_a_sampler_drives_a_study_of_your_own(space: SearchSpace, name: str) -> None:
    study = optuna.create_study(direction="maximize", sampler=strategy(name, space, seed=1))
    study.optimize(lambda trial: 1 - 1 / int(suggest(trial, space)["conv1.filters"]), n_trials=6)
    assert len(study.trials) == 6


def test_the_hill_climb_sampler_proposes_what_propose_does(space: SearchSpace) -> None:
    study = optuna.create_study(direction="maximize", sampler=strategy("hill_climb", space))
    history: list[Observation] = []
    for accuracy in (0.5, 0.6, 0.55, 0.7):
        expected = propose(space, history, strategy="hill_climb")
        assert expected is not None
        trial = study.ask()
        assert suggest(trial, space) == expected.values
        assert study.trials[-1].user_attrs["reason"] == expected.reason
        study.tell(trial, accuracy)
        history.append(Observation(expected.values, accuracy))


def test_the_hill_climb_sampler_ends_a_study_when_nothing_is_left(space: SearchSpace) -> None:
    study = optuna.create_study(direction="maximize", sampler=strategy("hill_climb", space))
    study.optimize(lambda trial: 0.5 if suggest(trial, space) else 0.0, n_trials=100)
    assert 5 < len(study.trials) < 20
    with pytest.raises(SearchExhaustedError, match="all that hill_climb would try was tried"):
        suggest(study.ask(), space)


def test_the_process_of_optuna_sees_whole_configurations_and_not_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its sampler can't model a parameter that only some trials have, and costs the cube of their number."""
    seen: list[optuna.trial.FrozenTrial] = []

    class Looking(optuna.samplers.RandomSampler):
        def __init__(self, seed: int, *, deterministic_objective: bool) -> None:
            super().__init__(seed)

        def before_trial(self, study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
            seen.extend(study.get_trials(deepcopy=False))

    monkeypatch.setattr(optuna.samplers, "GPSampler", Looking)
    monkeypatch.setitem(_NEEDS, "gp", ())
    history = [Observation(values, n / 400) for n, values in enumerate(some(PUSHED, 1, 400))]
    proposal = propose(PUSHED, history, "gp")
    assert proposal is not None
    finished = [trial for trial in seen if trial.state.is_finished()]
    assert 100 < len(finished) <= 128
    assert all(trial.params.keys() == {p.name for p in PUSHED.parameters} for trial in finished)
    assert max(trial.value or 0.0 for trial in finished) == history[-1].accuracy
