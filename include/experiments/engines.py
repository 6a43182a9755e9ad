"""Which Docker engine a trial trains on, and which engines there are."""

import os
from collections.abc import Iterable

from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.repositories import Repository

_KEY = "engine"


def note_engine(experiment: Experiment, trial: int, url: str | None) -> str | None:
    """Put on record which engine a trial trains on; the first one on record stays.

    A trial whose repository is moved to another engine goes on where its container is.

    Args:
        experiment: The experiment.
        trial: Number of the trial.
        url: The engine's URL, None for the one of ``DOCKER_HOST``.

    Returns:
        The URL on record.
    """
    stored = experiment.noted(trial, _KEY)
    if stored is None:
        experiment.note(trial, _KEY, url or "")
        return url
    return str(stored) or None


def noted_engine(experiment: Experiment, trial: int) -> str | None:
    """The URL of the engine that a trial trains on, None for the one of ``DOCKER_HOST``."""
    return experiment.noted(trial, _KEY) or None


def was_begun(experiment: Experiment, trial: int) -> bool:
    """Whether a trial's task has run: a trial gets its engine first of all."""
    return trial <= len(experiment.trials()) and experiment.noted(trial, _KEY) is not None


def configured_engines(repositories: Iterable[Repository]) -> tuple[str | None, ...]:
    """The engines of an installation: the one of ``DOCKER_HOST``, and those that repositories name."""
    named = {repository.engine for repository in repositories} - {None, os.environ.get("DOCKER_HOST")}
    return (None, *sorted(url for url in named if url))


def engines_in_use(installation: Installation) -> tuple[str | None, ...]:
    """The configured engines, and those on which a trial still trains that no repository names any more."""
    configured = configured_engines(installation.watched.repositories)
    trials = ((e, t) for e in installation.store.active() for t in e.trials() if not t.finished)
    used = {noted_engine(experiment, trial.number) for experiment, trial in trials}
    return (*configured, *sorted(url for url in used - set(configured) if url))
