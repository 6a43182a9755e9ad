"""Containers that are up, with Keras imported, before the trial that they are for is laid out.

Such a container is the trial's own in everything that the engine knows of it, only early. It waits to be
called, and ends by itself when nobody does. Until then its trial has no ``container.json``, so that for the
monitor there is no training yet.
"""

from __future__ import annotations

import logging
from pathlib import Path

from include.containers.calling import ask_to_wait, forget_call, let_go, since_call
from include.containers.engine import Engine
from include.containers.files import hand_over, make_folders, read_json, read_spec, write_json
from include.containers.relaunching import alone
from include.containers.spec import ContainerSpec
from include.containers.state import ContainerState

log = logging.getLogger(__name__)

# Called at most this old, a container is in use long before the monitor would take it for a stray (120 s).
CALL_SECONDS = 60.0
EXPIRY_SECONDS = 75.0  # later, so that none ends just when it is called
# Of a training's end to the call of the next one; a few seconds where nothing else is to be done.
_JUDGING_SECONDS = 20.0

_SPEC = "waiting.json"


def start_waiting(engine: Engine, spec: ContainerSpec, trial_dir: Path, keras: str | None) -> ContainerState:
    """Start the container of a trial that is not laid out yet.

    Args:
        engine: The engine.
        spec: The container, in everything as the trial will be launched.
        trial_dir: The trial's folder, new and empty.
        keras: The Keras that it is to import, as ``launch.json`` names it.

    Returns:
        The container, which waits now.

    Raises:
        ContainersError: It could not be launched.
    """
    spec = engine.pin(spec)
    with alone(trial_dir):
        make_folders(trial_dir)
        hand_over(trial_dir, spec.user)
        ask_to_wait(trial_dir, keras, EXPIRY_SECONDS)
        write_json(trial_dir / _SPEC, spec.to_json())
        return engine.launch(spec)


def waits(trial_dir: Path) -> bool:
    """Whether a container was started for a trial that has not been launched."""
    return (trial_dir / _SPEC).exists() and read_spec(trial_dir) is None


def is_fresh(engine: Engine, experiment: str, trial: int, now: float) -> bool:
    """Say whether a trial's container is up, and young enough for a trial that comes after some judging.

    Args:
        engine: The engine.
        experiment: Id of the experiment.
        trial: Number of the trial.
        now: Seconds since the epoch.
    """
    return _is_ready(engine.observe(experiment, trial), now + _JUDGING_SECONDS)


def find_waiting(engine: Engine, spec: ContainerSpec, trial_dir: Path, now: float) -> bool:
    """Say whether the container that waits for a trial is the one that the trial is to be trained in.

    Args:
        engine: The engine.
        spec: The container as it is to be launched, bound to its image.
        trial_dir: The trial's folder.
        now: Seconds since the epoch.
    """
    if not waits(trial_dir):
        return False
    same = ContainerSpec.from_json(read_json(trial_dir / _SPEC) or {}) == spec
    if same and _is_ready(engine.observe(*spec.key), now):
        return True
    log.info("The container that waits for this trial is of no use: it is old, or not as configured now.")
    return False


def call(engine: Engine, spec: ContainerSpec, trial_dir: Path) -> ContainerState | None:
    """Let the container that waits for a trial begin.

    Returns:
        Its state; None where it is gone, and the trial needs a new one.
    """
    let_go(trial_dir)
    state = engine.observe(*spec.key)
    return since_call(state, trial_dir) if state.status == "running" else None


def forget_waiting(trial_dir: Path) -> None:
    """Forget that a container waited, because the trial is launched in a new one."""
    (trial_dir / _SPEC).unlink(missing_ok=True)
    forget_call(trial_dir)


def dismiss(engine: Engine, experiment: str, trial: int, trial_dir: Path) -> None:
    """Remove the container that waits for a trial, because there will be no such trial.

    Args:
        engine: The engine.
        experiment: Id of the experiment.
        trial: Number of the trial.
        trial_dir: Its folder.
    """
    with alone(trial_dir):
        if waits(trial_dir):
            for state in engine.find(experiment, trial):
                engine.remove(str(state.id))
            forget_waiting(trial_dir)


def _is_ready(state: ContainerState, now: float) -> bool:
    return state.status == "running" and now - (state.started_at or 0.0) <= CALL_SECONDS
