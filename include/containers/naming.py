"""Names and labels: how a container of ours is recognised after any restart."""

from __future__ import annotations

import os
import re

from include.identity import ExperimentId

STACK = "cnn.stack"
REPOSITORY = "cnn.repository"
SHA = "cnn.sha"
EXPERIMENT = "cnn.experiment"
TRIAL = "cnn.trial"
RUN_ID = "cnn.run_id"
CONFIG = "cnn.config"
RELAUNCH = "cnn.relaunch"
LIMITS = "cnn.limits"
HARDENING = "cnn.hardening"

_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_.-]")


def current_stack() -> str:
    """Return the name of this installation (``CNN_STACK``), which keeps several on one engine apart."""
    return os.environ.get("CNN_STACK") or "default"


def container_name(experiment: str, trial: int, stack: str = "default") -> str:
    """Return ``cnn-<owner>.<repo>-<sha7>[.<attempt>]-t<trial>``, with the stack in front unless default.

    The dot between owner and repository keeps ``a-b/c`` and ``a/b-c`` apart: no GitHub owner has one.
    """
    parts = ExperimentId.parse(experiment)
    commit = parts.sha[:7] if parts.attempt == 1 else f"{parts.sha[:7]}.{parts.attempt}"
    prefix = "cnn" if stack == "default" else f"cnn-{_NOT_IN_NAMES.sub('_', stack)}"
    return f"{prefix}-{parts.repository.replace('/', '.')}-{commit}-t{trial}"


def relaunch_name(name: str, relaunch: int) -> str:
    """Return the container name of relaunch k (k = 0 is the first launch)."""
    return f"{name}-r{relaunch}" if relaunch else name


def trial_labels(experiment: str, trial: int, run_id: str, stack: str) -> dict[str, str]:
    """Return the labels of a trial's container; those that say how it is launched come at its launch."""
    parts = ExperimentId.parse(experiment)
    return {
        STACK: stack,
        REPOSITORY: parts.repository,
        SHA: parts.sha,
        EXPERIMENT: experiment,
        TRIAL: str(trial),
        RUN_ID: run_id,
    }
