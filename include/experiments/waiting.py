"""The next trial's container, started as a training comes to its end, to be up when that is judged."""

import logging
import time
from pathlib import Path

from docker.errors import DockerException

from include.containers.engine import Engine
from include.containers.errors import ContainersError
from include.containers.outcome import Outcome
from include.containers.state import ContainerState
from include.containers.waiting import dismiss, is_fresh, start_waiting, waits
from include.experiments.engines import noted_engine
from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.judging import Next, expects_another, foresee
from include.experiments.layout import keras_of, verdict_of
from include.experiments.parallel import proposing
from include.experiments.training import container_of

log = logging.getLogger(__name__)


def start_next(
    installation: Installation, engine: Engine, experiment: str, trial: int, ended: Outcome | None = None
) -> ContainerState | None:
    """Start the container of the trial after one, so that Keras is imported when the trial comes.

    Args:
        installation: Where the experiment lives.
        engine: The engine that the trial was trained on.
        experiment: Id of the experiment.
        trial: The trial whose training has just ended, or soon will.
        ended: How it ended, None while it goes on.

    Returns:
        The container, which waits; None where one does already, no trial is to be expected, or the operator
        wants no such.

    Raises:
        ContainersError: It could not be launched.
    """
    found, number = installation.store.get(experiment), trial + 1
    if not _wanted(installation, found, trial):
        return None
    if not _follows(installation, found, trial, ended):
        return None
    folder = installation.settings.trial(experiment, number)
    with proposing(installation, found):
        if folder.exists() and not _is_free(engine, experiment, number, folder):
            return None
        folder.mkdir(parents=True, exist_ok=True)
    spec = container_of(found, number, installation.repository(found), folder, installation.settings)
    return start_waiting(engine, spec, folder, keras_of(verdict_of(found)))


def _wanted(installation: Installation, experiment: Experiment, trial: int) -> bool:
    """Whether the operator wants it, and which trial comes next, and where, is known."""
    repository = installation.repository(experiment)
    return (
        repository.warm_containers
        and experiment.goals.parallel_trials == 1
        and len(experiment.trials()) == trial
        and noted_engine(experiment, trial) == repository.engine
    )


def _follows(installation: Installation, experiment: Experiment, trial: int, ended: Outcome | None) -> bool:
    if ended is None:
        return expects_another(experiment, trial)
    return foresee(installation, str(experiment), trial, ended).next is Next.TWEAK


def _is_free(engine: Engine, experiment: str, trial: int, folder: Path) -> bool:
    """Whether only a container waits in a trial's folder that will be of no use: it is removed."""
    if not waits(folder) or is_fresh(engine, experiment, trial, time.time()):
        return False
    dismiss(engine, experiment, trial, folder)
    return True


def end_waiting(installation: Installation, experiment: str, trial: int) -> None:
    """Remove the container that waits for the trial after one, because no such trial comes now.

    Where the engine does not answer, the container ends by itself, and the monitor removes it.

    Args:
        installation: Where the experiment lives.
        experiment: Id of the experiment.
        trial: The trial that was the last.
    """
    number = trial + 1
    folder = installation.settings.trial(experiment, number)
    if not waits(folder):
        return
    url = noted_engine(installation.store.get(experiment), trial)
    try:
        engine = Engine.connect(installation.settings.stack, url)
        dismiss(engine, experiment, number, folder)
        engine.close()
    except (ContainersError, DockerException, OSError) as error:
        log.warning("The container that waits for trial %d ends by itself: %s", number, error)
