"""Several trainings of one experiment at once: who follows whom, and what an end means for the others."""

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from include.containers.ending import EndingKind
from include.containers.files import read_spec
from include.containers.stopping import Stop, StoppedBy, record_stop
from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.records import Outcome, State, TrialRecord

_ENDED_BY = "ended_by"


@dataclass(frozen=True)
class Origin:
    """What a trial is started for: the end of another, or a free place beside it.

    Args:
        trial: Number of the other trial.
        beside: Whether the other one trains still.
    """

    trial: int
    beside: bool = False

    def __str__(self) -> str:
        return f"beside {self.trial}" if self.beside else f"after {self.trial}"

    def follower(self, trials: Sequence[TrialRecord]) -> TrialRecord | None:
        """The trial that was started for this already, or None."""
        return next((trial for trial in trials if trial.origin == str(self)), None)


@contextmanager
def proposing(installation: Installation, experiment: Experiment) -> Iterator[None]:
    """Let one process at a time propose a trial of an experiment, so that no two propose the same."""
    folder = installation.settings.experiment(str(experiment))
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "proposing.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def in_flight(experiment: Experiment, but: int = 0) -> list[TrialRecord]:
    """The trials that are proposed and not judged yet, without trial `but`."""
    return [trial for trial in experiment.trials() if not trial.finished and trial.number != but]


def ended_by_another(experiment: Experiment, trial: int) -> int | None:
    """The trial that ended the experiment, where that is another one than `trial`."""
    number = experiment.attribute(_ENDED_BY)
    return None if experiment.state is State.RUNNING or number in (None, trial) else int(number)


def end_by(installation: Installation, experiment: Experiment, trial: int, state: State) -> None:
    """End the experiment by what became of a trial; the trainings in flight are asked to stop."""
    experiment.end(state)
    experiment.set(_ENDED_BY, trial)
    for other in in_flight(experiment, trial):
        stop = Stop(StoppedBy.SUPERSEDED, _over(experiment, trial))
        folder = installation.settings.trial(str(experiment), other.number)
        if folder.is_dir():
            record_stop(folder, stop)


def give_way(installation: Installation, experiment: str, trial: int) -> str | None:
    """Say why a trial is not to be launched any more, and put that on record; None where it is to be.

    Args:
        installation: Where the experiment lives.
        experiment: Id of the experiment.
        trial: Number of the trial.
    """
    found = installation.store.get(experiment)
    ended = ended_by_another(found, trial)
    if ended is None or read_spec(installation.settings.trial(experiment, trial)) is not None:
        return None
    reason = _over(found, ended)
    found.tell(trial, Outcome(EndingKind.SUPERSEDED, error=reason))
    return reason


def _over(experiment: Experiment, trial: int) -> str:
    return f"Trial {trial} ended the experiment: {experiment.state.value.replace('_', ' ')}."
