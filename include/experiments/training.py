"""What the training task needs to know of a trial: its container and its folder."""

from dataclasses import dataclass
from pathlib import Path

from include.containers.spec import ContainerSpec
from include.experiments.installation import Installation
from include.experiments.layout import lay_out

DEFAULT_IMAGE = "better-cnn-training:latest"


@dataclass(frozen=True)
class TrainingRequest:
    """One training to run.

    Args:
        spec: The container.
        trial_dir: The trial's folder, with `in/`, `work/` and `out/`.
        seconds: Most seconds the training may take.
    """

    spec: ContainerSpec
    trial_dir: Path
    seconds: float


def prepare_training(experiment: str, trial: int) -> TrainingRequest:
    """Lay out a trial's files and describe its container; the same call again describes the same one.

    Args:
        experiment: Id of the experiment.
        trial: Number of the trial, from 1.
    """
    installation = Installation.from_environment()
    found = installation.store.get(experiment)
    folder = lay_out(installation, found, trial)
    repository = installation.repository(found)
    spec = _spec(installation, found, repository, trial, folder)
    return TrainingRequest(spec, folder, repository.minutes_per_trial * 60)
