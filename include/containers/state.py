"""A container as the engine reports it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from include.containers.naming import CONFIG, EXPERIMENT, RELAUNCH, TRIAL

_ALIVE = ("created", "running", "paused", "restarting")
_NEVER = "0001-01-01"


@dataclass(frozen=True)
class ContainerState:
    """A container at one moment; `missing` when the engine knows none for the trial.

    Times are seconds since the epoch. ``exit_code`` is None while it has not ended.
    """

    experiment: str
    trial: int
    id: str | None = None
    name: str | None = None
    status: str = "missing"
    exit_code: int | None = None
    oom_killed: bool = False
    created_at: float | None = None
    started_at: float | None = None
    finished_at: float | None = None
    relaunch: int = 0
    config: str = ""

    @property
    def missing(self) -> bool:
        """Whether the engine knows no container for the trial."""
        return self.status == "missing"

    @property
    def alive(self) -> bool:
        """Whether the container exists and has not ended."""
        return self.status in _ALIVE


def state_of(attributes: Mapping[str, Any]) -> ContainerState:
    """Return the state that a `docker inspect` document describes."""
    state, labels = attributes["State"], attributes["Config"]["Labels"] or {}
    status = state["Status"]
    return ContainerState(
        experiment=labels.get(EXPERIMENT, ""),
        trial=_number(labels.get(TRIAL)),
        id=attributes["Id"],
        name=attributes["Name"].removeprefix("/"),
        status=status,
        exit_code=None if status in _ALIVE else state["ExitCode"],
        oom_killed=bool(state.get("OOMKilled")),
        created_at=_seconds(attributes.get("Created")),
        started_at=_seconds(state.get("StartedAt")),
        finished_at=_seconds(state.get("FinishedAt")),
        relaunch=_number(labels.get(RELAUNCH)),
        config=labels.get(CONFIG, ""),
    )


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0


def _seconds(timestamp: str | None) -> float | None:
    """Read Docker's RFC 3339 time, whose nanoseconds `datetime` of Python 3.11 cuts to microseconds."""
    if not timestamp or timestamp.startswith(_NEVER):
        return None
    return datetime.fromisoformat(timestamp).timestamp()
