"""The monitor's operator does a round on every engine, and says what started it and what it did."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from airflow.sdk import Asset, Context
from airflow.sdk.execution_time.comms import AssetEventDagRunReferenceResult
from airflow.sdk.execution_time.context import TriggeringAssetEventsAccessor
from structlog.testing import capture_logs

from include.containers import Engine
from include.containers.errors import EngineUnavailableError
from include.experiments.installation import Installation
from include.experiments.records import State
from include.experiments.stopping import stop_training
from plugins.operators.watch_containers import WatchContainersOperator
from tests.include.containers.support import ended, engine
from tests.include.experiments.watched import StartTrial, installed, start_trial

__all__ = ["engine", "installed", "start_trial"]

pytestmark = pytest.mark.docker

OF_THE_MINUTE = cast("Context", {})


def operator() -> WatchContainersOperator:
    return WatchContainersOperator(task_id="watch_containers")


@pytest.fixture
def stack(engine: Engine, installed: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the operator's installation be the one whose containers the test makes."""
    monkeypatch.setenv("CNN_STACK", engine.stack)


@pytest.mark.usefixtures("stack")
def test_it_relaunches_and_returns_the_audit(engine: Engine, start_trial: StartTrial) -> None:
    trial = start_trial()
    engine.kill(str(trial.first.id))
    while not ended(engine.observe(trial.name, 1)):
        pass
    (line,) = operator().execute(OF_THE_MINUTE)
    assert (line["cause"], line["action"], line["container"]) == ("died", "relaunch", f"{trial.spec.name}-r1")
    assert operator().execute(OF_THE_MINUTE) == []


@pytest.mark.usefixtures("stack")
def test_it_says_which_event_started_it() -> None:
    asset = Asset(name="deaths", uri="docker-events://training-containers")
    extra: dict[str, Any] = {"payload": {"noticed": ["cnn-1: die (exit code 137)"]}, "from_trigger": True}
    event = AssetEventDagRunReferenceResult.model_validate(
        {
            "asset": {"name": asset.name, "uri": asset.uri, "extra": {}},
            "extra": extra,
            "source_task_id": None,
            "source_dag_id": None,
            "source_run_id": None,
            "source_map_index": None,
            "source_aliases": [],
            "timestamp": datetime.now(UTC),
        }
    )
    context = cast("Context", {"triggering_asset_events": TriggeringAssetEventsAccessor.build([event])})
    with capture_logs() as entries:
        operator().execute(context)
    told = [entry["event"] % tuple(entry.get("positional_args", ())) for entry in entries]
    assert "Started by an event: cnn-1: die (exit code 137)" in told


@pytest.mark.usefixtures("stack")
def test_an_engine_that_is_silent_fails_the_round_once_the_others_were_seen_to(
    engine: Engine, start_trial: StartTrial, installed: Installation, tmp_path: Path
) -> None:
    trial = start_trial()
    engine.remove(str(trial.first.id))
    trial.make_older()
    gone = f"unix://{tmp_path}/gone.sock"
    entry = f"repositories: [{{name: admin/mnist}}, {{name: admin/other, engine: '{gone}'}}]"
    installed.settings.repositories_file.write_text(entry)
    with pytest.raises(EngineUnavailableError, match=r"gone\.sock does not answer"):
        operator().execute(OF_THE_MINUTE)
    assert engine.observe(trial.name, 1).relaunch == 1


class OfRuns:
    """What the operator asks of its own task instance: the states of other runs' tasks.

    Args:
        states: State of each run's `train`; a run that is not among them is gone.
        others: States of their other tasks.
    """

    def __init__(self, states: dict[str, str | None], **others: str | None) -> None:
        self._states, self._others = states, others

    def get_task_states(self, *, dag_id: str, task_ids: list[str], run_ids: list[str]) -> dict[str, Any]:
        assert dag_id == "train_cnn__admin__mnist"
        return {
            run_id: {task: {"train": self._states[run_id], **self._others}.get(task) for task in task_ids}
            for run_id in run_ids
            if run_id in self._states
        }


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize("states", [{"run": "failed"}, {"other": "deferred"}], ids=["failed", "gone"])
def test_a_training_whose_run_a_person_ended_is_stopped_also_where_no_trigger_did(
    engine: Engine, start_trial: StartTrial, states: dict[str, str | None]
) -> None:
    trial = start_trial()
    trial.make_older()
    (line,) = operator().execute(cast("Context", {"ti": OfRuns(states)}))
    assert (line["cause"], line["action"]) == ("abandoned", "stop")
    assert engine.find(trial.name) == ()


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize("state", ["deferred", "running", "queued", "up_for_retry", "success", None])
def test_a_training_whose_task_waits_is_none_of_those(
    engine: Engine, start_trial: StartTrial, state: str | None
) -> None:
    trial = start_trial()
    trial.make_older()
    assert operator().execute(cast("Context", {"ti": OfRuns({"run": state})})) == []
    assert engine.observe(trial.name, 1).status == "running"


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize(
    ("train", "judging", "giving_up", "is_ended"),
    [
        ("failed", "skipped", "skipped", True),  # a run that is marked as failed
        ("success", "skipped", "skipped", True),  # or as success
        ("skipped", "skipped", "skipped", True),  # the same before its training had begun
        ("failed", "upstream_failed", None, False),  # a training that a person ended: it will be told of
        ("failed", "upstream_failed", "running", False),
        ("success", None, "skipped", False),  # trained, and judged next
        ("success", "running", "skipped", False),
    ],
)
def test_an_experiment_is_ended_and_told_of_once_a_person_has_ended_its_run_as_a_whole(
    start_trial: StartTrial,
    installed: Installation,
    train: str,
    judging: str | None,
    giving_up: str | None,
    is_ended: bool,
) -> None:
    trial = start_trial()
    stop_training(installed, "train_cnn__admin__mnist", "run")
    states = OfRuns({"run": train}, check_accuracy=judging, notify_crash=giving_up)
    for _ in range(2):
        operator().execute(cast("Context", {"ti": states}))
    mails = list(installed.settings.outbox.glob("**/*.eml"))
    assert (trial.experiment.state is State.CRASHED, len(mails)) == (is_ended, int(is_ended))
    assert all("stopped" in mail.read_text().lower() for mail in mails)


@pytest.mark.usefixtures("stack")
def test_an_end_that_could_not_be_told_is_told_in_the_next_round(
    start_trial: StartTrial, installed: Installation
) -> None:
    start_trial()
    stop_training(installed, "train_cnn__admin__mnist", "run")
    states = OfRuns({"run": "failed"}, check_accuracy="skipped", notify_crash="skipped")
    outbox = installed.settings.outbox
    outbox.write_text("a file where the folder should be")
    with pytest.raises(OSError, match="outbox"):
        operator().execute(cast("Context", {"ti": states}))
    outbox.unlink()
    for _ in range(2):
        operator().execute(cast("Context", {"ti": states}))
    assert len(list(outbox.glob("**/*.eml"))) == 1
