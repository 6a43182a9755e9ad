"""Trainings whose task is over while their container goes on: nobody waits for what they come to.

Whoever ends a task stops its container by way of the trigger that watches it. A task that is ended before its
trigger is there, or while no triggerer runs, has nobody to do that.
"""

import time
from collections.abc import Callable, Iterable, Iterator

from include.containers.audit import AuditLine, line_of
from include.containers.deciding import Action, ActiveTrial, Cause, Decision
from include.containers.engine import Engine
from include.containers.files import launched_at
from include.containers.outcome import read_outcome
from include.containers.stopping import Stop, StoppedBy, read_stop
from include.containers.training import TrainingWatch
from include.experiments.installation import Installation
from include.experiments.monitoring import StoreLedger, active_trials

GRACE_SECONDS = 120.0  # a launch and the first word of its task are not of the same moment
_REASON = "Its task was ended while nobody was there to stop it."

IsOver = Callable[[str, str], bool]


def end_abandoned(
    installation: Installation,
    connect: Callable[[str | None], Engine],
    is_over: IsOver,
    *,
    clock: Callable[[], float] = time.time,
) -> Iterator[AuditLine]:
    """Stop and remove the containers of trainings whose task is over.

    Args:
        installation: Whose trainings are looked at.
        connect: Gives the engine at a URL.
        is_over: Says of a repository's name and a run's id whether the run's training task has ended
            otherwise than by its training, or the run is gone.
        clock: Gives the time, seconds since the epoch.

    Yields:
        What was done, in order.

    Raises:
        ContainersError: An engine does not answer, or refused.
    """
    ledger = StoreLedger(installation)
    for trial in list(_unattended(active_trials(installation), clock())):
        experiment = installation.store.get(trial.experiment)
        if is_over(experiment.identity.repository, experiment.run_id(trial.trial)):
            line = _end(connect(trial.engine), trial, clock())
            ledger.record(line)
            yield line


def _unattended(trials: Iterable[ActiveTrial], now: float) -> Iterator[ActiveTrial]:
    """Leave out trainings that have just begun, and those whose end is on record."""
    for trial in trials:
        folder = trial.out_dir.parent
        launched = launched_at(folder) or now
        if now - launched >= GRACE_SECONDS and read_stop(folder) is None and read_outcome(folder) is None:
            yield trial


def _end(engine: Engine, trial: ActiveTrial, now: float) -> AuditLine:
    watch = TrainingWatch(engine, trial.out_dir.parent)
    state = engine.observe(trial.experiment, trial.trial)
    watch.stop(Stop(StoppedBy.USER, _REASON))
    watch.clean()
    return line_of(Decision(Action.STOP, _REASON, cause=Cause.ABANDONED), trial, state, now)
