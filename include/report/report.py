"""What is told of an experiment: frozen values, filled from whatever store keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Value = int | float | str
TrialState = Literal["complete", "failed", "pruned", "running"]


@dataclass(frozen=True)
class TrialLine:
    """One trial as the developer sees it.

    Args:
        number: From 1; trial 1 has the pushed values.
        values: Hyper-parameters by name (or by a label that a developer understands).
        accuracy: Fraction 0-1, or None where none was had.
        seconds: How long it trained, or None where that is not known.
        reason: Why these values, as a sentence.
        state: How it ended, or "running".
        accuracy_source: Where the accuracy came from, e.g. "accuracy.txt".
        relaunches: New containers after crashes.
        error: What went wrong, as a sentence.
        remarks: What else is to be known: that it was ended early, or began with another trial's weights.
    """

    number: int
    values: Mapping[str, Value]
    accuracy: float | None
    seconds: float | None
    reason: str
    state: TrialState = "complete"
    accuracy_source: str | None = None
    relaunches: int = 0
    error: str | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Relaunched:
    """A new container, with the same configuration, for a training that had crashed.

    Args:
        trial: Number of the trial.
        at: When, as ISO 8601.
        reason: How the container before it ended, as a sentence.
    """

    trial: int
    at: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ExperimentReport:
    """One experiment as the developer sees it; no field is trusted, every one is escaped where it is shown.

    Args:
        repository: `owner/name`.
        branch: Watched branch.
        sha: Full SHA of the pushed commit.
        author_name: Who wrote the commit.
        message: The commit's message.
        commit_url: The commit's page, or None.
        target: Accuracy to reach, fraction 0-1.
        trials: All trials in their order.
        best: Number of the best trial, or None while no trial has an accuracy.
        pushed_values: Hyper-parameters as pushed.
        winning_values: Hyper-parameters of the best trial; empty without one.
        patch: Unified diff from the pushed source to the best trial's; empty where the source stays.
        input_text: The best trial's input file, for scripts that read one.
        model_location: Where the best model was put: a path or URL.
        model_sha256: Its checksum in hexadecimal.
        started_at: When the experiment began, as ISO 8601.
        seconds: Wall time of the whole experiment.
        warm_started_from: The trial whose weights the best one started from, or None.
        relaunched: What is known of the relaunches, oldest first.
        refused_wishes: Sentences on what `tweak.yaml` asked for and the operator's settings don't allow.
        experiment_url: Page of the experiment, or None.
        run_url: Page of the last DAG run, or None.
        pull_request_url: Pull request with the winning values, or None.
    """

    repository: str
    branch: str
    sha: str
    author_name: str
    message: str
    target: float
    trials: tuple[TrialLine, ...]
    started_at: str
    seconds: float
    best: int | None = None
    warm_started_from: int | None = None
    relaunched: tuple[Relaunched, ...] = ()
    refused_wishes: tuple[str, ...] = ()
    pushed_values: Mapping[str, Value] = field(default_factory=dict)
    winning_values: Mapping[str, Value] = field(default_factory=dict)
    patch: str = ""
    input_text: str | None = None
    model_location: str | None = None
    model_sha256: str | None = None
    commit_url: str | None = None
    experiment_url: str | None = None
    run_url: str | None = None
    pull_request_url: str | None = None

    @property
    def best_trial(self) -> TrialLine | None:
        """The trial that `best` names, or None."""
        return next((t for t in self.trials if t.number == self.best), None)

    @property
    def finished_trials(self) -> int:
        """How many trials have ended, well or not."""
        return sum(t.state != "running" for t in self.trials)

    @property
    def relaunches(self) -> int:
        """New containers after crashes, over all trials."""
        return sum(t.relaunches for t in self.trials)
