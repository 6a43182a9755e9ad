"""Epochs of a training container reach the store while it trains, and a hopeless training is asked to end."""

from __future__ import annotations

from pathlib import Path

import pytest
from airflow.triggers.base import TaskSuccessEvent

from include.containers import Engine, begin_training, read_result
from include.containers.naming import TRIAL
from include.containers.result import Epoch
from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.pruning import catch_up
from include.experiments.records import Goals, Outcome
from include.source.push import Push
from include.tweaker.space import Proposal
from plugins.triggers.training_container import TrainingContainerTrigger
from tests.include.containers.support import MakeTrial, Trial, engine, make_trial

__all__ = ["engine", "make_trial"]

pytestmark = pytest.mark.docker

LINE = '{{"epoch": {n}, "accuracy": 0.1, "fit": 1, "planned": 9}}'
LINES = "".join(f"echo '{LINE.format(n=n)}' >> /trial/out/metrics.jsonl; " for n in range(1, 5))
ASKED = "while ! test -f /trial/in/prune.json; do sleep 0.1; done; "
RESULT = 'echo \'{"status": "finished", "accuracy": 0.1, "pruned_after": 5}\' > /trial/out/result.json'
CANNOT_ASK_ITSELF = "! touch /trial/in/prune.json 2>/dev/null && "


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    monkeypatch.setenv("CNN_VAR_DIR", str(tmp_path / "var"))
    return Installation.from_environment()


def experiment_of(installation: Installation, trial: Trial, complete: int) -> Experiment:
    repository, sha = trial.experiment.split("@")
    push = Push(repository, "main", sha, "Ada", "ada@example.com", "m", "2026-11-23T10:00:00Z", "")
    found = installation.store.claim(push, Goals(0.9, 20, 1, "tpe"), "run")
    assert found is not None
    for number in range(1, complete + 1):
        found.propose(number, Proposal({}, "try"))
        catch_up(found, number, [Epoch(n, accuracy=0.5, fit=1, planned=9) for n in range(1, 10)])
        found.tell(number, Outcome("finished", 0.5, fits=1))
    found.propose(complete + 1, Proposal({}, "try"))
    return found


def numbered(trial: Trial, number: int) -> Trial:
    return trial.changed(labels={**trial.spec.labels, TRIAL: str(number)})


async def ending(engine: Engine, trial: Trial) -> str:
    begin_training(engine, trial.request)
    trigger = TrainingContainerTrigger(str(trial.folder), engine.stack, reports=True)
    (event,) = [event async for event in trigger.run()]
    assert isinstance(event, TaskSuccessEvent)
    outcome = (event.xcoms or {})["return_value"]
    assert isinstance(outcome, dict)
    return str(outcome["ending"])


async def test_a_hopeless_training_is_asked_to_end_while_it_trains(
    engine: Engine, make_trial: MakeTrial, installation: Installation
) -> None:
    trial = numbered(make_trial(CANNOT_ASK_ITSELF + LINES + ASKED + RESULT), 5)
    found = experiment_of(installation, trial, complete=4)
    assert await ending(engine, trial) == "finished"
    result = read_result(trial.folder / "out")
    assert result is not None
    assert result.pruned_after == 5
    assert "after epoch 4 of 9" in (trial.folder / "in" / "prune.json").read_text()
    assert found.study.get_trials()[4].intermediate_values == dict.fromkeys(range(1, 5), 0.1)


async def test_a_training_that_the_store_does_not_know_is_watched_all_the_same(
    engine: Engine, make_trial: MakeTrial, installation: Installation
) -> None:
    assert await ending(engine, make_trial(LINES + "sleep 2; " + RESULT)) == "finished"


async def test_a_metrics_file_that_is_none_does_not_end_the_watching(
    engine: Engine, make_trial: MakeTrial, installation: Installation
) -> None:
    trial = make_trial("ln -s /etc/passwd /trial/out/metrics.jsonl; sleep 2; " + RESULT)
    experiment_of(installation, trial, complete=0)
    assert await ending(engine, trial) == "finished"
