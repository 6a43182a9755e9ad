"""Where the tweak task goes, and what it leaves when a person ends it."""

from typing import Any
from unittest.mock import create_autospec

import pytest
from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance

from include.containers import Engine
from include.experiments.records import State
from include.experiments.tuning import NextTrial, NoMoreTrials, Wait
from plugins.operators import names, tweak
from plugins.operators.tweak import TweakOperator

EXPERIMENT = f"admin/mnist@{'0' * 40}"


def branch_of(
    following: NextTrial | NoMoreTrials | Wait, monkeypatch: pytest.MonkeyPatch
) -> tuple[str | None, Any]:
    monkeypatch.setattr(tweak, "next_trial", lambda *_, **__: following)
    operator = TweakOperator(task_id="tweak", experiment=EXPERIMENT, trial="1")
    instance = create_autospec(RuntimeTaskInstance, instance=True)
    return operator.choose_branch({"ti": instance}), instance


@pytest.mark.parametrize(
    ("state", "task"),
    [(State.TWEAK_ERROR, names.NOTIFY_TWEAK_ERROR), (State.EXHAUSTED, names.NOTIFY_BUDGET_SPENT)],
)
def test_an_experiment_that_ends_here_is_told_as_it_ended(
    state: State, task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert branch_of(NoMoreTrials(state, "tweak.py printed 'done'"), monkeypatch)[0] == task


def test_nothing_is_started_while_others_must_end_first(monkeypatch: pytest.MonkeyPatch) -> None:
    assert branch_of(Wait("2 of at most 2 trainings at once are in flight"), monkeypatch)[0] is None


def test_a_next_trial_is_handed_to_retrain(monkeypatch: pytest.MonkeyPatch) -> None:
    proposed = NextTrial(2, "0.trial-2", {"sha": "0", "trial": 2}, "more filters")
    task, instance = branch_of(proposed, monkeypatch)
    assert task == names.RETRAIN
    instance.xcom_push.assert_called_once_with(
        key="next",
        value={"number": 2, "run_id": "0.trial-2", "conf": proposed.conf, "reason": "more filters"},
    )


def test_a_task_that_a_person_ends_takes_its_container_along(monkeypatch: pytest.MonkeyPatch) -> None:
    removed: list[tuple[str, str, int]] = []
    engine = create_autospec(Engine, instance=True, stack="mine")
    monkeypatch.setattr(Engine, "connect", lambda *_: engine)
    monkeypatch.setattr(tweak, "remove_step", lambda e, name, trial: removed.append((e.stack, name, trial)))
    TweakOperator(task_id="tweak", experiment=EXPERIMENT, trial="3").on_kill()
    assert removed == [("mine", EXPERIMENT, 3)]
