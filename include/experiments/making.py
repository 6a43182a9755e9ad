"""From the files that a tweak script left to the next trial, laid out and named."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from include.containers._reading import clean_text
from include.containers.copying import copy_folder
from include.containers.files import read_json, write_json
from include.experiments.changes import changes_between, in_words, patch_of, value_changes
from include.experiments.experiment import Experiment
from include.experiments.handing_over import STATE_FILE, accuracy_files
from include.experiments.installation import Installation
from include.experiments.layout import building, describe, verdict_of, with_input
from include.experiments.reading import read_trial
from include.experiments.records import State
from include.tweaker import Proposal, SearchSpace

STEP_FILE = "tweak.json"
_REASON_CHARACTERS = 300


@dataclass(frozen=True)
class Halt:
    """A tweak script that gave no next trial.

    Args:
        state: `EXHAUSTED` where it had nothing more to try, `TWEAK_ERROR` where it failed.
        why: One sentence's end for the developer: "tweak.py …".
    """

    state: State
    why: str


@dataclass(frozen=True)
class Step:
    """One call of a tweak script: after which trial, in which folders.

    Args:
        installation: Where everything lives.
        experiment: The experiment.
        trial: The trial that was judged last.
        script: Path of the tweak script, relative to the tree.
    """

    installation: Installation
    experiment: Experiment
    trial: int
    script: str

    @property
    def last(self) -> Path:
        """The folder of the trial that was judged last."""
        return self.installation.settings.trial(str(self.experiment), self.trial)

    @property
    def next(self) -> Path:
        """The folder of the trial that is to be made."""
        return self.installation.settings.trial(str(self.experiment), self.trial + 1)

    @property
    def place(self) -> Path:
        """Where the script runs."""
        return self.next.with_name(f".{self.next.name}.tweaking")

    @property
    def tree(self) -> Path:
        """The push."""
        identity = self.experiment.identity
        return self.installation.settings.tree(identity.repository, identity.sha)

    @property
    def accuracy_files(self) -> set[str]:
        """Where the repository keeps its accuracy."""
        mount_point = self.installation.repository(self.experiment).mount_point
        return accuracy_files(verdict_of(self.experiment), mount_point)


class NotMadeByScript(LookupError):
    """The next trial's folder is there, but no tweak script made it: the configuration changed in between."""

    def __init__(self, step: Step) -> None:
        super().__init__(
            f"{step.next} was not made by {step.script}: strategy or tweak_script of the repository changed "
            "while its experiment ran; change it back, or trigger the commit with *Train again*"
        )


def made_by(step: Step) -> Proposal:
    """The trial that a step, in this try or an earlier one, has made.

    Raises:
        NotMadeByScript: its folder is there, but no tweak script made it.
    """
    document = read_json(step.next / STEP_FILE)
    if document is None:
        raise NotMadeByScript(step)
    if document["space"] is not None:
        _widen(step.experiment, SearchSpace.from_json(document["space"]))
    return Proposal(document["values"], document["reason"])


def _widen(experiment: Experiment, found: SearchSpace) -> None:
    """Let the experiment know hyper-parameters that only came with this trial, such as a new layer's."""
    space = experiment.space
    known = {p.name for p in space.parameters} if space else set()
    new = tuple(p for p in found.parameters if p.name not in known)
    if new:
        wider = replace(space, parameters=(*space.parameters, *new)) if space else found
        experiment.set("space", wider.to_json())


def make_trial(step: Step, before: Mapping[str, str], said: str) -> Halt | None:
    """Make the next trial of what the script left; a halt where it left all as it was.

    Args:
        step: The step, whose script has ended well.
        before: Digests of the files before it ran.
        said: The last line that it printed; empty without one.
    """
    experiment, verdict = step.experiment, verdict_of(step.experiment)
    made = step.place / "next"
    after = copy_folder(step.place / "work", made).digests
    changes = changes_between(before, after, {STATE_FILE, *step.accuracy_files})
    if not changes:
        return Halt(State.EXHAUSTED, "changed nothing that the training could notice")
    pushed = experiment.space
    reading = read_trial(made, verdict, pushed.interface if pushed else None)
    space = reading.space
    values = {p.name: p.default for p in space.active({})} if space else {}
    touched = sorted({*_touched(step.last), *changes.written})
    reason = said or in_words(step.script, changes, _changed(step, space), step.last / "work", made)
    launch = replace(with_input(reading.launch, made), patch=patch_of(step.tree, made, touched))
    document = {"reason": _clean(reason), "values": values, "touched": touched}
    with building(step.next) as place:
        made.rename(place / "work")
        describe(place, step.installation.repository(experiment), verdict, values, launch)
        write_json(place / STEP_FILE, {**document, "space": space.to_json() if space else None})
    return None


def _changed(step: Step, space: SearchSpace | None) -> list[str]:
    """The hyper-parameters that differ from the last trial's, where both can be read."""
    before = step.experiment.trial(step.trial).values
    if space is None or not before:
        return []
    return value_changes(space, before, {p.name: p.default for p in space.active({})})


def _touched(folder: Path) -> list[str]:
    """The files that tweak scripts have changed up to a trial."""
    document = read_json(folder / STEP_FILE)
    return [] if document is None else [str(path) for path in document["touched"]]


def _clean(text: str) -> str:
    """A line that any store takes: without control characters, and without bytes that are no UTF-8."""
    plain = text.encode("utf-8", "replace").decode("utf-8")
    return clean_text(" ".join(plain.split()), _REASON_CHARACTERS)
