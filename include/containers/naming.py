"""Names and labels: how a container of ours is recognised after any restart."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from include.containers.errors import ExperimentIdError

STACK = "cnn.stack"
REPOSITORY = "cnn.repository"
SHA = "cnn.sha"
EXPERIMENT = "cnn.experiment"
TRIAL = "cnn.trial"
RUN_ID = "cnn.run_id"
CONFIG = "cnn.config"
RELAUNCH = "cnn.relaunch"

_EXPERIMENT_ID = re.compile(
    r"(?P<repository>[\w.-]+/[\w.-]+)@(?P<sha>[0-9a-f]{40})(?:\+(?P<repeat>[0-9]+))?", re.ASCII
)
_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_.-]")


@dataclass(frozen=True)
class ExperimentId:
    """An experiment id ``owner/repo@<40-hex sha>[+k]`` in its parts."""

    repository: str
    sha: str
    repeat: int = 1

    @classmethod
    def parse(cls, text: str) -> ExperimentId:
        """Take an experiment id apart.

        Raises:
            ExperimentIdError: The text is not of that form.
        """
        match = _EXPERIMENT_ID.fullmatch(text)
        if match is None:
            raise ExperimentIdError(text)
        return cls(match["repository"], match["sha"], int(match["repeat"] or 1))


def current_stack() -> str:
    """Return the name of this installation (``CNN_STACK``), which keeps several on one engine apart."""
    return os.environ.get("CNN_STACK") or "default"


def container_name(experiment: str, trial: int, stack: str = "default") -> str:
    """Return ``cnn-<owner>.<repo>-<sha7>[.<repeat>]-t<trial>``, with the stack in front unless default.

    The dot between owner and repository keeps ``a-b/c`` and ``a/b-c`` apart: no GitHub owner has one.
    """
    parts = ExperimentId.parse(experiment)
    commit = parts.sha[:7] if parts.repeat == 1 else f"{parts.sha[:7]}.{parts.repeat}"
    prefix = "cnn" if stack == "default" else f"cnn-{_NOT_IN_NAMES.sub('_', stack)}"
    return f"{prefix}-{parts.repository.replace('/', '.')}-{commit}-t{trial}"


def relaunch_name(name: str, relaunch: int) -> str:
    """Return the container name of relaunch k (k = 0 is the first launch)."""
    return f"{name}-r{relaunch}" if relaunch else name


def trial_labels(experiment: str, trial: int, run_id: str, stack: str) -> dict[str, str]:
    """Return the labels of a trial's container; ``cnn.config`` and ``cnn.relaunch`` come at its launch."""
    parts = ExperimentId.parse(experiment)
    return {
        STACK: stack,
        REPOSITORY: parts.repository,
        SHA: parts.sha,
        EXPERIMENT: experiment,
        TRIAL: str(trial),
        RUN_ID: run_id,
    }
