"""Waits in the triggerer for a training to end, through crashes and relaunches."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from contextvars import Context, copy_context
from functools import partial
from pathlib import Path
from typing import Any

import requests
from airflow.triggers.base import BaseTrigger, TaskSuccessEvent, TriggerEvent
from docker.errors import DockerException

from include.containers import (
    EndingKind,
    Engine,
    EngineUnavailableError,
    Outcome,
    Stop,
    StoppedBy,
    TrainingWatch,
)
from include.containers.following import LogFollower
from plugins.triggers.answering import CrashAnswerer
from plugins.triggers.epochs import report_epochs
from plugins.triggers.next_container import NextContainer

_ENGINE_ERRORS = (DockerException, requests.RequestException, EngineUnavailableError)
_STILL_ALIVE_SECONDS = 5.0  # a look now and then, should the log stream break without ending
_DYING_SECONDS = 0.1  # between the end of the output and the end of the container
_RELAUNCH_SECONDS = 0.5  # between looks for the container that takes over from a crashed one
_ENGINE_SECONDS = 2.0
_DRAIN_SECONDS = 5.0  # at most: the output's end is known as a rule before the container's

# Judged by the tasks that follow; every other ending fails the train task.
JUDGED = frozenset(EndingKind) - {EndingKind.RUNNING, EndingKind.STOPPED, EndingKind.CRASHED}


class TrainingContainerTrigger(BaseTrigger):
    """Watches one trial's container, forwards its output to the task's log, and ends the task.

    An ending that the following tasks judge ends the task as a success straight from the triggerer, which
    saves the time of a worker; any other resumes it, so that it fails with its callbacks.

    Args:
        trial_dir: The trial's folder, with ``container.json``.
        stack: The installation's name.
        docker_url: The engine; None for the one of ``DOCKER_HOST``.
        reports: Whether the store has the trial: it is told of each epoch, so that a hopeless training is
            ended early, and of relaunches, so that a crash is answered from here; when the training comes to
            its end, the next trial's container is started.
    """

    def __init__(
        self, trial_dir: str, stack: str, docker_url: str | None = None, reports: bool = False
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Airflow's has no types
        self.trial_dir, self.stack, self.docker_url = trial_dir, stack, docker_url
        self.reports = reports
        self._ended = False

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the class path and the arguments that make this trigger again."""
        arguments = {
            "trial_dir": self.trial_dir,
            "stack": self.stack,
            "docker_url": self.docker_url,
            "reports": self.reports,
        }
        return "plugins.triggers.training_container.TrainingContainerTrigger", arguments

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Wait until the training's ending is final, then fire once and remove its containers."""
        reporting = self._report_epochs()
        try:
            watch, outcome = await self._until_ended()
        finally:
            if reporting is not None:
                reporting.cancel()
        self._ended = True
        following = self._follow_up(outcome)
        await asyncio.to_thread(watch.finish, outcome)
        self.log.info("Training ended: %s. %s", outcome.ending, outcome.reason)
        if outcome.ending in JUDGED:
            yield TaskSuccessEvent(xcoms={"return_value": outcome.to_json()})
        else:
            yield TriggerEvent(outcome.to_json())  # type: ignore[no-untyped-call]
        await asyncio.to_thread(watch.clean)
        if following is not None:
            await following

    async def on_kill(self) -> None:
        """Stop and remove the container, because a person marked or cleared the task."""
        if not self._ended:
            self.log.info("The task was ended by a person: stopping its container.")
            await asyncio.to_thread(self._stop)
            if self.reports:
                await self._next().end()

    def _report_epochs(self) -> asyncio.Task[None] | None:
        if not self.reports:
            return None
        return asyncio.create_task(report_epochs(Path(self.trial_dir), self.log, self._next().start))

    def _follow_up(self, outcome: Outcome) -> asyncio.Task[None] | None:
        """Have the next trial's container up when it is wanted, and gone when it is not."""
        if not self.reports:
            return None
        following = self._next()
        return asyncio.create_task(following.start(outcome) if outcome.ending in JUDGED else following.end())

    def _next(self) -> NextContainer:
        return NextContainer(Path(self.trial_dir), self.stack, self.docker_url, self.log)

    def _stop(self) -> None:
        watch = self._watch()
        watch.stop(Stop(StoppedBy.USER, "A person ended its task."))
        watch.clean()

    def _watch(self) -> TrainingWatch:
        return TrainingWatch(Engine.connect(self.stack, self.docker_url), Path(self.trial_dir))

    async def _until_ended(self) -> tuple[TrainingWatch, Outcome]:
        """Watch, and wait for the engine itself whenever it does not answer."""
        following: _Following | None = None
        answerer = CrashAnswerer(self.log)
        while True:
            try:
                watch = await asyncio.to_thread(self._watch)
                while (outcome := await asyncio.to_thread(watch.look, time.time())) is None:
                    following = self._follow(watch, following)
                    if self.reports:
                        await answerer.look(watch)
                    await _pause(watch, following)
            except _ENGINE_ERRORS as error:
                self.log.warning("The Docker engine does not answer, waiting for it: %s", error)
                await asyncio.sleep(_ENGINE_SECONDS)
            else:
                await _drain(self._follow(watch, following))
                return watch, outcome

    def _follow(self, watch: TrainingWatch, following: _Following | None) -> _Following | None:
        """Follow the container that the watch sees now, each one once."""
        if watch.state.id is None or (following and following.container_id == watch.state.id):
            return following
        return _Following(self, watch)


class _Following:
    """The output of one container, flowing into the task's log, and the moment at which it ends."""

    def __init__(self, trigger: TrainingContainerTrigger, watch: TrainingWatch) -> None:
        self.container_id = str(watch.state.id)
        self.ended = asyncio.Event()
        # The trigger's own context, which knows which task's log a line belongs to.
        tell = partial(_tell, asyncio.get_running_loop(), copy_context())
        trigger.log.info("Watching container %s (%s).", watch.state.name, self.container_id[:12])
        LogFollower(
            watch.engine,
            self.container_id,
            on_line=partial(tell, trigger.log.info),
            on_end=partial(tell, self.ended.set),
        ).start()


async def _pause(watch: TrainingWatch, following: _Following | None) -> None:
    if not watch.state.alive or following is None:
        await asyncio.sleep(_RELAUNCH_SECONDS)
    elif following.ended.is_set():
        await asyncio.sleep(_DYING_SECONDS)
    else:
        seconds = min(_STILL_ALIVE_SECONDS, max(0.0, watch.seconds_left(time.time())) + _DYING_SECONDS)
        with suppress(TimeoutError):
            await asyncio.wait_for(following.ended.wait(), seconds)


async def _drain(following: _Following | None) -> None:
    """Let the last lines come in before the task ends."""
    if following is not None:
        with suppress(TimeoutError):
            await asyncio.wait_for(following.ended.wait(), _DRAIN_SECONDS)


def _tell(
    loop: asyncio.AbstractEventLoop, context: Context, function: Callable[..., object], *arguments: str
) -> None:
    """Call a function in the loop's thread and the given context; not any more when the triggerer ends."""
    try:
        loop.call_soon_threadsafe(partial(function, *arguments), context=context)
    except RuntimeError:  # the loop is closed
        return
