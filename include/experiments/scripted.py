"""The next trial by the developer's own tweak script: run once, what it changes is the trial."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from include.containers._reading import clean_text
from include.containers.copying import copy_folder, remove_folder
from include.containers.engine import Engine
from include.containers.errors import FolderTooLargeError
from include.containers.files import make_ready, read_json, read_spec, write_json
from include.containers.spec import ContainerSpec
from include.containers.tweaking import StepEnded, run_step, step_spec
from include.experiments.changes import changes_between, in_words, patch_of, value_changes
from include.experiments.experiment import Experiment
from include.experiments.handing_over import STATE_FILE, accuracy_files, hand_over, variables
from include.experiments.installation import Installation
from include.experiments.layout import building, describe, launch_as_it_is, verdict_of, with_input
from include.experiments.records import State
from include.experiments.training import container_of
from include.tweaker import Proposal, SearchSpace, TweakError, discover

log = logging.getLogger(__name__)

STEP_FILE = "tweak.json"
OUTPUT_FILE = "tweak-output.txt"
DONE = "done"
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


class NotMadeByScript(LookupError):
    """The next trial's folder is there, but no tweak script made it: the configuration changed in between."""

    def __init__(self, step: Step) -> None:
        super().__init__(
            f"{step.next} was not made by {step.script}: strategy or tweak_script of the repository changed "
            "while its experiment ran; change it back, or trigger the commit with *Train again*"
        )


def take_step(step: Step, engine: Callable[[], Engine]) -> Proposal | Halt:
    """Run the tweak script unless it has made the next trial already; the same call again goes on there.

    Args:
        step: Which step.
        engine: Connects to the Docker engine; called only where the script is to be run.

    Raises:
        ContainersError: The script could not be run, for no fault of its own.
    """
    if not step.next.exists():
        try:
            halt = _run(step, engine())
        except FolderTooLargeError as error:
            halt = Halt(State.TWEAK_ERROR, f"could not go on, because its folder is too large: {error.why}")
            _keep_output(step, "")
        finally:
            remove_folder(step.place)
        if halt is not None:
            return halt
    return _made(step)


def _made(step: Step) -> Proposal:
    """Read what an earlier part of this call, or an earlier try, has made."""
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


def _run(step: Step, engine: Engine) -> Halt | None:
    before: dict[str, str] = {}
    spec = _spec(step)
    ended = run_step(engine, spec, lambda: before.update(_prepare(step, spec.user)))
    _keep_output(step, ended.output)
    failure = _failure(ended, spec)
    if failure is not None:
        return Halt(State.TWEAK_ERROR, failure)
    said = [line.strip() for line in ended.said.splitlines() if line.strip()]
    if said and said[-1].lower() == DONE:
        return Halt(State.EXHAUSTED, f"printed {DONE!r}: it has nothing more to try")
    return _lay_out(step, before, said[-1] if said else "")


def _spec(step: Step) -> ContainerSpec:
    experiment, repository = step.experiment, step.installation.repository(step.experiment)
    launched = read_spec(step.last)  # as the last trial was trained, to the very image
    training = launched or container_of(
        experiment, step.trial, repository, step.last, step.installation.settings
    )
    best = max((t.accuracy for t in experiment.trials() if t.accuracy is not None), default=None)
    return step_spec(
        training,
        step.last,
        step.place,
        script=step.script,
        seconds=repository.tweak_seconds,
        environment=variables(experiment, experiment.trial(step.trial), best),
    )


def _prepare(step: Step, user: str) -> dict[str, str]:
    """Make the script's folder anew; returns the digests of what training left."""
    remove_folder(step.place)
    step.place.mkdir(parents=True)
    copied = copy_folder(step.last / "work", step.place / "work")
    history = step.experiment.trials()[: step.trial]
    hand_over(step.place, history[-1], history, step.last / "out", _accuracy_files(step))
    make_ready(step.place, user)
    return copied.digests


def _accuracy_files(step: Step) -> set[str]:
    mount_point = step.installation.repository(step.experiment).mount_point
    return accuracy_files(verdict_of(step.experiment), mount_point)


def _keep_output(step: Step, output: str) -> None:
    (step.last / OUTPUT_FILE).write_text(output, encoding="utf-8")


def _failure(ended: StepEnded, spec: ContainerSpec) -> str | None:
    if ended.timed_out:
        return f"was still running after its limit of {spec.limits.seconds:g} s"
    if ended.oom_killed:
        return f"needed more than its {spec.limits.memory_bytes / 1024**3:.3g} GiB of memory"
    if ended.exit_code is None or ended.exit_code > 128:
        signal = f" by signal {ended.exit_code - 128}" if ended.exit_code else ""
        return f"was killed{signal}"
    return f"ended with exit code {ended.exit_code}" if ended.exit_code else None


def _lay_out(step: Step, before: dict[str, str], said: str) -> Halt | None:
    """Make the next trial of what the script left; a halt where it left all as it was."""
    experiment, verdict = step.experiment, verdict_of(step.experiment)
    made = step.place / "next"
    after = copy_folder(step.place / "work", made).digests
    changes = changes_between(before, after, {STATE_FILE, *_accuracy_files(step)})
    if not changes:
        return Halt(State.EXHAUSTED, "changed nothing that the training could notice")
    space = _space(experiment, made)
    values = {p.name: p.default for p in space.active({})} if space else {}
    touched = sorted({*_touched(step.last), *changes.written})
    reason = said or in_words(step.script, changes, _changed(step, space), step.last / "work", made)
    launch = with_input(launch_as_it_is(space, made, verdict), made)
    launch = replace(launch, patch=patch_of(step.tree, made, touched))
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


def _space(experiment: Experiment, work: Path) -> SearchSpace | None:
    """What can be read of a trial's values in its files, in the way in which the push's were."""
    pushed = experiment.space
    try:
        space = None if pushed is None else discover(work, verdict_of(experiment))
    except (TweakError, ValueError, RecursionError) as error:
        # The files are the script's own doing: the trial goes on without names for its values.
        log.warning("The values of the next trial can't be read: %s", error)
        return None
    return space if space and pushed and space.interface == pushed.interface else None


def _touched(folder: Path) -> list[str]:
    """The files that tweak scripts have changed up to a trial."""
    document = read_json(folder / STEP_FILE)
    return [] if document is None else [str(path) for path in document["touched"]]


def _clean(text: str) -> str:
    """A line that any store takes: without control characters, and without bytes that are no UTF-8."""
    plain = text.encode("utf-8", "replace").decode("utf-8")
    return clean_text(" ".join(plain.split()), _REASON_CHARACTERS)
