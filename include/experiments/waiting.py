"""The next trial's container, started while the last trial is judged and tweaked."""

import logging

from docker.errors import DockerException

from include.containers.engine import Engine
from include.containers.errors import ContainersError
from include.containers.outcome import Outcome
from include.containers.state import ContainerState
from include.containers.waiting import dismiss, start_waiting, waits
from include.experiments.engines import noted_engine
from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.judging import Next, foresee
from include.experiments.layout import keras_of, verdict_of
from include.experiments.parallel import proposing
from include.experiments.training import container_of

log = logging.getLogger(__name__)


def start_next(
    installation: Installation, engine: Engine, experiment: str, trial: int, ended: Outcome
) -> ContainerState | None:
    """Start the container of the trial after one, so that Keras is imported when the trial comes.

    Args:
        installation: Where the experiment lives.
        engine: The engine that the trial was trained on.
        experiment: Id of the experiment.
        trial: The trial whose training has just ended.
        ended: How it ended.

    Returns:
        The container, which waits; None where no trial is to be expected, or the operator wants no such.

    Raises:
        ContainersError: It could not be launched.
    """
    found, number = installation.store.get(experiment), trial + 1
    if not _wanted(installation, found, trial):
        return None
    if foresee(installation, experiment, trial, ended).next is not Next.TWEAK:
        return None
    folder = installation.settings.trial(experiment, number)
    with proposing(installation, found):
        if folder.exists():
            return None
        folder.mkdir(parents=True)
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


def end_waiting(installation: Installation, experiment: str, trial: int) -> None:
    """Remove the container that waits for the trial after one, because no such trial comes.

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
