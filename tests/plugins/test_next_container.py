"""The next trial's container, as the trigger of a training starts it."""

from __future__ import annotations

from pathlib import Path

import pytest
from airflow.triggers.base import TaskSuccessEvent, TriggerEvent
from structlog.testing import capture_logs

from include.containers import Engine
from plugins.triggers.training_container import TrainingContainerTrigger
from tests.include.experiments.ahead import MISSED, REACHED, MakeTrained, engine, installation, make_trained
from tests.include.experiments.conftest import clock, goals, push

__all__ = ["clock", "engine", "goals", "installation", "make_trained", "push"]

pytestmark = pytest.mark.docker


async def run(folder: Path, engine: Engine) -> list[TriggerEvent]:
    trigger = TrainingContainerTrigger(str(folder), engine.stack, reports=True)
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
