"""A crashed training launched again: the same container on the files that its script began with."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from include.containers.deciding import ActiveTrial
from include.containers.engine import Engine
from include.containers.files import restore_work
from include.containers.state import ContainerState


def relaunch(engine: Engine, trial: ActiveTrial, number: int) -> ContainerState:
    """Launch a trial's container again, or return the one that another process has just launched.

    ``work/`` gets its first state, so that a script that makes a folder can make it again; ``out/``, with the
    checkpoint from which the harness goes on, stays as it is.

    Args:
        engine: The engine.
        trial: The trial.
        number: Number of the relaunch.

    Raises:
        ContainersError: The container could not be launched.
    """
    trial_dir = trial.out_dir.parent
    with _alone(trial_dir):
        state = engine.observe(trial.experiment, trial.trial)
        never_ran = state.status == "created"
        if not never_ran and (state.missing or state.relaunch < number):
            restore_work(trial_dir, trial.spec.user)
        return engine.launch(trial.spec, number)


@contextmanager
def _alone(trial_dir: Path) -> Iterator[None]:
    """Keep two monitors from changing a trial's files at the same time, or under a container that runs."""
    with (trial_dir / "relaunch.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
