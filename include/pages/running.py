"""What goes on now with a trial: its container as the engine sees it, and the end of its log."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests
from docker.errors import DockerException

from include.containers._reading import opened
from include.containers.engine import Engine
from include.containers.errors import EngineUnavailableError, ResultRefusedError
from include.containers.following import readable_lines
from include.containers.outcome import read_outcome
from include.containers.state import ContainerState
from include.containers.stopping import read_stop
from include.experiments.scripted import OUTPUT_FILE
from include.report._text import last_lines

LOG_LINES = 200
_TWEAK_LINES = 60
_LOG_BYTES, _LARGEST_LOG = 64 * 1024, 1024**3
_SECONDS = 1.5  # so long an answer of the engine is good for all who look
_MOST_KEPT = 256
_TROUBLE = (EngineUnavailableError, DockerException, requests.RequestException)


class Containers:
    """The engine as the pages ask it: seldom, however many look.

    Args:
        connect: Makes the connection; it is made again after trouble.
        clock: Gives seconds that never go back.
    """

    def __init__(self, connect: Callable[[], Engine], clock: Callable[[], float] = time.monotonic) -> None:
        self._connect, self._clock = connect, clock
        self._engine: Engine | None = None
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, int], tuple[float, dict[str, Any]]] = {}

    def look(self, experiment: str, trial: int) -> dict[str, Any]:
        """The trial's containers and the end of the newest one's output, as JSON.

        An engine that does not answer is said so: what the store knows is shown all the same.
        """
        key = (experiment, trial)
        with self._lock:
            at, seen = self._kept.get(key, (0.0, {}))
            if not seen or self._clock() - at > _SECONDS:
                seen = self._ask(experiment, trial)
                if len(self._kept) >= _MOST_KEPT:
                    self._kept.clear()
                self._kept[key] = (self._clock(), seen)
        return seen

    def _ask(self, experiment: str, trial: int) -> dict[str, Any]:
        try:
            self._engine = self._engine or self._connect()
            states = self._engine.find(experiment, trial)
            newest = states[-1].id if states else None
            pieces = self._engine.logs(newest, tail=LOG_LINES) if newest else iter(())
            lines = last_lines(readable_lines(pieces), LOG_LINES, 400)
        except _TROUBLE as error:
            self._engine = None
            return {
                "containers": [],
                "trouble": f"The Docker engine does not answer: {error}"[:300],
                "log": [],
            }
        return {"containers": [_container(state) for state in states], "trouble": None, "log": lines}


def ended(trial_dir: Path) -> dict[str, Any]:
    """How a trial's training ended and the end of its log, from its folder, as JSON."""
    outcome, stop = read_outcome(trial_dir), read_stop(trial_dir)
    return {
        "ending": None if outcome is None else outcome.ending.value,
        "reason": None if outcome is None else outcome.reason[:500],
        "exit_code": None if outcome is None else outcome.exit_code,
        "container": None if outcome is None or outcome.container_id is None else outcome.container_id[:12],
        "stopped": None if stop is None else stop.reason[:500],
        "log": log_tail(trial_dir),
        "tweak": log_tail(trial_dir, OUTPUT_FILE)[-_TWEAK_LINES:],
    }


def log_tail(trial_dir: Path, name: str = "log.txt") -> list[str]:
    """The last lines of an ended training's log, or of what the tweak script printed; none without one."""
    try:
        with opened(trial_dir, name, _LARGEST_LOG) as descriptor:
            start = max(0, os.fstat(descriptor).st_size - _LOG_BYTES)
            tail = os.pread(descriptor, _LOG_BYTES, start)
    except (FileNotFoundError, ResultRefusedError):
        return []
    return last_lines(readable_lines([tail]), LOG_LINES, 400)


def _container(state: ContainerState) -> dict[str, Any]:
    return {
        "id": (state.id or "")[:12],
        "name": state.name,
        "status": state.status,
        "exit_code": state.exit_code,
        "oom_killed": state.oom_killed,
        "started_at": state.started_at,
        "finished_at": state.finished_at,
        "relaunch": state.relaunch,
    }
