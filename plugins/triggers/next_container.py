"""Starts and removes the next trial's container from the triggerer, which sees first how a training goes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import requests
from docker.errors import DockerException
from optuna.exceptions import StorageInternalError
from sqlalchemy.exc import SQLAlchemyError

from include.containers import (
    ContainersError,
    ContainerState,
    Engine,
    Outcome,
    launched_spec,
)
from include.experiments.installation import Installation
from include.experiments.waiting import end_waiting, start_next

_ERRORS = (
    SQLAlchemyError,
    StorageInternalError,
    ContainersError,
    DockerException,
    requests.RequestException,
    LookupError,
    OSError,
)


class NextContainer:
    """The container of the trial after one: it imports Keras while this one comes to its end and is judged.

    Args:
        trial_dir: This trial's folder, with ``container.json``.
        stack: The installation's name.
        docker_url: The engine; None for the one of ``DOCKER_HOST``.
        log: The log of this trial's task.
    """

    def __init__(self, trial_dir: Path, stack: str, docker_url: str | None, log: Any) -> None:
        self._trial_dir, self._stack, self._docker_url, self._log = trial_dir, stack, docker_url, log

    async def start(self, ended: Outcome | None = None) -> None:
        """Start it if another trial is to be expected; where that fails nothing is lost.

        Args:
            ended: How this trial's training ended, None while it goes on.
        """
        try:
            state = await asyncio.to_thread(self._start, ended)
        except _ERRORS as error:
            self._log.warning("The next trial's container is not started ahead: %s", error)
            return
        if state is not None:
            self._log.info("Started container %s, which waits for the next trial.", state.name)

    async def end(self) -> None:
        """Remove it, because this trial's training did not end in a way that another one follows."""
        try:
            await asyncio.to_thread(self._end)
        except _ERRORS as error:
            self._log.warning("A container that waits for the next trial ends by itself: %s", error)

    def _start(self, ended: Outcome | None) -> ContainerState | None:
        # A connection of its own: the one that watches the training is in use by another thread.
        engine = Engine.connect(self._stack, self._docker_url)
        try:
            return start_next(Installation.from_environment(), engine, *self._trial(), ended)
        finally:
            engine.close()

    def _end(self) -> None:
        end_waiting(Installation.from_environment(), *self._trial())

    def _trial(self) -> tuple[str, int]:
        return launched_spec(self._trial_dir).key
