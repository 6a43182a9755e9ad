"""The container of one step of a tweak script: the training's own, but for what it runs and sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from include.containers.naming import EXPERIMENT, RUN_ID, TRIAL
from include.containers.spec import MIB, ContainerSpec, Mount

KIND = "cnn.kind"
TWEAK = "tweak"
# Not the labels of a training: whoever looks for a trial's training must never find its tweak script.
STEP_EXPERIMENT = "cnn.tweak.experiment"
STEP_TRIAL = "cnn.tweak.trial"
IN = "/trial/in"
_LOG_BYTES = 2 * MIB


def step_spec(
    training: ContainerSpec,
    trial_dir: Path,
    place: Path,
    *,
    script: str,
    seconds: float,
    environment: Mapping[str, str],
) -> ContainerSpec:
    """Return the spec of a tweak script's container: the training's own, but for what it runs and sees.

    Args:
        training: The container of the trial that was judged last.
        trial_dir: That trial's folder.
        place: The step's folder, with ``work/`` and ``in/``.
        script: The tweak script, relative to the working directory.
        seconds: Its time limit.
        environment: Variables for the script; never secrets.
    """
    work = next(m for m in training.mounts if m.source == str(trial_dir / "work"))
    shared = tuple(m for m in training.mounts if m.read_only and m.source != str(trial_dir / "in"))
    labels = {key: value for key, value in training.labels.items() if key not in (EXPERIMENT, TRIAL, RUN_ID)}
    step = {STEP_EXPERIMENT: training.labels[EXPERIMENT], STEP_TRIAL: training.labels[TRIAL], KIND: TWEAK}
    return replace(
        training,
        command=("python3", script),
        name=f"{training.name}-tweak",
        # Without the harness on its path, so that a module of the repository may have any name.
        environment={**training.environment, "PYTHONPATH": "", **environment},
        mounts=(replace(work, source=str(place / "work")), Mount(str(place / "in"), IN), *shared),
        labels={**labels, **step},
        limits=replace(training.limits, seconds=seconds, log_bytes=_LOG_BYTES),
        working_directory=work.target,
        gpus=(),  # they belong to the trainings, which wait for them in a pool
    )
