"""One step of a developer's tweak script: a short container, hardened as the training's, waited for."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from docker.errors import APIError, ImageNotFound
from docker.models.containers import Container

from include.containers._options import create_options
from include.containers._reading import clean_text
from include.containers.disk import DiskGuard
from include.containers.engine import Engine
from include.containers.errors import ImageMissingError, LaunchError, StepVanishedError
from include.containers.naming import STACK
from include.containers.spec import MIB, ContainerSpec
from include.containers.state import ContainerState, state_of
from include.containers.tweak_spec import STEP_EXPERIMENT, STEP_TRIAL

OUTPUT_CHARACTERS = 200_000
_TAIL_BYTES = 1 * MIB
_LOOK_SECONDS = 0.1
_DYING_SECONDS = 30.0
_NAME_SECONDS = 10.0
_ATTEMPTS = 2
_GOING = (404, 409)  # the engine's answers for a container that is removed, and for one that is being removed


@dataclass(frozen=True)
class StepEnded:
    """How one run of a tweak script ended.

    Args:
        exit_code: Of the script; None where the engine knows none.
        timed_out: It was killed at its time limit.
        oom_killed: It was killed for memory.
        over_disk: Why it was killed for the disk that it took, one sentence; None where it was not.
        said: The end of what it printed on its standard output.
        output: The end of all its output, errors included, in the order in which it came.
        seconds: How long it ran.
    """

    exit_code: int | None
    timed_out: bool
    oom_killed: bool
    said: str
    output: str
    seconds: float
    over_disk: str | None = None


def run_step(engine: Engine, spec: ContainerSpec, prepare: Callable[[], None]) -> StepEnded:
    """Run a tweak script and wait for its end; nothing of it is left on the engine.

    A script whose container somebody killed or removed is run once more, from the same start.

    Args:
        engine: Where it runs.
        spec: What `step_spec` returned.
        prepare: Makes the step's folder anew, as it was before the script ran.

    Raises:
        ContainersError: It could not be launched, or was removed each time.
    """
    ended: StepEnded | None = None
    for _ in range(_ATTEMPTS):
        prepare()
        try:
            ended = _run(engine, spec)
        except APIError as error:
            if error.status_code not in _GOING:
                raise
            continue
        if ended.timed_out or ended.oom_killed or ended.over_disk or (ended.exit_code or 0) <= 128:
            return ended
    if ended is None:
        raise StepVanishedError(spec.name)
    return ended


def remove_step(engine: Engine, experiment: str, trial: int) -> int:
    """Remove the container of a trial's tweak script, which a worker that died has left.

    Args:
        engine: Where it may be.
        experiment: Id of the experiment.
        trial: Number of the trial that was judged.

    Returns:
        How many there were.
    """
    wanted = {STACK: engine.stack, STEP_EXPERIMENT: experiment, STEP_TRIAL: str(trial)}
    labels = [f"{key}={value}" for key, value in wanted.items()]
    found = engine.client.containers.list(all=True, filters={"label": labels}, ignore_removed=True)
    for container in found:
        engine.remove(str(container.id))
    return len(found)


def _run(engine: Engine, spec: ContainerSpec) -> StepEnded:
    remove_step(engine, spec.labels[STEP_EXPERIMENT], int(spec.labels[STEP_TRIAL]))
    container = _create(engine, spec)
    too_much: list[str] = []
    guard = DiskGuard(engine, str(container.id), spec, too_much.append)
    try:
        began = time.monotonic()
        _start(container, spec.name)
        guard.start()
        state, timed_out = _wait(engine, container, spec.limits.seconds)
        seconds = time.monotonic() - began
        return StepEnded(
            exit_code=state.exit_code,
            timed_out=timed_out,
            oom_killed=state.oom_killed,
            said=_printed(engine, container, errors=False),
            output=_printed(engine, container, errors=True),
            seconds=round(seconds, 3),
            over_disk=too_much[0] if too_much and state.exit_code else None,
        )
    finally:
        guard.end()
        engine.remove(str(container.id))


def _create(engine: Engine, spec: ContainerSpec) -> Container:
    """Create the container; the name stays taken for a moment when somebody has just removed another."""
    deadline = time.monotonic() + _NAME_SECONDS
    while True:
        try:
            return engine.client.containers.create(**create_options(spec, 0))
        except ImageNotFound as error:
            raise ImageMissingError(spec.image_id or spec.image, spec.name) from error
        except APIError as error:
            if error.status_code not in _GOING or time.monotonic() > deadline:
                raise LaunchError(spec.name, error.explanation or error) from error
        time.sleep(_LOOK_SECONDS)


def _start(container: Container, name: str) -> None:
    try:
        container.start()
    except APIError as error:
        if error.status_code in _GOING:
            raise
        raise LaunchError(name, error.explanation or error) from error


def _wait(engine: Engine, container: Container, seconds: float) -> tuple[ContainerState, bool]:
    """Wait for the end, kill at the time limit; returns the last state and whether the limit was passed."""
    limit, timed_out = time.monotonic() + seconds, False
    while True:
        container.reload()
        state = state_of(container.attrs)
        now = time.monotonic()
        if not state.alive or now > limit + _DYING_SECONDS:
            return state, timed_out
        if now > limit:
            timed_out = True
            engine.kill(str(container.id))
        time.sleep(_LOOK_SECONDS)


def _printed(engine: Engine, container: Container, *, errors: bool) -> str:
    pieces = engine.client.api.logs(str(container.id), stdout=True, stderr=errors, stream=True, follow=False)
    text = _tail(pieces).decode("utf-8", "replace")
    return clean_text(text, len(text) + 1)[-OUTPUT_CHARACTERS:]


def _tail(pieces: Iterable[bytes]) -> bytes:
    """Return the last megabyte of what may be more."""
    kept: deque[bytes] = deque()
    size = 0
    for piece in pieces:
        kept.append(piece)
        size += len(piece)
        while size - len(kept[0]) >= _TAIL_BYTES:
            size -= len(kept.popleft())
    return b"".join(kept)[-_TAIL_BYTES:]
