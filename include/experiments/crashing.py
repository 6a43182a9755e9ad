"""The end of an experiment whose training was given up, or stopped before there was one."""

from pathlib import Path

from include.containers.ending import EndingKind
from include.containers.outcome import read_outcome
from include.containers.stopping import StoppedBy, read_stop
from include.experiments.engines import was_begun
from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.records import Outcome, State

STOPPED = "A person ended it before its training had begun."
_SYSTEM = "the training system itself failed"


def give_up(
    installation: Installation,
    experiment: str,
    trial: int,
    *,
    task_failed: bool = False,
    stopped: str | None = None,
) -> None:
    """Record that a trial was given up, which ends its experiment; the same call again changes nothing.

    Args:
        installation: Where the experiment lives.
        experiment: Its id.
        trial: Number of the trial, from 1.
        task_failed: Whether its training task itself failed, and none before it. One that never ran can only
            have been ended by a person.
        stopped: Why, where a person is known to have ended it.
    """
    found = installation.store.get(experiment)
    if found.attribute("given_up") not in (None, trial):
        found.set("stopped", None)  # that was another trial, and the search went on
    found.set("given_up", trial)
    if task_failed and not was_begun(found, trial):
        stopped = STOPPED
    if stopped is not None:
        found.set("stopped", stopped)
    if trial <= len(found.trials()):
        outcome = _outcome(found, installation.settings.trial(experiment, trial))
        found.tell(trial, outcome)
        if outcome.ending == EndingKind.STOPPED:
            found.set("stopped", outcome.error)
    # Else what was pushed could not be fetched or inspected, or was stopped before that.
    found.end(State.CRASHED)


def _outcome(experiment: Experiment, folder: Path) -> Outcome:
    ended = read_outcome(folder)
    if ended is not None:
        return Outcome(ended.ending, None, None, ended.reason, ended.seconds, ended.container_id)
    stop = read_stop(folder)
    by_person = stop.reason if stop is not None and stop.by is StoppedBy.USER else None
    stopped = by_person or experiment.attribute("stopped")
    return Outcome(EndingKind.STOPPED, error=stopped) if stopped else Outcome("crashed", error=_SYSTEM)
