"""How all experiments stand, shortly: for a person at a terminal, and for scripts."""

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from include.containers.errors import ResultRefusedError
from include.containers.result import Epoch, read_metrics
from include.experiments.experiment import Experiment
from include.experiments.records import State, TrialRecord, shown_state
from include.experiments.store import ExperimentStore
from include.report._text import one_line
from include.settings import Settings

_SQLITE = "sqlite:///"


@dataclass(frozen=True)
class Training:
    """A trial in training.

    Args:
        trial: Its number.
        epoch: The last epoch that ended; None before the first.
        epochs: How many are planned; None where that is not known.
        accuracy: After that epoch, a fraction 0-1.
        reason: Why it is tried.
        relaunches: New containers after crashes.
        seconds: Since it was proposed.
    """

    trial: int
    epoch: int | None
    epochs: int | None
    accuracy: float | None
    reason: str
    relaunches: int
    seconds: float


@dataclass(frozen=True)
class Overview:
    """One experiment; texts from the push are on one line, bounded, and without control characters.

    Args:
        experiment: Its id, `owner/name@sha`.
        repository: `owner/name`.
        branch: The watched branch.
        sha: The commit.
        author: Who wrote it.
        message: The first line of its message.
        state: As `State` spells it, or `stopped`.
        target: Accuracy to reach, a fraction 0-1.
        accuracy: Of the best trial, None without one.
        best_trial: Its number.
        trials: How many have ended.
        max_trials: The budget.
        started_at: POSIX time of the claim.
        seconds: Wall time, until now where it goes on.
        training: Trials in training.
    """

    experiment: str
    repository: str
    branch: str
    sha: str
    author: str
    message: str
    state: str
    target: float
    accuracy: float | None
    best_trial: int | None
    trials: int
    max_trials: int
    started_at: float
    seconds: float
    training: tuple[Training, ...]

    def to_json(self) -> dict[str, Any]:
        """The same as a JSON object."""
        return asdict(self)


def overviews(settings: Settings, limit: int) -> Iterator[Overview]:
    """Read the newest experiments and all that run, newest first; makes no store where there is none.

    Args:
        settings: Where the experiments are.
        limit: How many of the newest.
    """
    if _missing(settings.storage_url):
        return
    for experiment in ExperimentStore(settings.storage_url).newest(limit):
        yield overview(settings, experiment)


def _missing(url: str) -> bool:
    return url.startswith(_SQLITE) and not Path(url.removeprefix(_SQLITE).partition("?")[0]).exists()


def overview(settings: Settings, experiment: Experiment) -> Overview:
    """Describe one experiment."""
    push, goals, best, trials = experiment.push, experiment.goals, experiment.best, experiment.trials()
    running = trials if experiment.state is State.RUNNING else []
    return Overview(
        experiment=str(experiment),
        repository=push.repository,
        branch=one_line(push.branch, 100),
        sha=push.sha,
        author=one_line(push.author_name, 80),
        message=one_line(push.message.strip().partition("\n")[0], 120),
        state=shown_state({"state": experiment.state, "stopped": experiment.attribute("stopped")}),
        target=goals.target,
        accuracy=None if best is None else best.accuracy,
        best_trial=None if best is None else best.number,
        trials=sum(trial.finished for trial in trials),
        max_trials=goals.max_trials,
        started_at=experiment.claimed_at,
        seconds=experiment.seconds,
        training=tuple(_training(settings, experiment, trial) for trial in running if not trial.finished),
    )


def _training(settings: Settings, experiment: Experiment, trial: TrialRecord) -> Training:
    reported = experiment.study.get_trials(deepcopy=False)[trial.number - 1].intermediate_values
    epoch = max(reported, default=None)
    accuracy = None if epoch is None else reported[epoch]
    last = _last_epoch(settings.trial(str(experiment), trial.number) / "out")
    if last is not None and (epoch is None or last.epoch > epoch):
        epoch = last.epoch
        accuracy = last.val_accuracy if last.val_accuracy is not None else last.accuracy
    return Training(
        trial=trial.number,
        epoch=epoch,
        epochs=last.planned if last is not None else None,
        accuracy=accuracy,
        reason=one_line(trial.reason, 200),
        relaunches=len(trial.relaunches),
        seconds=max(time.time() - trial.started_at, 0.0),
    )


def _last_epoch(out: Path) -> Epoch | None:
    """The newest epoch of the metrics file, which knows how many are planned; None where there is none."""
    try:
        epochs = read_metrics(out)
    except (ResultRefusedError, NotADirectoryError):  # the monitor sees to that
        return None
    return epochs[-1] if epochs else None
