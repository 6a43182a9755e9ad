"""What the training task needs to know of a trial: its container and its folder."""

from pathlib import Path

from include.containers.build import DATASETS, training_spec
from include.containers.network import network_of
from include.containers.spec import MIB, ContainerSpec, Limits, Mount
from include.containers.training import TrainingRequest
from include.experiments.engines import note_engine
from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.layout import lay_out, verdict_of
from include.experiments.parallel import give_way
from include.experiments.warm_starting import give_weights
from include.repositories import Repository
from include.settings import Settings


class TrialSuperseded(RuntimeError):
    """A trial is to be launched whose experiment another trial has ended; the message names that one."""


def prepare_training(experiment: str, trial: int) -> TrainingRequest:
    """Lay out a trial's files and describe its container; the same call again describes the same one.

    Args:
        experiment: Id of the experiment.
        trial: Number of the trial, from 1.

    Raises:
        NothingToTrain: the push has no training script.
        TrialSuperseded: another trial has ended the experiment.
    """
    installation = Installation.from_environment()
    over = give_way(installation, experiment, trial)
    if over is not None:
        raise TrialSuperseded(over)
    found = installation.store.get(experiment)
    repository = installation.repository(found)
    verdict_of(found)  # refused before it is noted as begun
    engine = note_engine(found, trial, repository.engine)  # also says that the task ran, whatever comes
    folder = lay_out(installation, found, trial)
    give_weights(installation, found, trial, folder)
    spec = container_of(found, trial, repository, folder, installation.settings)
    return TrainingRequest(spec, folder, engine)


def container_of(
    experiment: Experiment, trial: int, repository: Repository, folder: Path, settings: Settings
) -> ContainerSpec:
    """The container of a trial, as the operator configured its repository.

    Args:
        experiment: The experiment.
        trial: Number of the trial, from 1.
        repository: Its configuration.
        folder: The trial's folder.
        settings: This installation.
    """
    return training_spec(
        str(experiment),
        trial,
        experiment.run_id(trial),
        folder,
        image=repository.image or settings.training_image,
        mount_point=repository.mount_point,
        limits=limits_of(repository),
        network=network_of(repository.network, settings.stack),
        gpus=("all",) if repository.gpus == "all" else tuple(str(n) for n in range(repository.gpus)),
        runtime=repository.runtime,
        stack=settings.stack,
        mounts=(datasets_of(settings),),
    )


def datasets_of(settings: Settings) -> Mount:
    """The folder of data sets, made where it is missing: a container's folders must exist."""
    settings.datasets.mkdir(parents=True, exist_ok=True)
    return Mount(str(settings.datasets), DATASETS)


def limits_of(repository: Repository) -> Limits:
    """What a training of this repository may use."""
    return Limits(
        memory_bytes=repository.memory_mb * MIB,
        cpus=repository.cpus,
        pids=repository.pids,
        seconds=repository.minutes_per_trial * 60,
        disk_bytes=repository.disk_mb * MIB,
    )
