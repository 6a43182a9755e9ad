"""What of the workspace is kept, so that the disk stays bounded.

Kept for ever: the published models, the experiments themselves (the Optuna storage), and of each experiment's
best trial what it reported, with its model. Everything of an experiment that runs, or that ended less than a
day ago, is kept too: mails, publishing and cleared tasks may need it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from include.containers.copying import remove_folder
from include.containers.disk import HiddenFilesError, disk_use
from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.records import State
from include.repositories import Repository, UnknownRepository

log = logging.getLogger(__name__)

DAY = 86_400.0
GRACE_SECONDS = DAY
_CLEANED_FILE = "history-cleaned"
_LIVE_FILES = ("container.json", "ending.json", "out/heartbeat")
_NOT_THE_RESULT = ("work", "first", "in", "out/checkpoint")


@dataclass(frozen=True)
class Kept:
    """What an operator wants kept of a repository.

    Args:
        trials: The files of this many trials, the newest.
        days: … as long as their experiment ended within this many days.
    """

    trials: int
    days: float


@dataclass(frozen=True)
class Ended:
    """A trial of an experiment that has ended, as far as keeping its files goes.

    Args:
        folder: Its files.
        started_at: POSIX time.
        ended_at: POSIX time of the experiment's end.
        best: Whether it is the experiment's best.
    """

    folder: Path
    started_at: float
    ended_at: float
    best: bool


@dataclass(frozen=True)
class Removed:
    """A folder or file that was removed, and how much disk that freed."""

    path: Path
    bytes: int
    reason: str


def surplus(trials: Iterable[Ended], kept: Kept, now: float) -> Iterator[tuple[Ended, str]]:
    """Say which of a repository's ended trials are not kept, and why: a pure function.

    Args:
        trials: All trials of its ended experiments.
        kept: What is kept.
        now: POSIX time.
    """
    newest = sorted(trials, key=lambda trial: trial.started_at, reverse=True)
    for place, trial in enumerate(newest):
        if now - trial.ended_at < GRACE_SECONDS:
            continue
        old = now - trial.ended_at > kept.days * DAY
        if not old and place < kept.trials:
            continue
        why = f"older than {kept.days:g} days" if old else f"not among the last {kept.trials} trials"
        yield trial, why


def clean_up(installation: Installation, now: float) -> list[Removed]:
    """Remove what is not kept; the same call again removes nothing.

    Args:
        installation: Whose workspace it is.
        now: POSIX time.

    Returns:
        What was removed, with the disk that it took.
    """
    removed: list[Removed] = []
    experiments = list(installation.store.all())
    for name in sorted({experiment.identity.repository for experiment in experiments}):
        mine = [experiment for experiment in experiments if experiment.identity.repository == name]
        kept = kept_of(installation, name)
        trials = [trial for experiment in mine for trial in _ended_trials(installation, experiment)]
        for trial, why in surplus(trials, kept, now):
            if not _in_use(trial.folder, now):
                removed += _remove((path, why) for path in _files_of(trial))
        removed += _remove(_old_trees(installation, mine, kept, now))
        removed += _remove(_leftovers(trials, now))
    return removed + _remove(_old_blobs(installation, now))


def kept_of(installation: Installation, repository: str) -> Kept:
    """What is kept of a repository; the defaults where it is not watched any more."""
    try:
        configured = installation.watched.named(repository)
    except UnknownRepository:
        configured = Repository(name=repository)
    return Kept(configured.keep_trials, configured.keep_days)


def longest_kept(installation: Installation) -> float:
    """The days for which some watched repository keeps its trials; the history of runs is kept as long."""
    return max((entry.keep_days for entry in installation.watched.repositories), default=30.0)


def history_due(installation: Installation, now: float) -> bool:
    """Whether the history of runs was not cleaned for a day: that takes half a minute of a processor."""
    return now - _modified(installation.settings.var / _CLEANED_FILE) >= DAY


def history_cleaned(installation: Installation) -> None:
    """Remember that the history of runs has just been cleaned."""
    (installation.settings.var / _CLEANED_FILE).touch()


def _ended_trials(installation: Installation, experiment: Experiment) -> Iterator[Ended]:
    ended_at = _ended_at(experiment)
    if ended_at is None:
        return
    best = experiment.best
    for trial in experiment.trials():
        folder = installation.settings.trial(str(experiment), trial.number)
        is_best = best is not None and best.number == trial.number
        yield Ended(folder, trial.started_at, ended_at, is_best)


def _ended_at(experiment: Experiment) -> float | None:
    ended_at = experiment.attribute("ended_at")
    return None if experiment.state is State.RUNNING or ended_at is None else float(ended_at)


def _old_trees(
    installation: Installation, experiments: Sequence[Experiment], kept: Kept, now: float
) -> Iterator[tuple[Path, str]]:
    """Fetched files of pushes whose experiments, each attempt, have ended long ago."""
    for sha in {experiment.identity.sha for experiment in experiments}:
        of_push = [experiment for experiment in experiments if experiment.identity.sha == sha]
        ends = [_ended_at(experiment) for experiment in of_push]
        days = max(kept.days * DAY, GRACE_SECONDS)
        if all(end is not None and now - end > days for end in ends):
            repository = of_push[0].identity.repository
            yield installation.settings.tree(repository, sha), f"older than {kept.days:g} days"


def _old_blobs(installation: Installation, now: float) -> Iterator[tuple[Path, str]]:
    """Files of the cache: what is needed again is fetched again."""
    days = max(longest_kept(installation), 1.0)
    for path in installation.settings.blobs.glob("*/*"):
        if now - path.stat().st_mtime > days * DAY:
            yield path, f"cached for more than {days:g} days"


def _files_of(trial: Ended) -> list[Path]:
    """What goes with a trial: all of it, but of the best one not what it reported."""
    return [trial.folder / name for name in _NOT_THE_RESULT] if trial.best else [trial.folder]


def _leftovers(trials: Iterable[Ended], now: float) -> Iterator[tuple[Path, str]]:
    """Folders beside the trials' that were being made when a process died, or that a tweak script left."""
    parents = {trial.folder.parent for trial in trials if now - trial.ended_at >= GRACE_SECONDS}
    for parent in parents:
        yield from ((path, "left from a step that is over") for path in parent.glob(".*"))


def _in_use(folder: Path, now: float) -> bool:
    """Whether a cleared task trains a trial again, though its experiment has ended."""
    return any(now - _modified(folder / name) < GRACE_SECONDS for name in _LIVE_FILES)


def _modified(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except FileNotFoundError:
        return 0.0


def _remove(condemned: Iterable[tuple[Path, str]]) -> list[Removed]:
    removed = []
    for path, why in condemned:
        if path.is_symlink() or not path.exists():
            continue
        size = _size(path)
        if path.is_dir():
            remove_folder(path)
        else:
            path.unlink(missing_ok=True)
        removed.append(Removed(path, size, why))
    return removed


def _size(path: Path) -> int:
    try:
        return disk_use([path]) if path.is_dir() else path.stat().st_blocks * 512
    except (HiddenFilesError, FileNotFoundError):
        return 0  # a figure for the log only
