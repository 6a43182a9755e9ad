"""The spec of a trial's training container, hardened by default."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from include.containers.naming import container_name, current_stack, trial_labels
from include.containers.spec import ContainerSpec, Limits, Mount

DEFAULT_IMAGE = "better-cnn-training:latest"
COMMAND = ("python3", "-P", "-m", "harness")  # -P: the pushed files must not shadow the harness
ENVIRONMENT = {
    "HOME": "/tmp",  # noqa: S108 - the container's own tmpfs, the only place with its libraries' caches
    "MPLBACKEND": "Agg",
    "MPLCONFIGDIR": "/tmp/matplotlib",  # noqa: S108
    "KERAS_BACKEND": "tensorflow",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONPATH": "/opt",
    "PYTHONUNBUFFERED": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
}
NOBODY = "65534:65534"
DATASETS = "/datasets"  # where the harness looks for what Keras would download (docker/harness/datasets.py)


def trial_user() -> str:
    """Return the ``uid:gid`` that trains: nobody when we are root, otherwise we ourselves."""
    return NOBODY if os.getuid() == 0 else f"{os.getuid()}:{os.getgid()}"


def training_spec(
    experiment: str,
    trial: int,
    run_id: str,
    trial_dir: Path,
    *,
    image: str = DEFAULT_IMAGE,
    mount_point: str = "/mlops",
    limits: Limits | None = None,
    network: str = "none",
    gpus: tuple[str, ...] = (),
    runtime: str | None = None,
    stack: str | None = None,
    mounts: tuple[Mount, ...] = (),
    environment: Mapping[str, str] | None = None,
) -> ContainerSpec:
    """Return the spec of one trial's container.

    Args:
        experiment: Experiment id, ``owner/repo@<sha>[+k]``.
        trial: Number of the trial, from 1.
        run_id: The DAG run that trains it.
        trial_dir: Absolute folder of the trial on the engine's host, with ``work/``, ``in/`` and ``out/``.
        image: The training image.
        mount_point: Where the repository's files appear in the container.
        limits: Limits of the training; the defaults of `Limits` when None.
        network: ``none`` or the name of a Docker network.
        gpus: Empty for none, ``("all",)``, or device ids.
        runtime: An OCI runtime such as ``runsc``; None for the engine's own.
        stack: Name of the installation; ``CNN_STACK`` when None.
        mounts: Further folders, such as a cache of data sets.
        environment: Variables beside (or instead of) the usual ones; never secrets.
    """
    stack = stack or current_stack()
    return ContainerSpec(
        image=image,
        command=COMMAND,
        name=container_name(experiment, trial, stack),
        environment={**ENVIRONMENT, **(environment or {})},
        mounts=(
            Mount(str(trial_dir / "work"), mount_point, read_only=False),
            Mount(str(trial_dir / "in"), "/trial/in", read_only=True),
            Mount(str(trial_dir / "out"), "/trial/out", read_only=False),
            *mounts,
        ),
        labels=trial_labels(experiment, trial, run_id, stack),
        limits=limits or Limits(),
        network=network,
        user=trial_user(),
        gpus=gpus,
        runtime=runtime,
    )
