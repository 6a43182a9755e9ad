"""A crash is answered by the trigger that watches the training, without the DAG, and never twice."""

from __future__ import annotations

import asyncio
import time
from typing import Any
from unittest.mock import create_autospec

import pytest
from airflow.triggers.base import TaskSuccessEvent, TriggerEvent
from structlog.testing import capture_logs
from structlog.typing import FilteringBoundLogger

from include.containers import Engine, Policy, Stop, StoppedBy, TrainingWatch, read_spec, record_stop
from include.containers.files import write_spec
from include.containers.stopping import Interruption, record_interruption
from include.experiments.monitoring import monitor_round
from plugins.triggers.answering import CrashAnswerer
from plugins.triggers.training_container import TrainingContainerTrigger
from tests.include.containers.support import ended, engine
from tests.include.experiments.watched import StartTrial, Watched, installed, start_trial

__all__ = ["engine", "installed", "start_trial"]

pytestmark = pytest.mark.docker

RESULT = 'echo \'{"status": "finished", "accuracy": 0.5}\' > /trial/out/result.json'
# The second launch finds what the first one left in out/, which a relaunch keeps.
CRASHES_ONCE = (
    f"test -e /trial/out/crashed && {RESULT} && exit 0; touch /trial/out/crashed; kill -9 $$; sleep 9"
)


async def outcome(engine: Engine, trial: Watched) -> TriggerEvent:
    trigger = TrainingContainerTrigger(str(trial.folder), engine.stack, reports=True)
    (event,) = [event async for event in trigger.run()]
    return event


def crashed(engine: Engine, trial: Watched) -> TrainingWatch:
    """Kill the trial's container and return a watch that has seen it."""
    engine.kill(str(engine.observe(trial.name, 1).id))
    while not ended(engine.observe(trial.name, 1)):
        time.sleep(0.05)
    watch = TrainingWatch(engine, trial.folder)
    assert watch.look(time.time()) is None
    return watch


async def test_a_crash_is_answered_without_the_monitor(engine: Engine, start_trial: StartTrial) -> None:
    trial = start_trial(CRASHES_ONCE)
    with capture_logs() as entries:
        event = await outcome(engine, trial)
    assert isinstance(event, TaskSuccessEvent)
    assert event.xcoms is not None
    returned: Any = event.xcoms["return_value"]
    assert returned["relaunches"] == 1
    assert [r.number for r in trial.experiment.trial(1).relaunches] == [1]
    told = [entry["event"] for entry in entries if " · relaunch 1 · " in entry["event"]]
    assert told == [
        f"{trial.spec.name}-r1 · died · relaunch 1 · The container was killed by signal 9 and left no result."
    ]


async def test_with_the_monitor_at_the_same_time_it_is_relaunched_once(
    engine: Engine, start_trial: StartTrial
) -> None:
    trial = start_trial()
    watch = crashed(engine, trial)
    monitor = asyncio.to_thread(
        lambda: list(monitor_round(trial.installation, (None,), lambda _: engine, Policy()))
    )
    await asyncio.gather(CrashAnswerer(log()).look(watch), monitor)
    assert [state.relaunch for state in engine.find(trial.name)] == [0, 1]
    assert [r.number for r in trial.experiment.trial(1).relaunches] == [1]


async def test_a_training_that_is_alive_is_left_alone(engine: Engine, start_trial: StartTrial) -> None:
    trial = start_trial()
    watch = TrainingWatch(engine, trial.folder)
    watch.look(time.time())
    await CrashAnswerer(log()).look(watch)
    assert [state.id for state in engine.find(trial.name)] == [trial.first.id]


async def test_a_stop_during_the_pause_is_obeyed(engine: Engine, start_trial: StartTrial) -> None:
    trial = start_trial()
    answering = asyncio.create_task(CrashAnswerer(log()).look(crashed(engine, trial)))
    record_stop(trial.folder, Stop(StoppedBy.USER, "A person."))
    await answering
    assert len(engine.find(trial.name)) == 1


async def test_a_relaunch_that_fails_is_left_to_the_monitor(engine: Engine, start_trial: StartTrial) -> None:
    trial = start_trial()
    spec = read_spec(trial.folder)
    assert spec is not None
    watch = crashed(engine, trial)
    write_spec(trial.folder, type(spec).from_json({**spec.to_json(), "image_id": "no-such-image:1"}))
    mock = log()
    answerer = CrashAnswerer(mock)
    await answerer.look(watch)
    await answerer.look(watch)  # not again and again, every half second
    (warning,) = mock.warning.call_args_list
    assert "no-such-image:1" in str(warning)
    write_spec(trial.folder, spec)
    (line,) = monitor_round(trial.installation, (None,), lambda _: engine, Policy())
    assert (line.done, line.relaunch) == (True, 1)


async def test_trouble_of_the_store_fails_no_training(
    engine: Engine, start_trial: StartTrial, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = start_trial()
    watch = crashed(engine, trial)
    monkeypatch.setenv("CNN_STORAGE_URL", "sqlite:////no/such/folder/experiments.db")
    mock = log()
    await CrashAnswerer(mock).look(watch)
    assert mock.exception.called
    assert len(engine.find(trial.name)) == 1  # the monitor's, once the store is there


async def test_a_training_goes_on_by_itself_after_the_installation_was_stopped(
    engine: Engine, start_trial: StartTrial
) -> None:
    trial = start_trial(CRASHES_ONCE.replace("kill -9 $$", "sleep 60"))
    while not (trial.folder / "out" / "crashed").exists():
        await asyncio.sleep(0.05)
    record_interruption(trial.folder, Interruption(time.time(), "The installation was stopped."))
    engine.remove(str(trial.first.id))
    assert isinstance(await outcome(engine, trial), TaskSuccessEvent)
    assert trial.experiment.trial(1).relaunches == ()


def log() -> Any:
    return create_autospec(FilteringBoundLogger, instance=True)
