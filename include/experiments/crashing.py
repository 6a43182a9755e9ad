"""The end of an experiment whose training was given up."""

from include.containers.outcome import read_outcome
from include.experiments.installation import Installation
from include.experiments.records import Outcome, State

_SYSTEM = "the training system itself failed"


def give_up(installation: Installation, experiment: str, trial: int) -> None:
    """Record that a trial was given up, which ends its experiment; the same call again changes nothing.

    Args:
        installation: Where the experiment lives.
        experiment: Its id.
        trial: Number of the trial, from 1.
    """
    found = installation.store.get(experiment)
    found.set("given_up", trial)
    ended = read_outcome(installation.settings.trial(experiment, trial))
    if trial > len(found.trials()):
        found.end(State.CRASHED)  # before its first trial: what was pushed could not be fetched or inspected
        return
    if ended is None:
        found.tell(trial, Outcome("crashed", error=_SYSTEM))
    else:
        outcome = Outcome(ended.ending, None, None, ended.reason, ended.seconds, ended.container_id)
        found.tell(trial, outcome)
    found.end(State.CRASHED)
