"""The files of one trial: its copy of the code with the values applied, and what the harness reads."""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from include.containers.copying import read_inside, remove_folder
from include.detector.verdict import OLD_KERAS, Verdict
from include.experiments.choosing import tweak_script
from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.repositories import Repository
from include.tweaker import Launch, Value, apply

SEED = 0  # the same for every trial, so that accuracies differ by their hyper-parameters only
INPUT_FILE = "input.txt"
LAUNCH_FILE = Path("in", "launch.json")
_INPUT_BYTES = 1_000_000


class NothingToTrain(LookupError):
    """A trial was asked for of a push that has no training script."""

    def __init__(self, experiment: Experiment) -> None:
        super().__init__(f"{experiment} has no training script; clear detect_cnn to have it inspected again")


class TrialLost(LookupError):
    """A trial is to be trained again whose files, which a tweak script made, are gone."""

    def __init__(self, experiment: Experiment, number: int, script: str) -> None:
        super().__init__(
            f"the files of trial {number} of {experiment} are gone, and only its {script} could make them; "
            "trigger the commit with *Train again*"
        )


class FilesGone(LookupError):
    """A trial is to be trained again of a push whose files are not kept any more."""

    def __init__(self, experiment: Experiment) -> None:
        super().__init__(
            f"the files of {experiment} are not kept any more; clear fetch_code, which fetches them again"
        )


def lay_out(installation: Installation, experiment: Experiment, number: int) -> Path:
    """Make the folder of a trial, complete or not at all: it is built beside its place and moved there.

    Args:
        installation: Whose workspace it is made in.
        experiment: The experiment.
        number: The trial, already proposed.

    Returns:
        The trial's folder, with `work/`, `in/`, `out/`, `hyperparameters.json` and `patch.diff`.

    Raises:
        NothingToTrain: the push has no training script.
        TrialLost: the folder is gone, and a tweak script had made it.
        FilesGone: the files of the push are gone.
    """
    folder = installation.settings.trial(str(experiment), number)
    if laid_out(folder):
        return folder
    verdict = verdict_of(experiment)
    script = tweak_script(installation, experiment)
    if script is not None and number > 1:
        raise TrialLost(experiment, number, script)
    tree = installation.settings.tree(experiment.identity.repository, experiment.identity.sha)
    if not tree.exists():
        raise FilesGone(experiment)
    with building(folder) as place:
        shutil.copytree(tree, place / "work", symlinks=True)
        launch = _apply(experiment, number, tree, place / "work", verdict)
        if script is not None:
            launch = with_input(launch, place / "work")
        repository = installation.repository(experiment)
        describe(place, repository, verdict, experiment.trial(number).values, launch)
    return folder


def laid_out(folder: Path) -> bool:
    """Whether a trial's folder is complete."""
    return (folder / LAUNCH_FILE).exists()


def verdict_of(experiment: Experiment) -> Verdict:
    """The verdict of a push that is trained.

    Raises:
        NothingToTrain: the push has no training script.
    """
    verdict = experiment.verdict
    if verdict is None or verdict.script is None:
        raise NothingToTrain(experiment)
    return verdict


@contextmanager
def building(folder: Path) -> Iterator[Path]:
    """Give a place beside a trial's folder with `in/` and `out/`; it becomes the folder if all goes well."""
    place = folder.with_name(f".{folder.name}.building")
    remove_folder(place)
    for name in ("in", "out"):
        (place / name).mkdir(parents=True)
    try:
        yield place
        if folder.exists():
            _move_into(place, folder)
        else:
            place.rename(folder)
    finally:
        remove_folder(place)


def _move_into(place: Path, folder: Path) -> None:
    """Fill a folder that is there already, because a container waits in it with `work/` and `in/` mounted.

    Those stay the same folders. What makes the trial complete comes last.
    """
    (folder / "work").mkdir(exist_ok=True)
    (folder / "in").mkdir(exist_ok=True)
    for path in (folder / "work").iterdir():  # left where a process was killed here
        remove_folder(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    for path in (place / "work").iterdir():
        path.rename(folder / "work" / path.name)
    for path in place.iterdir():
        if path.is_file():
            path.replace(folder / path.name)
    (place / LAUNCH_FILE).replace(folder / LAUNCH_FILE)


def describe(
    folder: Path, repository: Repository, verdict: Verdict, values: Mapping[str, Value], launch: Launch
) -> None:
    """Write what the harness reads of a trial, its values and its patch."""
    (folder / "hyperparameters.json").write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
    (folder / "patch.diff").write_bytes(launch.patch.encode("utf-8", "surrogateescape"))
    document = _launch_document(repository, verdict, launch)
    (folder / LAUNCH_FILE).write_text(json.dumps(document, indent=2), encoding="utf-8")


def with_input(launch: Launch, work: Path) -> Launch:
    """The launch with the trial's `input.txt` on standard input, unless something is there already.

    A tweak script's `input.txt` may have any form, of which the stdin interface knows one.
    """
    if launch.stdin is not None:
        return launch
    data = read_inside(work, INPUT_FILE, _INPUT_BYTES)
    return launch if data is None else replace(launch, stdin=data.decode("utf-8", "replace"))


def _apply(experiment: Experiment, number: int, tree: Path, work: Path, verdict: Verdict) -> Launch:
    space = experiment.space
    if space is None or (number == 1 and space.interface == "literals"):
        return Launch()  # trial 1 is the push itself, to the byte
    return apply(space, experiment.trial(number).values, tree=tree, working_directory=work, verdict=verdict)


def _launch_document(repository: Repository, verdict: Verdict, launch: Launch) -> dict[str, object]:
    return {
        "script": verdict.script,
        "working_directory": repository.mount_point,
        "arguments": list(launch.arguments),
        "stdin": launch.stdin,
        "accuracy_files": list(verdict.accuracy_files),
        "model_files": list(verdict.model_files),
        "seed": SEED,
        "keras": keras_of(verdict),
    }


def keras_of(verdict: Verdict) -> str | None:
    """The Keras that the harness gives a script, as `launch.json` names it; None for today's."""
    return "legacy" if verdict.framework == OLD_KERAS else None
