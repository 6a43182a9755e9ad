"""The trigger that starts the monitor: on a crash and not before; never on an end that was deliberate."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from airflow.sdk import Asset, AssetWatcher
from airflow.triggers.base import TriggerEvent

from include.containers import Engine, Stop, StoppedBy, record_stop
from include.containers.events import ContainerEvent
from include.experiments.installation import Installation
from include.experiments.noticing import missed, notice
from plugins.triggers.container_events import ContainerEventsTrigger
from tests.include.containers.support import ended, engine
from tests.include.experiments.watched import StartTrial, installed, start_trial

__all__ = ["engine", "installed", "start_trial"]

pytestmark = pytest.mark.docker

SECONDS = 60.0  # more than any event takes, on any machine
RESULT = 'echo \'{"status": "finished", "accuracy": 0.5}\' > /trial/out/result.json'
GO = "while ! test -f /mlops/go; do sleep 0.05; done"


class Watching:
    """The trigger in the background, as the triggerer runs it."""

    def __init__(self, trigger: ContainerEventsTrigger) -> None:
        self.events: asyncio.Queue[TriggerEvent] = asyncio.Queue()
        self.task = asyncio.create_task(self._collect(trigger))

    async def _collect(self, trigger: ContainerEventsTrigger) -> None:
        async for event in trigger.run():
            self.events.put_nowait(event)

    async def next(self) -> list[str]:
        event = await asyncio.wait_for(self.events.get(), SECONDS)
        noticed: list[str] = event.payload["noticed"]
        return noticed

    async def next_names(self) -> list[str]:
        """The containers of the next event: the engine may tell a kill first, or the death alone."""
        return [sentence.partition(":")[0] for sentence in await self.next()]


@contextlib.asynccontextmanager
async def watching(trigger: ContainerEventsTrigger) -> AsyncIterator[Watching]:
    found = Watching(trigger)
    try:
        yield found
    finally:
        found.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await found.task


def test_it_comes_back_equal_from_the_database_and_suits_a_watcher() -> None:
    trigger = ContainerEventsTrigger("s", (None, "tcp://gpu:2376"))
    path, arguments = trigger.serialize()
    module, name = path.rsplit(".", 1)
    again = getattr(importlib.import_module(module), name)(**arguments)
    assert again.serialize() == (path, arguments)
    assert Asset("a", watchers=[AssetWatcher(name="w", trigger=trigger)]).watchers


async def test_it_fires_not_before_a_crash_but_then(engine: Engine, start_trial: StartTrial) -> None:
    trial = start_trial()
    async with watching(ContainerEventsTrigger(engine.stack)) as watched:
        await asyncio.sleep(1)
        assert watched.events.empty()
        await asyncio.to_thread(engine.kill, str(trial.first.id))
        assert await watched.next_names() == [trial.spec.name]


async def test_it_fires_for_a_container_that_was_removed(engine: Engine, start_trial: StartTrial) -> None:
    trial = start_trial()
    # What was launched a moment ago may not be there yet, and is left its time.
    trial.make_older()
    async with watching(ContainerEventsTrigger(engine.stack)) as watched:
        await asyncio.sleep(1)
        await asyncio.to_thread(engine.remove, str(trial.first.id))
        assert trial.spec.name in (await watched.next())[0]


async def test_it_fires_for_what_happened_before_it_listened(engine: Engine, start_trial: StartTrial) -> None:
    trial = start_trial()
    engine.kill(str(trial.first.id))
    while not ended(engine.observe(trial.name, 1)):
        await asyncio.sleep(0.05)
    async with watching(ContainerEventsTrigger(engine.stack)) as watched:
        assert await watched.next() == [f"{trial.spec.name}: found on connecting to its engine"]


async def test_many_deaths_at_once_are_one_event(engine: Engine, start_trial: StartTrial) -> None:
    trials = [start_trial() for _ in range(3)]
    trigger = ContainerEventsTrigger(engine.stack)
    async with watching(trigger) as watched:
        await asyncio.sleep(1)
        kills = (asyncio.to_thread(engine.kill, str(trial.first.id)) for trial in trials)
        await asyncio.gather(*kills)
        told: set[str] = set()
        rounds = 0
        while len(told) < 3:
            told |= set(await watched.next_names())
            rounds += 1
    assert told == {trial.spec.name for trial in trials}
    assert rounds <= 3


async def test_no_deliberate_end_and_no_judged_one_starts_the_monitor(
    engine: Engine, start_trial: StartTrial
) -> None:
    stopped, finished, raised = start_trial(), start_trial(f"{GO}; {RESULT}"), start_trial(f"{GO}; exit 3")
    crashing = start_trial()
    async with watching(ContainerEventsTrigger(engine.stack)) as watched:
        await asyncio.sleep(1)
        record_stop(stopped.folder, Stop(StoppedBy.USER, "A person ended its task."))
        await asyncio.to_thread(engine.stop, str(stopped.first.id), 1)
        for trial in (finished, raised):
            (trial.folder / "work" / "go").touch()
            while not ended(await asyncio.to_thread(engine.observe, trial.name, 1)):
                await asyncio.sleep(0.05)
        await asyncio.to_thread(engine.kill, str(crashing.first.id))
        assert await watched.next_names() == [crashing.spec.name]


async def test_an_engine_that_is_silent_keeps_it_from_no_other(
    engine: Engine, start_trial: StartTrial, tmp_path: Path
) -> None:
    trial = start_trial()
    trigger = ContainerEventsTrigger(engine.stack, [f"unix://{tmp_path}/no-engine.sock", None])
    async with watching(trigger) as watched:
        await asyncio.sleep(1)
        await asyncio.to_thread(engine.kill, str(trial.first.id))
        assert await watched.next_names() == [trial.spec.name]


async def test_what_it_cannot_judge_starts_the_monitor(
    engine: Engine, start_trial: StartTrial, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = start_trial()
    async with watching(ContainerEventsTrigger(engine.stack)) as watched:
        await asyncio.sleep(1)
        monkeypatch.setenv("CNN_STORAGE_URL", "sqlite:////no/such/folder/experiments.db")
        await asyncio.to_thread(engine.kill, str(trial.first.id))
        assert await watched.next() == ["something that could not be judged by the trigger"]
        assert not watched.task.done()


def test_an_unhealthy_container_is_worth_a_look_and_a_healthy_one_is_not(
    engine: Engine, start_trial: StartTrial, installed: Installation
) -> None:
    trial = start_trial()
    unhealthy = ContainerEvent(0, "unhealthy", trial.spec.name, trial.name, 1)
    killed = ContainerEvent(0, "kill", trial.spec.name, trial.name, 1)  # a signal that it took
    deleted = ContainerEvent(0, "die", "x", f"admin/mnist@{'f' * 40}", 1, 137)
    assert list(notice(installed, engine, [unhealthy], time.time())) == [f"{trial.spec.name}: unhealthy"]
    assert list(notice(installed, engine, [killed, deleted], time.time())) == []
    assert list(missed(installed, engine, None, time.time())) == []
