"""What happens to training containers, as the engine's event stream tells it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import requests
from docker.errors import DockerException

from include.containers.engine import Engine
from include.containers.errors import EngineUnavailableError
from include.containers.naming import EXPERIMENT, STACK, TRIAL

log = logging.getLogger(__name__)

_UNHEALTHY = "health_status: unhealthy"
_ACTIONS = ("die", "oom", "kill", "destroy", "health_status")
# A host that vanished never ends its stream: it is ended here now and then, and asked for anew.
_STREAM_SECONDS = 300.0
_PAUSES = (0.5, 1.0, 2.0, 5.0)
_ERRORS = (DockerException, requests.RequestException, EngineUnavailableError, OSError, ValueError)


@dataclass(frozen=True)
class ContainerEvent:
    """One thing that happened to one trial's container.

    Args:
        at: Seconds since the epoch, by the engine's clock.
        action: ``die``, ``oom``, ``kill``, ``destroy`` or ``unhealthy``.
        container: Name of the container.
        experiment: Experiment id.
        trial: Number of the trial.
        exit_code: Exit code, for ``die``.
    """

    at: float
    action: str
    container: str
    experiment: str
    trial: int
    exit_code: int | None = None

    def __str__(self) -> str:
        code = "" if self.exit_code is None else f" (exit code {self.exit_code})"
        return f"{self.container}: {self.action}{code}"


def event_of(document: Mapping[str, Any]) -> ContainerEvent | None:
    """Return what an event of the engine's stream tells; None when it asks for nobody's answer.

    That is an end with exit code 0, a container that is well, and one that trains no trial.
    """
    attributes = (document.get("Actor") or {}).get("Attributes") or {}
    told = document.get("Action", "")
    action = "unhealthy" if told == _UNHEALTHY else told
    exit_code = attributes.get("exitCode", "")
    code = int(exit_code) if action == "die" and exit_code.isdigit() else None
    experiment, trial = attributes.get(EXPERIMENT), attributes.get(TRIAL, "")
    if action.startswith("health_status") or code == 0 or not experiment or not trial.isdigit():
        return None
    at = document.get("timeNano", 0) / 1e9
    return ContainerEvent(at, action, attributes.get("name", ""), experiment, int(trial), code)


class Listener(Protocol):
    """Who is told; called in the stream's thread."""

    def connected(self) -> None:
        """The stream is (again) followed; what happened before may have been missed."""

    def happened(self, event: ContainerEvent) -> None:
        """Something happened to a container."""


class EventStream(threading.Thread):
    """Follows an engine's events until it is closed, through every outage of the engine.

    After a gap, events since the last one are asked for again. An engine that was restarted has forgotten
    them, so the listener is told of each new connection, to look for itself.

    Args:
        connect: Gives the engine.
        listener: Who is told.
        stream_seconds: After this time a stream is asked for anew.
        pauses: Seconds to wait after the first, second, … failure to connect.
    """

    def __init__(
        self,
        connect: Callable[[], Engine],
        listener: Listener,
        *,
        stream_seconds: float = _STREAM_SECONDS,
        pauses: tuple[float, ...] = _PAUSES,
    ) -> None:
        super().__init__(name="docker-events", daemon=True)  # a silent engine can't hold up a process's end
        self._connect, self._listener = connect, listener
        self._stream_seconds, self._pauses = stream_seconds, pauses
        self._since: str | None = None
        self._closed = threading.Event()
        self._open: Any = None

    def close(self) -> None:
        """End the thread soon."""
        self._closed.set()
        _end(self._open)

    def run(self) -> None:
        """Follow until closed."""
        failures, renewed = 0, False
        while not self._closed.is_set():
            try:
                renewed = self._follow(renewed)
                failures = 0
                if not renewed:  # the engine ended it: it may be going down
                    self._closed.wait(self._pauses[0])
            except _ERRORS as error:
                renewed = False
                if failures == 0:
                    log.warning("The engine's events can't be followed, trying again: %s", error)
                self._closed.wait(self._pauses[min(failures, len(self._pauses) - 1)])
                failures += 1

    def _follow(self, renewed: bool) -> bool:
        """Follow one stream to its end.

        Args:
            renewed: The stream before was ended here, so nothing was missed.

        Returns:
            Whether this one was ended here.
        """
        engine = self._connect()
        try:
            self._since = self._since or _now(engine)
            filters = {"type": "container", "label": f"{STACK}={engine.stack}", "event": list(_ACTIONS)}
            # The engine takes fractions of a second, which the stubs don't know.
            stream: Any = engine.client.events(since=self._since, filters=filters, decode=True)  # type: ignore[call-overload]
            with self._ended_in_time(stream) as renewing:
                if not renewed:
                    self._listener.connected()
                self._tell(stream)
            return renewing.is_set()
        finally:
            engine.close()

    def _tell(self, documents: Iterator[Mapping[str, Any]]) -> None:
        for document in documents:
            if at := document.get("timeNano"):
                seconds, nanoseconds = divmod(at + 1, 1_000_000_000)
                self._since = f"{seconds}.{nanoseconds:09d}"
            if (event := event_of(document)) is not None:
                self._listener.happened(event)

    @contextmanager
    def _ended_in_time(self, stream: Any) -> Iterator[threading.Event]:
        renewing = threading.Event()

        def renew() -> None:
            renewing.set()
            _end(stream)

        timer = threading.Timer(self._stream_seconds, renew)
        timer.daemon = True
        self._open = stream
        if self._closed.is_set():  # closed while it connected
            _end(stream)
        timer.start()
        try:
            yield renewing
        finally:
            timer.cancel()
            self._open = None
            _end(stream)


def _now(engine: Engine) -> str:
    """The engine's own time, because another machine's clock may differ."""
    return str(datetime.fromisoformat(engine.client.info()["SystemTime"]).timestamp())


def _end(stream: Any) -> None:
    if stream is not None:
        with suppress(OSError, AttributeError, DockerException):  # it has ended already
            stream.close()
