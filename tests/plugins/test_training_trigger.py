"""The trigger that waits for a training, on real containers: not before, but after, whatever happens."""

from __future__ import annotations

import asyncio
import importlib
import os
from pathlib import Path
from typing import Any

import pytest
from airflow.triggers.base import TaskSuccessEvent, TriggerEvent
from structlog.contextvars import bound_contextvars, merge_contextvars
from structlog.testing import capture_logs

from include.containers import (
    Engine,
    Limits,
    Stop,
    StoppedBy,
    begin_training,
    read_outcome,
    read_spec,
    read_stop,
    record_stop,
)
from include.containers.spec import MIB
from plugins.triggers.training_container import TrainingContainerTrigger
from tests.include.containers.support import MakeTrial, Trial, ended, engine, make_trial, wait_until

__all__ = ["engine", "make_trial"]

pytestmark = pytest.mark.docker

RESULT = '{"status": "finished", "accuracy": 0.5}'
FINISH = f"echo '{RESULT}' > /trial/out/result.json; exit 0"
WHEN_TOLD = f"while ! test -f /mlops/go; do sleep 0.05; done; echo hello; {FINISH}"


def watching(engine: Engine, trial: Trial, docker_url: str | None = None) -> TrainingContainerTrigger:
    return TrainingContainerTrigger(str(trial.folder), engine.stack, docker_url)


async def first(trigger: TrainingContainerTrigger) -> TriggerEvent:
    """Run a trigger to its end, as the triggerer does, and return its only event."""
    (event,) = [event async for event in trigger.run()]
    return event


def returned(event: TriggerEvent) -> Any:
    """Return what the task returns when it is ended from the triggerer."""
    assert isinstance(event, TaskSuccessEvent)
    assert event.xcoms is not None
    return event.xcoms["return_value"]


def start(engine: Engine, trial: Trial) -> None:
    begin_training(engine, trial.request)


def go(trial: Trial) -> None:
    (trial.folder / "work" / "go").touch()


def test_the_trigger_comes_back_equal_from_the_database() -> None:
    path, arguments = TrainingContainerTrigger("/t", "s", "unix:///d.sock").serialize()
    module, name = path.rsplit(".", 1)
    again = getattr(importlib.import_module(module), name)(**arguments)
    assert isinstance(again, TrainingContainerTrigger)
    assert again.serialize() == (path, arguments)


async def test_it_fires_not_before_the_training_ends_but_then(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial(WHEN_TOLD)
    start(engine, trial)
    waiting = asyncio.create_task(first(watching(engine, trial)))
    done, _ = await asyncio.wait([waiting], timeout=1)
    assert not done
    go(trial)
    event = await waiting
    outcome = read_outcome(trial.folder)
    assert outcome is not None
    assert returned(event) == outcome.to_json()
    assert returned(event)["ending"] == "finished"
    assert engine.find(trial.experiment) == ()


async def test_the_output_reaches_the_log_of_its_task(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial(f"printf '1/2\\r2/2\\n'; echo last; {FINISH}")
    start(engine, trial)
    with bound_contextvars(trigger_id=7), capture_logs([merge_contextvars]) as entries:
        await first(watching(engine, trial))
    lines = [(entry["event"], entry["trigger_id"]) for entry in entries]
    assert [line for line in lines if line[0] in ("2/2", "last")] == [("2/2", 7), ("last", 7)]


@pytest.mark.parametrize(
    ("command", "limits", "ending"),
    [
        ("exit 3", Limits(memory_bytes=64 * MIB), "script_error"),
        ("exec sleep 60", Limits(memory_bytes=64 * MIB, seconds=0.5), "too_slow"),
        ("exec python3 -c 'b = bytearray(2**29)'", Limits(memory_bytes=64 * MIB), "out_of_memory"),
    ],
)
async def test_an_ending_that_is_judged_later_is_a_success(
    engine: Engine, make_trial: MakeTrial, command: str, limits: Limits, ending: str
) -> None:
    trial = make_trial(command, limits=limits)
    start(engine, trial)
    event = await first(watching(engine, trial))
    assert returned(event)["ending"] == ending


async def test_a_crash_that_was_given_up_resumes_the_task(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial("kill -9 $$")
    start(engine, trial)
    wait_until(engine, trial, ended)
    record_stop(trial.folder, Stop(StoppedBy.MONITOR, "Given up."))
    event = await first(watching(engine, trial))
    assert not isinstance(event, TaskSuccessEvent)
    assert (event.payload["ending"], event.payload["reason"]) == ("crashed", "Given up.")


async def test_it_waits_through_a_crash_for_the_relaunch(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial(WHEN_TOLD)
    start(engine, trial)
    waiting = asyncio.create_task(first(watching(engine, trial)))
    await asyncio.sleep(0.3)
    engine.remove(str(engine.observe(trial.experiment, 1).id))
    done, _ = await asyncio.wait([waiting], timeout=1)
    assert not done
    spec = read_spec(trial.folder)
    assert spec is not None
    engine.launch(spec, relaunch=1)
    go(trial)
    event = await waiting
    assert returned(event)["relaunches"] == 1


async def test_it_waits_for_an_engine_that_does_not_answer(
    engine: Engine, make_trial: MakeTrial, tmp_path: Path
) -> None:
    trial = make_trial(FINISH)
    start(engine, trial)
    socket = tmp_path / "docker.sock"
    waiting = asyncio.create_task(first(watching(engine, trial, f"unix://{socket}")))
    done, _ = await asyncio.wait([waiting], timeout=0.5)
    assert not done
    socket.symlink_to(os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").removeprefix("unix://"))
    assert isinstance(await waiting, TaskSuccessEvent)


async def test_a_person_who_ends_the_task_stops_the_container(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial("exec sleep 60")
    start(engine, trial)
    await watching(engine, trial).on_kill()
    assert engine.find(trial.experiment) == ()
    stop = read_stop(trial.folder)
    assert stop is not None
    assert stop.by is StoppedBy.USER


async def test_its_own_end_is_not_taken_for_a_persons(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial(FINISH)
    start(engine, trial)
    trigger = watching(engine, trial)
    await first(trigger)
    await trigger.on_kill()
    assert read_stop(trial.folder) is None


@pytest.fixture
async def cancelled(engine: Engine, make_trial: MakeTrial) -> Trial:
    """Give a trial whose trigger was cancelled, as at the end of a triggerer."""
    trial = make_trial("exec sleep 60")
    start(engine, trial)
    waiting = asyncio.create_task(first(watching(engine, trial)))
    await asyncio.sleep(0.5)
    waiting.cancel()
    await asyncio.wait([waiting])
    return trial


async def test_a_triggerer_that_ends_leaves_the_training_alone(engine: Engine, cancelled: Trial) -> None:
    assert engine.observe(cancelled.experiment, 1).status == "running"
    assert read_stop(cancelled.folder) is None
