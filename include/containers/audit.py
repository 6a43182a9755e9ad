"""What the monitor did: one line per action, and where such lines are kept."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from include.containers.deciding import Action, ActiveTrial, Cause, Decision
from include.containers.state import ContainerState


@dataclass(frozen=True)
class AuditLine:
    """One thing the monitor did.

    Args:
        at: Seconds since the epoch.
        experiment: Experiment id.
        trial: Number of the trial.
        container: Name of the container acted on.
        action: What was decided.
        reason: Why, one sentence.
        done: False when it was tried and failed; the reason then says how.
        relaunch: Number of the relaunch, for relaunches.
        container_id: The new container for relaunches, else the one acted on.
        cause: What made it necessary.
    """

    at: float
    experiment: str
    trial: int
    container: str
    action: Action
    reason: str
    done: bool = True
    relaunch: int = 0
    container_id: str | None = None
    cause: Cause = Cause.NONE

    def __str__(self) -> str:
        action = f"{self.action} {self.relaunch}" if self.action is Action.RELAUNCH else str(self.action)
        failed = "" if self.done else " (failed)"
        return f"{self.container} · {self.cause} · {action}{failed} · {self.reason}"

    def to_json(self) -> dict[str, Any]:
        """Return the line as JSON types."""
        return {**asdict(self), "action": self.action.value, "cause": self.cause.value}


def line_of(
    decision: Decision, trial: ActiveTrial, state: ContainerState, at: float, failure: Exception | None = None
) -> AuditLine:
    """Return the line for what was done about a trial.

    Args:
        decision: What was decided.
        trial: The trial.
        state: The container that it led to, or that it was about.
        at: Seconds since the epoch.
        failure: Why it could not be done.
    """
    return AuditLine(
        at=at,
        experiment=trial.experiment,
        trial=trial.trial,
        container=state.name or trial.spec.name,
        action=decision.action,
        reason=decision.reason if failure is None else f"{decision.reason} Failed: {failure}",
        done=failure is None,
        relaunch=decision.relaunch,
        container_id=state.id,
        cause=decision.cause,
    )


class Ledger:
    """What the monitor knows and writes down beyond containers and folders; this one keeps nothing."""

    def current(self, trial: ActiveTrial) -> ActiveTrial | None:
        """Return the trial as it is known now, None when its training has ended.

        Args:
            trial: The trial as it was known when the round began; other processes may have acted since.
        """
        return trial

    def record(self, line: AuditLine) -> None:
        """Keep a line. For one trial, never called by two processes at once.

        Args:
            line: What was done.
        """
