"""Strategies as samplers of a study: any process goes on where another stopped."""

import re
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState

from include.settings import PROJECT_ROOT
from include.tweaker import (
    Observation,
    UnknownStrategyError,
    propose,
    strategy,
    suggest,
)
from tests.include.tweaker.searches import HAND_WRITTEN, PUSHED, accuracy_of, every_strategy


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
                accuracy = accuracy_of(suggest(trial, HAND_WRITTEN))
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
            accuracy = accuracy_of(one)
            study.tell(trial, accuracy, state=TrialState.FAIL if accuracy is None else None)
    assert len(set(asked)) == len(asked)
    assert all(trial.user_attrs["reason"] for trial in study.trials)


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
