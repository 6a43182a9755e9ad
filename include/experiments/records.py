"""Values that describe an experiment and its trials, as read from the store."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from include.tweaker.space import Value


class State(StrEnum):
    """Where an experiment stands; all but `RUNNING` are final."""

    RUNNING = "running"
    TARGET_MET = "target_met"
    BUDGET_SPENT = "budget_spent"
    EXHAUSTED = "exhausted"
    NOT_TRAINABLE = "not_trainable"
    SCRIPT_ERROR = "script_error"
    TWEAK_ERROR = "tweak_error"
    CRASHED = "crashed"


def shown_state(attributes: Mapping[str, Any]) -> str:
    """How an experiment is said to stand; one that a person ended, which counts as given up, is `stopped`.

    Args:
        attributes: Those of its study.
    """
    state = str(attributes.get("state") or State.RUNNING)
    return "stopped" if state == State.CRASHED and attributes.get("stopped") else state


@dataclass(frozen=True)
class Goals:
    """What an experiment is to reach, and what it may use.

    Args:
        target: Accuracy to reach, a fraction 0-1.
        max_trials: Most trainings.
        max_hours: Most hours from the push's claim on.
        strategy: Name of the strategy that proposes hyper-parameters.
        pruner: Name of the pruner that ends hopeless trainings early; "none" for none.
        warm_start: Whether a larger network starts from the best trial's weights.
        parallel_trials: Most trainings of the experiment at once.
    """

    target: float
    max_trials: int
    max_hours: float
    strategy: str
    pruner: str = "median"
    warm_start: bool = True
    parallel_trials: int = 1

    def to_json(self) -> dict[str, float | int | str]:
        """The goals as JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Relaunch:
    """One new container for a crashed training."""

    number: int
    at: float
    reason: str


@dataclass(frozen=True)
class TrialRecord:
    """One trial as the store knows it.

    Args:
        number: From 1.
        values: Hyper-parameters of the trial.
        reason: Why these values, in words.
        run_id: DAG run that trains it.
        state: "running", "complete", "pruned" or "failed".
        accuracy: Fraction 0-1, or None while running or where none was had; of a pruned trial, when it ended.
        accuracy_source: Where the accuracy came from, e.g. "accuracy.txt" or "evaluate".
        ending: How the container ended (`include.containers.EndingKind`), or None.
        error: What went wrong, in words.
        seconds: From the start of the trial's last container to its end.
        container_id: The trial's last container.
        relaunches: New containers after crashes, oldest first.
        started_at: POSIX time when the trial was proposed.
        pruned: Why it was ended early, in words, or None.
        warm_started_from: The trial whose weights it started from, or None.
        fits: How often the script called `fit`, or None where that is not known.
        origin: What it was started for, as `include.experiments.parallel.Origin` spells it; "" for trial 1.
    """

    number: int
    values: dict[str, Value]
    reason: str
    run_id: str
    state: str = "running"
    accuracy: float | None = None
    accuracy_source: str | None = None
    ending: str | None = None
    error: str | None = None
    seconds: float | None = None
    container_id: str | None = None
    relaunches: tuple[Relaunch, ...] = ()
    started_at: float = field(default=0.0, compare=False)
    pruned: str | None = None
    warm_started_from: int | None = None
    fits: int | None = None
    origin: str = ""

    @property
    def finished(self) -> bool:
        """Whether the store holds this trial's end."""
        return self.state != "running"

    @classmethod
    def relaunches_from(cls, rows: list[dict[str, int | float | str]]) -> tuple[Relaunch, ...]:
        """Read the stored form of the relaunches."""
        return tuple(Relaunch(int(r["number"]), float(r["at"]), str(r["reason"])) for r in rows)


@dataclass(frozen=True)
class Outcome:
    """How a trial ended, to be told to the store.

    Args:
        ending: Name of the ending, as `include.containers.EndingKind` spells it.
        accuracy: Fraction 0-1; None marks the trial as failed, unless it was pruned.
        accuracy_source: Where the accuracy came from.
        error: What went wrong, in words.
        seconds: Seconds the training took.
        container_id: The container that ended last.
        pruned: Why it was ended early, in words; None where it was not.
        warm_started_from: The trial whose weights it started from.
        fits: How often the script called `fit`.
    """

    ending: str
    accuracy: float | None = None
    accuracy_source: str | None = None
    error: str | None = None
    seconds: float | None = None
    container_id: str | None = None
    pruned: str | None = None
    warm_started_from: int | None = None
    fits: int | None = None

    def attributes(self) -> dict[str, str | float | None]:
        """What is stored beside Optuna's own value, which a pruned trial has none of."""
        return {k: v for k, v in asdict(self).items() if k != "accuracy" or self.pruned is not None}
