"""The next trial's container, as the trigger of a training starts it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest
from airflow.triggers.base import TaskSuccessEvent, TriggerEvent
from structlog.testing import capture_logs

from include.containers import (
    ContainerState,
    Engine,
    Stop,
    StoppedBy,
    TrainingRequest,
    begin_training,
    read_spec,
    record_stop,
)
from plugins.triggers.training_container import TrainingContainerTrigger
from tests.include.experiments.ahead import (
    MISSED,
    REACHED,
    MakeTrained,
    Trained,
    engine,
    installation,
    make_trained,
)
from tests.include.experiments.conftest import clock, goals, push

__all__ = ["clock", "engine", "goals", "installation", "make_trained", "push"]

pytestmark = pytest.mark.docker


async def run(folder: Path, engine: Engine) -> list[TriggerEvent]:
    return await events(TrainingContainerTrigger(str(folder), engine.stack, reports=True))


async def events(trigger: TrainingContainerTrigger) -> list[TriggerEvent]:
    return [event async for event in trigger.run()]


async def test_it_is_up_when_the_trigger_has_ended(engine: Engine, make_trained: MakeTrained) -> None:
    trained = make_trained(MISSED)
    (event,) = await run(trained.folder(1), engine)
    assert isinstance(event, TaskSuccessEvent)
    (state,) = engine.find(trained.experiment)
    assert (state.trial, state.status) == (2, "running")


async def test_a_training_that_reaches_the_target_starts_none(
    engine: Engine, make_trained: MakeTrained
) -> None:
    trained = make_trained(REACHED)
    await run(trained.folder(1), engine)
    assert engine.find() == ()


EPOCH = json.dumps({"epoch": 1, "accuracy": 0.5, "fit": 1, "planned": 2, "seconds": 1.0})
TRAINS = f"echo '{EPOCH}' > /trial/out/metrics.jsonl; while ! test -f /mlops/end; do sleep 0.05; done; exit 3"


@pytest.fixture
def training(engine: Engine, make_trained: MakeTrained) -> Trained:
    """Give an experiment whose first training has come to its last epoch, and goes on until it is told."""
    trained = make_trained()
    folder = trained.folder(1)
    (folder / "out" / "result.json").unlink()
    spec = read_spec(folder)
    assert spec is not None
    command = ("sh", "-c", TRAINS)
    begin_training(engine, TrainingRequest(replace(spec, command=command), folder))
    return trained


async def until_waiting(engine: Engine, trained: Trained) -> ContainerState:
    """Wait until the next trial's container is up; pytest's time-out ends a wait in vain."""
    while (state := engine.observe(trained.experiment, 2)).status != "running":
        await asyncio.sleep(0.05)
    return state


async def test_it_is_up_before_a_training_ends_that_is_in_its_last_epochs(
    engine: Engine, training: Trained
) -> None:
    watching = asyncio.create_task(run(training.folder(1), engine))
    waiting = await until_waiting(engine, training)
    assert engine.observe(training.experiment, 1).status == "running"
    assert not watching.done()
    (training.folder(1) / "work" / "end").touch()
    (training.folder(1) / "out" / "result.json").write_text(MISSED)
    (event,) = await watching
    assert isinstance(event, TaskSuccessEvent)
    assert [state.id for state in engine.find(training.experiment)] == [waiting.id]


async def test_it_is_gone_when_a_person_has_ended_the_task(engine: Engine, training: Trained) -> None:
    trigger = TrainingContainerTrigger(str(training.folder(1)), engine.stack, reports=True)
    watching = asyncio.create_task(events(trigger))
    await until_waiting(engine, training)
    watching.cancel()
    await trigger.on_kill()
    assert engine.find(training.experiment) == ()


async def test_it_is_gone_when_the_training_was_given_up(engine: Engine, training: Trained) -> None:
    watching = asyncio.create_task(run(training.folder(1), engine))
    await until_waiting(engine, training)
    record_stop(training.folder(1), Stop(StoppedBy.MONITOR, "Given up."))
    engine.remove(str(engine.observe(training.experiment, 1).id))
    (event,) = await watching
    assert not isinstance(event, TaskSuccessEvent)
    assert engine.find(training.experiment) == ()


async def test_a_training_ends_as_ever_where_none_can_be_started(
    engine: Engine, make_trained: MakeTrained
) -> None:
    trained = make_trained(MISSED)
    file = trained.installation.settings.repositories_file
    file.write_text("repositories: [{name: admin/mnist, image: 'no-such-image:1'}]")
    with capture_logs() as entries:
        (event,) = await run(trained.folder(1), engine)
    assert isinstance(event, TaskSuccessEvent)
    assert any("is not started ahead: " in entry["event"] for entry in entries)
    assert engine.find() == ()
