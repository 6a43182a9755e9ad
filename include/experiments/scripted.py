"""The next trial by the developer's own tweak script: run once, what it changes is the trial."""

from collections.abc import Callable

from include.containers.copying import copy_folder, give_folder, remove_folder
from include.containers.engine import Engine
from include.containers.errors import FolderTooLargeError
from include.containers.files import read_spec
from include.containers.spec import ContainerSpec
from include.containers.tweak_spec import step_spec
from include.containers.tweaking import StepEnded, run_step
from include.experiments.handing_over import hand_over, variables
from include.experiments.layout import laid_out
from include.experiments.making import Halt, Step, made_by, make_trial
from include.experiments.records import State
from include.experiments.training import container_of
from include.tweaker import Proposal

OUTPUT_FILE = "tweak-output.txt"
DONE = "done"


def take_step(step: Step, engine: Callable[[], Engine]) -> Proposal | Halt:
    """Run the tweak script unless it has made the next trial already; the same call again goes on there.

    Args:
        step: Which step.
        engine: Connects to the Docker engine; called only where the script is to be run.

    Raises:
        ContainersError: The script could not be run, for no fault of its own.
    """
    if not laid_out(step.next):
        try:
            halt = _run(step, engine())
        except FolderTooLargeError as error:
            halt = Halt(State.TWEAK_ERROR, f"could not go on, because its folder is too large: {error.why}")
            _keep_output(step, "")
        finally:
            remove_folder(step.place)
        if halt is not None:
            return halt
    return made_by(step)


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
    return make_trial(step, before, said[-1] if said else "")


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
    hand_over(step.place, history[-1], history, step.last / "out", step.accuracy_files)
    give_folder(step.place / "work", user)
    return copied.digests


def _keep_output(step: Step, output: str) -> None:
    (step.last / OUTPUT_FILE).write_text(output, encoding="utf-8")


def _failure(ended: StepEnded, spec: ContainerSpec) -> str | None:
    if ended.timed_out:
        return f"was still running after its limit of {spec.limits.seconds:g} s"
    if ended.oom_killed:
        return f"needed more than its {spec.limits.memory_bytes / 1024**3:.3g} GiB of memory"
    if ended.over_disk:
        return f"was killed. {ended.over_disk.removesuffix('.')}"
    if ended.exit_code is None or ended.exit_code > 128:
        signal = f" by signal {ended.exit_code - 128}" if ended.exit_code else ""
        return f"was killed{signal}"
    return f"ended with exit code {ended.exit_code}" if ended.exit_code else None
