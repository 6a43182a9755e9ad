"""Starts the next trial's container from the triggerer, which sees first that a training has ended."""

from __future__ import annotations

import asyncio
from typing import Any

import requests
from docker.errors import DockerException
from optuna.exceptions import StorageInternalError
from sqlalchemy.exc import SQLAlchemyError

from include.containers import ContainersError, ContainerState, Engine, Outcome, TrainingWatch
from include.experiments.installation import Installation
from include.experiments.waiting import start_next

_ERRORS = (
    SQLAlchemyError,
    StorageInternalError,
    ContainersError,
    DockerException,
    requests.RequestException,
    LookupError,
    OSError,
)


async def start_next_container(
    watch: TrainingWatch, outcome: Outcome, docker_url: str | None, log: Any
) -> None:
    """Have the next trial's container import Keras while this trial is judged; without it nothing is lost.

    Args:
        watch: The training that has ended.
        outcome: How it ended.
        docker_url: Its engine.
        log: The log of its task.
    """
    try:
        state = await asyncio.to_thread(_start, watch, outcome, docker_url)
    except _ERRORS as error:
        log.warning("The next trial's container is not started ahead: %s", error)
        return
    if state is not None:
        log.info("Started container %s, which waits for the next trial.", state.name)


def _start(watch: TrainingWatch, outcome: Outcome, docker_url: str | None) -> ContainerState | None:
    installation = Installation.from_environment()
    # A connection of its own: the watch's is in use by another thread.
    engine = Engine.connect(watch.engine.stack, docker_url)
    try:
        return start_next(installation, engine, watch.experiment, watch.trial, outcome)
    finally:
        engine.close()
