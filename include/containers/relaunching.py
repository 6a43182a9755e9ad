"""A training launched again: the same container on the files that its script began with."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from include.containers.calling import let_go
from include.containers.deciding import ActiveTrial
from include.containers.engine import Engine
from include.containers.files import restore_work
from include.containers.state import ContainerState
from include.containers.stopping import forget_interruption


@contextmanager
def alone(trial_dir: Path) -> Iterator[None]:
    """Keep two processes from answering one trial at the same time, or from its files under a container."""
    with (trial_dir / "relaunch.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def relaunch(engine: Engine, trial: ActiveTrial, number: int) -> ContainerState:
    """Launch a crashed trial's container again; call it `alone`.

    ``work/`` gets its first state, so that a script that makes a folder can make it again; ``out/``, with the
    checkpoint from which the harness goes on, stays as it is.

    Args:
        engine: The engine.
        trial: The trial.
        number: Number of the relaunch.

    Raises:
        ContainersError: The container could not be launched.
    """
    state = engine.observe(trial.experiment, trial.trial)
    never_ran = state.status == "created"
    if not never_ran and (state.missing or state.relaunch < number):
        restore_work(trial.out_dir.parent, trial.spec.user)
    let_go(trial.out_dir.parent)  # a worker may have died just before it did
    return engine.launch(trial.spec, number)


def go_on(engine: Engine, trial: ActiveTrial, number: int) -> ContainerState:
    """Launch a trial's container again that was taken away deliberately, under its old number.

    Args:
        engine: The engine.
        trial: The trial.
        number: Number of the launch that was interrupted, 0 for the first.

    Raises:
        ContainersError: The container could not be launched.
    """
    state = relaunch(engine, trial, number)
    forget_interruption(trial.out_dir.parent)
    return state
