"""What every strategy promises, as a proposal and as a sampler of a study that others work on too."""

import math
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState

from include.settings import PROJECT_ROOT
from include.tweaker import (
    STRATEGIES,
    Observation,
    Parameter,
    SearchExhaustedError,
    SearchSpace,
    UnknownStrategyError,
    Value,
    feasible,
    propose,
    strategy,
    suggest,
)
from include.tweaker.network import Layer, Network
from include.tweaker.strategies._names import check_name
from include.tweaker.values import contains

optuna.logging.set_verbosity(optuna.logging.WARNING)


def _runs(name: str) -> bool:
    try:
        check_name(name)
    except UnknownStrategyError:
        return False
    return True


NAMES = [name for name in STRATEGIES if _runs(name)]
every_strategy = pytest.mark.parametrize("name", NAMES)
Accuracy = Callable[[dict[str, Value]], float | None]

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
SPACES = pytest.mark.parametrize("space", [PUSHED, HAND_WRITTEN], ids=["pushed", "hand-written"])


def _accuracy(values: dict[str, Value]) -> float | None:
    """Return a hill with a hole: wide networks of a high learning rate fail."""
    width = int(values.get("conv1.filters", values.get("filters", 8)))
    rate = float(values.get("rate", values.get("dropout", 0.1)))
    if width > 32 and rate > 0.3:
        return None
    return 0.9 - abs(math.log2(width) - 5) / 20 - abs(math.log10(rate + 1e-3) + 2) / 20


def _searched(space: SearchSpace, name: str, trials: int, seed: int = 1) -> list[Observation]:
    history: list[Observation] = []
    while len(history) < trials and (proposal := propose(space, history, name, seed)) is not None:
        assert proposal.reason
        history.append(Observation(proposal.values, _accuracy(proposal.values)))
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


@every_strategy
def test_a_study_goes_on_where_another_process_stopped(name: str, tmp_path: Path) -> None:
    """Six trials by one sampler, or three and three by two that share nothing but the database."""
    found = []
    for url, parts in ((f"sqlite:///{tmp_path}/whole.db", (6,)), (f"sqlite:///{tmp_path}/parts.db", (3, 3))):
        for trials in parts:
            sampler = strategy(name, HAND_WRITTEN, seed=4)
            study = optuna.create_study(
                study_name="s", storage=url, sampler=sampler, direction="maximize", load_if_exists=True
            )
            for _ in range(trials):
                trial = study.ask()
                accuracy = _accuracy(suggest(trial, HAND_WRITTEN))
                study.tell(trial, accuracy, state=TrialState.FAIL if accuracy is None else None)
        found.append([(t.params, t.user_attrs["reason"]) for t in study.trials])
    assert found[0] == found[1]


@every_strategy
def test_asking_ahead_never_repeats_a_running_trial(name: str) -> None:
    """Four are in flight at any time; each is asked for before the values of the one before are suggested."""
    study = optuna.create_study(direction="maximize", sampler=strategy(name, PUSHED, seed=1))
    asked = []
    for _ in range(4):
        flight = [study.ask() for _ in range(4)]
        values = [suggest(trial, PUSHED) for trial in flight]
        asked += [frozenset(one.items()) for one in values]
        for trial, one in zip(reversed(flight), reversed(values), strict=True):
            accuracy = _accuracy(one)
            study.tell(trial, accuracy, state=TrialState.FAIL if accuracy is None else None)
    assert len(set(asked)) == len(asked)
    assert all(trial.user_attrs["reason"] for trial in study.trials)


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


@every_strategy
def test_a_pruned_trial_counts_with_its_last_epoch(name: str) -> None:
    study = optuna.create_study(direction="maximize", sampler=strategy(name, HAND_WRITTEN, seed=1))
    for state in (TrialState.COMPLETE, TrialState.PRUNED):
        trial = study.ask()
        suggest(trial, HAND_WRITTEN)
        trial.report(0.7, 0)
        study.tell(trial, 0.5 if state == TrialState.COMPLETE else None, state=state)
    history = [Observation(dict(t.params), v) for t, v in zip(study.trials, (0.5, 0.7), strict=True)]
    expected = propose(HAND_WRITTEN, history, name, seed=1)
    assert expected is not None
    assert suggest(study.ask(), HAND_WRITTEN) == expected.values


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


def test_an_enqueued_trial_keeps_its_values() -> None:
    study = optuna.create_study(direction="maximize", sampler=strategy("auto", HAND_WRITTEN, seed=1))
    study.enqueue_trial({"filters": 32})
    assert suggest(study.ask(), HAND_WRITTEN) == {
        "filters": 32,
        "dropout": 0.5,
        "optimizer": "sgd",
        "layers": 1,
    }


def test_a_strategy_without_its_packages_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UnknownStrategyError, match=r"'gp' needs scipy and torch: install with `.*torch`, or"):
        strategy("gp", HAND_WRITTEN)


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


def test_the_documented_study_works(capsys: pytest.CaptureFixture[str]) -> None:
    """The code of docs/tweaker.md, run as it stands."""
    text = (PROJECT_ROOT / "docs" / "tweaker.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    assert len(blocks) == 2
    assert len(blocks[0].strip().replace("\n\n", "\n").splitlines()) == 5
    names: dict[str, Any] = {}
    exec("\n".join(blocks), names)  # noqa: S102 - our own documentation
    assert len(names["study"].trials) == 20
    assert names["study"].trials[0].params == {"filters": 16, "rate": 0.1}
    assert names["study"].best_value > 0.9
    assert len(capsys.readouterr().out.splitlines()) == 20


def test_the_docstring_shows_the_same_space_as_the_page() -> None:
    text = (PROJECT_ROOT / "docs" / "tweaker.md").read_text(encoding="utf-8")
    page = [line for line in text.splitlines() if line.startswith(("width =", "rate =", "space ="))]
    shown = [line.strip() for line in (strategy.__doc__ or "").splitlines()]
    assert len(page) == 3
    assert all(line in shown for line in page)
