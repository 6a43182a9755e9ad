"""Starts the monitor at once when the engine tells that a training container died."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from functools import partial
from typing import Any

import requests
from airflow.triggers.base import BaseEventTrigger, TriggerEvent
from docker.errors import DockerException

from include.containers import Engine, EngineUnavailableError
from include.containers.events import ContainerEvent, EventStream
from include.experiments.installation import Installation
from include.experiments.noticing import missed, notice

_ENGINE_ERRORS = (DockerException, requests.RequestException, EngineUnavailableError)
# What happens within this time is one event: a kill and the death that follows, or many containers at once.
DEBOUNCE_SECONDS = 0.2

Item = tuple[str | None, ContainerEvent | None]


class ContainerEventsTrigger(BaseEventTrigger):
    """Fires when an engine tells something that the monitor would act on, for an asset watcher; never ends.

    The payload of its events is ``{"noticed": [sentence, …]}``. It keeps no watermark: on each connection to
    an engine it looks at every trial there, so that a restart of triggerer or engine loses nothing.

    Args:
        stack: The installation's name, by whose label the containers are found.
        engines: URLs of the engines; None is the one of ``DOCKER_HOST``.
    """

    def __init__(self, stack: str, engines: Iterable[str | None] = (None,)) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Airflow's has no types
        self.stack = stack
        self.engines = list(engines)

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the class path and the arguments that make this trigger again."""
        arguments = {"stack": self.stack, "engines": self.engines}
        return "plugins.triggers.container_events.ContainerEventsTrigger", arguments

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield one event for each thing, or burst of things, that asks for the monitor."""
        queue: asyncio.Queue[Item] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        streams = [
            EventStream(partial(Engine.connect, self.stack, url), _Told(loop, queue, url))
            for url in self.engines
        ]
        for stream in streams:
            stream.start()
        try:
            while True:
                burst = [await queue.get()]
                await asyncio.sleep(DEBOUNCE_SECONDS)
                while not queue.empty():
                    burst.append(queue.get_nowait())
                if noticed := await self._noticed(burst):
                    self.log.info("The monitor is asked for: %s", "; ".join(noticed))
                    yield TriggerEvent({"noticed": noticed})  # type: ignore[no-untyped-call]
        finally:
            for stream in streams:
                stream.close()

    async def _noticed(self, burst: list[Item]) -> list[str]:
        noticed: list[str] = []
        for url in dict.fromkeys(url for url, _ in burst):
            events = [event for item_url, event in burst if item_url == url]
            try:
                noticed += await asyncio.to_thread(self._look, url, events)
            except _ENGINE_ERRORS as error:
                # Its stream breaks too, and everything on it is looked at on the next connection.
                self.log.warning("The Docker engine does not answer, waiting for it: %s", error)
            except Exception:
                # It would end this trigger for good; the monitor meets the same trouble and tells it.
                self.log.exception("What the engine told can't be judged here.")
                noticed.append("something that could not be judged by the trigger")
        return noticed

    def _look(self, url: str | None, events: list[ContainerEvent | None]) -> list[str]:
        installation = Installation.from_environment()
        engine = Engine.connect(self.stack, url)
        try:
            if None in events:
                return list(missed(installation, engine, url, time.time()))
            told = [event for event in events if event is not None]
            return list(notice(installation, engine, told, time.time()))
        finally:
            engine.close()


class _Told:
    """Hands what one engine tells over to the event loop; None stands for a new connection."""

    def __init__(self, loop: asyncio.AbstractEventLoop, queue: asyncio.Queue[Item], url: str | None) -> None:
        self._loop, self._queue, self._url = loop, queue, url

    def connected(self) -> None:
        self._put(None)

    def happened(self, event: ContainerEvent) -> None:
        self._put(event)

    def _put(self, event: ContainerEvent | None) -> None:
        with suppress(RuntimeError):  # the loop is closed: the triggerer ends
            self._loop.call_soon_threadsafe(self._queue.put_nowait, (self._url, event))
