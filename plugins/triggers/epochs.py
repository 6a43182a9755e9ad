"""Reports a training's epochs from the triggerer, and asks hopeless trainings to end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from optuna.exceptions import StorageInternalError
from sqlalchemy.exc import SQLAlchemyError

from include.containers import ResultRefusedError, launched_spec
from include.experiments.following import EpochFollower
from include.experiments.installation import Installation
from include.experiments.store import UnknownExperiment

_SECONDS = 1.0
_DATABASE_SECONDS = 10.0


async def report_epochs(trial_dir: Path, log: Any, ends_soon: Callable[[], Awaitable[None]]) -> None:
    """Report until cancelled; the training goes on whatever happens here.

    Args:
        trial_dir: The trial's folder, with ``container.json``.
        log: The log of its task.
        ends_soon: Called once, when the training is about to end.
    """
    told = False
    try:
        follower = await asyncio.to_thread(_follower, trial_dir)
        while True:
            await _look(follower, log)
            if not told and follower.ends_soon(time.time()):
                told = True
                await ends_soon()
            await asyncio.sleep(_SECONDS)
    except (ResultRefusedError, UnknownExperiment) as error:
        log.warning("Epochs of this training are not reported, so it is not pruned: %s", error)


async def _look(follower: EpochFollower, log: Any) -> None:
    try:
        reason = await asyncio.to_thread(follower.look)
    except (SQLAlchemyError, StorageInternalError) as error:
        log.warning("The experiment store does not answer, trying again: %s", error)
        await asyncio.sleep(_DATABASE_SECONDS)
        return
    if reason is not None:
        log.info("Asked the training to end: %s", reason)


def _follower(trial_dir: Path) -> EpochFollower:
    return EpochFollower(Installation.from_environment(), *launched_spec(trial_dir).key, trial_dir)
