"""The contract that every strategy keeps."""

import subprocess
import sys

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from include.tweaker import (
    Observation,
    Parameter,
    SearchExhaustedError,
    SearchSpace,
    Value,
    feasible,
    propose,
    strategy,
    suggest,
)
from include.tweaker.values import contains
from tests.include.tweaker.searches import HAND_WRITTEN, NAMES, PUSHED, accuracy_of, every_strategy

SPACES = pytest.mark.parametrize("space", [PUSHED, HAND_WRITTEN], ids=["pushed", "hand-written"])


def _searched(space: SearchSpace, name: str, trials: int, seed: int = 1) -> list[Observation]:
    history: list[Observation] = []
    while len(history) < trials and (proposal := propose(space, history, name, seed)) is not None:
        assert proposal.reason
        history.append(Observation(proposal.values, accuracy_of(proposal.values)))
    return history


def _keys(history: list[Observation]) -> list[frozenset[tuple[str, Value]]]:
    return [frozenset(one.values.items()) for one in history]


@every_strategy
@SPACES
def test_every_proposal_is_new_inside_the_space_and_can_work(space: SearchSpace, name: str) -> None:
    history = _searched(space, name, 40)
    assert len(history) > 10
    assert len(set(_keys(history))) == len(history)
    for one in history:
        counting = {p.name: p for p in space.active(one.values)}
        assert counting.keys() == one.values.keys()
        assert all(contains(counting[key].distribution, value) for key, value in one.values.items())
        assert feasible(space, one.values)


@every_strategy
@SPACES
def test_the_first_trial_is_the_developers_own(space: SearchSpace, name: str) -> None:
    proposal = propose(space, [], name, seed=5)
    assert proposal is not None
    assert proposal.values == {p.name: p.default for p in space.active({})}
    assert proposal.reason == "your own values"


@every_strategy
@SPACES
def test_the_same_history_and_seed_give_the_same_proposal(space: SearchSpace, name: str) -> None:
    history = _searched(space, name, 14)
    assert propose(space, history, name, seed=3) == propose(space, history, name, seed=3)


@every_strategy
def test_another_process_gives_the_same_proposals(name: str) -> None:
    """Nothing depends on the order of sets or on a hash that is salted anew in each process."""
    code = (
        "from tests.include.tweaker.test_strategies import HAND_WRITTEN, _searched;"
        f"print(_searched(HAND_WRITTEN, {name!r}, 12))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == repr(_searched(HAND_WRITTEN, name, 12))


@every_strategy
@SPACES
def test_trials_in_training_are_not_proposed_again(space: SearchSpace, name: str) -> None:
    history = _searched(space, name, 3)
    running: list[dict[str, Value]] = []
    for _ in range(5):
        proposal = propose(space, history, name, seed=1, running=running)
        assert proposal is not None
        assert proposal.values not in [*running, *(one.values for one in history)]
        running.append(proposal.values)


@every_strategy
def test_a_parallel_search_never_waits_for_the_first_trial(name: str) -> None:
    own = {p.name: p.default for p in PUSHED.active({})}
    proposal = propose(PUSHED, [], name, running=[own])
    assert proposal is not None
    assert proposal.values != own


@every_strategy
def test_a_history_of_failures_is_gone_on_from(name: str) -> None:
    history: list[Observation] = []
    for outcome in (None, None, float("nan"), 97.5, None, None, None, None, None, None):
        proposal = propose(HAND_WRITTEN, history, name, seed=2)
        assert proposal is not None
        history.append(Observation(proposal.values, outcome))
    assert len(set(_keys(history))) == len(history)


@pytest.mark.parametrize("name", sorted({*NAMES} - {"grid", "random"}))
def test_a_strategy_that_learns_does_not_go_on_into_what_fails(name: str) -> None:
    """The best is next to where every training fails, so some of the last trials may fail, not all."""
    parameters = (
        Parameter("width", "width", 0.25, FloatDistribution(0.0, 1.0)),
        Parameter("rate", "rate", 0.5, FloatDistribution(0.0, 1.0)),
    )
    space = SearchSpace("hand-written", parameters)
    history: list[Observation] = []
    while len(history) < 30 and (proposal := propose(space, history, name, seed=1)) is not None:
        width = float(proposal.values["width"])
        history.append(Observation(proposal.values, 0.5 + width if width < 0.5 else None))
    assert sum(one.accuracy is None for one in history[-10:]) <= 7


@every_strategy
def test_a_small_space_is_tried_to_its_end_then_refused(name: str) -> None:
    parameters = (
        Parameter("epochs", "epochs", 2, IntDistribution(1, 3)),
        Parameter("optimizer", "optimizer", "sgd", CategoricalDistribution(("sgd", "adam"))),
    )
    space = SearchSpace("hand-written", parameters)
    study = optuna.create_study(direction="maximize", sampler=strategy(name, space, seed=1))
    study.optimize(lambda trial: 0.5 + (suggest(trial, space)["optimizer"] == "adam") / 10, n_trials=50)
    tried = {tuple(trial.params.values()) for trial in study.trials}
    assert len(tried) == len(study.trials)
    assert len(tried) == 6 or (name == "hill_climb" and len(tried) >= 4)
    with pytest.raises(SearchExhaustedError, match=f"all that {name} would try was tried, in {len(tried)} "):
        suggest(study.ask(), space)


def test_auto_follows_the_climb_first_where_the_space_tells_of_layers() -> None:
    """With few trials a model of many hyper-parameters only guesses, and the large moves have not helped."""
    opening = 2
    history = _searched(PUSHED, "auto", opening)
    history = [Observation(one.values, 0.5 - number / 10) for number, one in enumerate(history)]
    climb = history[:1]
    for _ in range(2 * len(PUSHED.active({})) - opening):
        led, climbed = propose(PUSHED, history, "auto", 1), propose(PUSHED, climb, "hill_climb")
        assert led is not None
        assert led == climbed
        history.append(Observation(led.values, 0.3))
        climb.append(Observation(led.values, 0.3))


def test_auto_asks_its_model_near_the_best_trials_later() -> None:
    reasons = []
    history = _searched(PUSHED, "hill_climb", 12)
    for _ in range(4):
        proposal = propose(PUSHED, history, "auto", seed=1)
        assert proposal is not None
        reasons.append(proposal.reason)
        history.append(Observation(proposal.values, 0.1))
    assert any("most promising after" in reason and " → " in reason for reason in reasons)


@every_strategy
def test_a_history_of_values_that_are_no_longer_allowed_is_gone_on_from(name: str) -> None:
    """A developer narrowed the ranges, or a script of theirs went beyond them."""
    foreign: dict[str, Value] = {
        "filters": 100,
        "dropout": 0.9,
        "optimizer": "ftrl",
        "layers": 3,
        "second": 3,
    }
    history = [Observation({p.name: p.default for p in HAND_WRITTEN.active({})}, 0.5)]
    history += [Observation({**foreign, "filters": 100 + n}, 0.6) for n in range(12)]
    proposal = propose(HAND_WRITTEN, history, name, seed=1)
    assert proposal is None or all(
        contains(parameter.distribution, proposal.values[parameter.name])
        for parameter in HAND_WRITTEN.active(proposal.values)
    )
