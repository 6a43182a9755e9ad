"""What a person ends by Airflow's own buttons: a training's task, or a whole run.

Marked as failed (or as success), a task is over at once, while its container is stopped by a trigger that
hears of it a little later, or by nobody where there is no triggerer. So the stop is put on record when it is
told, and is never taken for a crash. A run that is marked takes the tasks with it that would have told the
developer: the monitor does.
"""

from collections.abc import Callable, Iterator

from include.containers.files import read_spec
from include.containers.outcome import read_outcome
from include.containers.stopping import Stop, StoppedBy, read_stop, record_stop
from include.experiments.crashing import STOPPED, give_up
from include.experiments.engines import was_begun
from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.parallel import in_flight
from include.experiments.store import UNTOLD
from include.repositories import dag_id_of

_REASON = "A person stopped it."

WasEnded = Callable[[str, str], bool | None]


def stop_training(installation: Installation, dag_id: str, run_id: str) -> bool:
    """Put on record that a person ended the training of a run.

    Args:
        installation: Where the experiment lives.
        dag_id: The run's DAG.
        run_id: The run.

    Returns:
        Whether there is such a training.
    """
    for experiment in installation.store.active():
        if dag_id_of(experiment.identity.repository) != dag_id:
            continue
        for trial in in_flight(experiment):
            folder = installation.settings.trial(str(experiment), trial.number)
            if experiment.run_id(trial.number) == run_id and read_spec(folder) is not None:
                record_stop(folder, Stop(StoppedBy.USER, _REASON))
                return True
    return False


def end_stranded(installation: Installation, was_ended: WasEnded) -> Iterator[Experiment]:
    """End the experiments of which a person ended every run.

    Args:
        installation: Where the experiments live.
        was_ended: Says of a repository's name and a run's id whether a person ended the run as a whole; None
            where there is no such run.

    Yields:
        Each experiment that has ended so, and is to be told of: again in the next round if that fails.
    """
    for experiment in list(installation.store.active()):
        trials = _in_flight(experiment)
        if trials and all(_is_stranded(installation, experiment, trial, was_ended) for trial in trials):
            experiment.set(UNTOLD, True)
            for trial in trials:
                began = was_begun(experiment, trial)
                give_up(installation, str(experiment), trial, stopped=_REASON if began else STOPPED)
    for experiment in list(installation.store.untold()):
        yield experiment
        experiment.set(UNTOLD, None)  # not reached where telling raised


def _in_flight(experiment: Experiment) -> list[int]:
    """Numbers of the trials that are not judged yet; the first one before it is proposed."""
    return [trial.number for trial in in_flight(experiment)] if experiment.trials() else [1]


def _is_stranded(installation: Installation, experiment: Experiment, trial: int, was_ended: WasEnded) -> bool:
    folder = installation.settings.trial(str(experiment), trial)
    if read_spec(folder) is not None and read_stop(folder) is None and read_outcome(folder) is None:
        return False  # it trains, and is stopped first
    ended = was_ended(experiment.identity.repository, experiment.run_id(trial))
    if ended is None:  # deleted, or not there yet
        return trial == 1 or was_begun(experiment, trial)
    return ended
