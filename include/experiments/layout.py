"""The files of one trial: its copy of the code with the values applied, and what the harness reads."""

import json
import shutil
from pathlib import Path

from include.detector.verdict import Verdict
from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.repositories import Repository
from include.tweaker import Launch, apply

SEED = 0  # the same for every trial, so that accuracies differ by their hyper-parameters only


class NothingToTrain(LookupError):
    """A trial was asked for of a push that has no training script."""

    def __init__(self, experiment: Experiment) -> None:
        super().__init__(f"{experiment} has no training script; clear detect_cnn to have it inspected again")


def lay_out(installation: Installation, experiment: Experiment, number: int) -> Path:
    """Make the folder of a trial, complete or not at all: it is built beside its place and renamed.

    Args:
        installation: Whose workspace it is made in.
        experiment: The experiment.
        number: The trial, already proposed.

    Returns:
        The trial's folder, with `work/`, `in/`, `out/`, `hyperparameters.json` and `patch.diff`.

    Raises:
        NothingToTrain: the push has no training script.
    """
    folder = installation.settings.trial(str(experiment), number)
    if folder.exists():
        return folder
    verdict = experiment.verdict
    if verdict is None or verdict.script is None:
        raise NothingToTrain(experiment)
    building = folder.with_name(f".{folder.name}.building")
    shutil.rmtree(building, ignore_errors=True)
    for name in ("in", "out"):
        (building / name).mkdir(parents=True)
    tree = installation.settings.tree(experiment.identity.repository, experiment.identity.sha)
    shutil.copytree(tree, building / "work", symlinks=True)
    launch = _apply(experiment, number, tree, building / "work", verdict)
    _describe(building, experiment.trial(number).values, launch)
    document = _launch_document(installation.repository(experiment), verdict, launch)
    (building / "in" / "launch.json").write_text(json.dumps(document, indent=2), encoding="utf-8")
    building.rename(folder)
    return folder


def _apply(experiment: Experiment, number: int, tree: Path, work: Path, verdict: Verdict) -> Launch:
    space = experiment.space
    if space is None or (number == 1 and space.interface == "literals"):
        return Launch()  # trial 1 is the push itself, to the byte
    return apply(space, experiment.trial(number).values, tree=tree, working_directory=work, verdict=verdict)


def _describe(folder: Path, values: object, launch: Launch) -> None:
    (folder / "hyperparameters.json").write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
    (folder / "patch.diff").write_bytes(launch.patch.encode("utf-8", "surrogateescape"))


def _launch_document(repository: Repository, verdict: Verdict, launch: Launch) -> dict[str, object]:
    return {
        "script": verdict.script,
        "working_directory": repository.mount_point,
        "arguments": list(launch.arguments),
        "stdin": launch.stdin,
        "accuracy_files": list(verdict.accuracy_files),
        "model_files": list(verdict.model_files),
        "seed": SEED,
    }
