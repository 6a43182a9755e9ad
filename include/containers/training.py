"""One trial's training from the host's side: begin it once, watch it, end it for good."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from docker.errors import DockerException

from include.containers.calling import let_go, since_call
from include.containers.disk import DiskGuard
from include.containers.ending import Ending, EndingKind
from include.containers.engine import Engine
from include.containers.files import (
    drop_what_it_wrote,
    forget_first_state,
    launched_spec,
    make_ready,
    read_spec,
    write_spec,
)
from include.containers.following import write_logs
from include.containers.outcome import (
    Outcome,
    forget_outcome,
    judge,
    outcome_of,
    read_outcome,
    record_outcome,
)
from include.containers.pruning import forget_request
from include.containers.relaunching import alone
from include.containers.spec import ContainerSpec
from include.containers.state import ContainerState
from include.containers.stopping import Stop, StoppedBy, forget_stop, read_stop, record_stop
from include.containers.waiting import call, find_waiting, forget_waiting, waits

log = logging.getLogger(__name__)

# A task cleared by a person is killed by its trigger within about 2 s. A container that still runs after
# this pause was left by a worker that died, and is adopted.
SETTLE_SECONDS = 4.0
RELAUNCH_GRACE_SECONDS = 180.0


@dataclass(frozen=True)
class TrainingRequest:
    """What the train task needs to know.

    Args:
        spec: The container to train in; its limits hold the seconds it may take.
        trial_dir: The trial's folder on this host.
        engine: URL of the engine that trains it, None for the one of ``DOCKER_HOST``.
    """

    spec: ContainerSpec
    trial_dir: Path
    engine: str | None = None


def begin_training(
    engine: Engine, request: TrainingRequest, *, sleep: Callable[[float], None] = time.sleep
) -> ContainerState | Outcome:
    """Launch a trial's training unless it runs or has finished already.

    Returns:
        The container that trains (launched or adopted), or the outcome of a training that had finished.

    Raises:
        ContainersError: The container could not be launched.
    """
    trial_dir, spec = request.trial_dir, request.spec
    outcome = read_outcome(trial_dir)
    if outcome is not None and outcome.ending is EndingKind.FINISHED and outcome.config == spec.config_hash:
        return outcome
    if outcome is None and (state := _adoptable(engine, spec, trial_dir, sleep)) is not None:
        log.info("Adopting container %s, which is %s.", state.name, state.status)
        let_go(trial_dir)  # a worker may have died just before it did
        return state
    return _launch(engine, spec, trial_dir)


def _adoptable(
    engine: Engine, spec: ContainerSpec, trial_dir: Path, sleep: Callable[[float], None]
) -> ContainerState | None:
    experiment, trial = spec.key
    if waits(trial_dir):
        return None  # nothing trains in it yet
    state = engine.observe(experiment, trial)
    if state.alive:
        sleep(SETTLE_SECONDS)
        state = engine.observe(experiment, trial)
    if state.missing or state.config != spec.config_hash or read_stop(trial_dir) is not None:
        return None
    launched = read_spec(trial_dir)
    return engine.launch(launched, state.relaunch) if launched and state.status == "created" else state


def _launch(engine: Engine, spec: ContainerSpec, trial_dir: Path) -> ContainerState:
    """Launch a training in the container that waits for it, or in a new one."""
    spec = engine.pin(spec)
    with alone(trial_dir):
        waiting = find_waiting(engine, spec, trial_dir, time.time())
        if not waiting:
            remove_containers(engine, *spec.key)
            forget_waiting(trial_dir)
        make_ready(trial_dir, spec.user)
        write_spec(trial_dir, spec)
        forget_stop(trial_dir)
        forget_request(trial_dir)
        forget_outcome(trial_dir)
        if waiting and (state := call(engine, spec, trial_dir)) is not None:
            log.info("Container %s has Keras loaded already.", state.name)
            return state
        remove_containers(engine, *spec.key)
        return engine.launch(spec)


def remove_containers(engine: Engine, experiment: str, trial: int) -> None:
    """Remove all containers of a trial, of every launch."""
    for state in engine.find(experiment, trial):
        engine.remove(str(state.id))


class TrainingWatch:
    """Watches one trial's training through relaunches until its ending is final.

    Args:
        engine: The engine it runs on.
        trial_dir: The trial's folder, with ``container.json``.
        grace: Seconds that a crash may go unanswered before it is final.

    Raises:
        NotLaunchedError: There is no ``container.json``.
    """

    def __init__(self, engine: Engine, trial_dir: Path, grace: float = RELAUNCH_GRACE_SECONDS) -> None:
        self.engine, self.trial_dir, self.grace = engine, trial_dir, grace
        self.spec = launched_spec(trial_dir)
        self.experiment, self.trial = self.spec.key
        self.state = ContainerState(self.experiment, self.trial)
        self._crashed_since: float | None = None
        self._guard: DiskGuard | None = None

    def look(self, now: float) -> Outcome | None:
        """Observe the training once; stop it if it is over its time limit, or the experiment is over.

        Returns:
            Its outcome if it has ended for good, None while it trains or waits for its relaunch.
        """
        ending = self._judge(now)
        if self.state.alive and (stop := self._due(ending)) is not None:
            self.stop(stop)
            ending = self._judge(now)
        if ending.kind is EndingKind.RUNNING:
            self._crashed_since = None
            self._watch_disk()
            return None
        if self._guard is not None:
            self._guard.end()
        if ending.kind is EndingKind.CRASHED:
            return self._of_crash(ending, now)
        return outcome_of(ending, self.state, self.spec.config_hash)

    def stop(self, stop: Stop) -> None:
        """Put a deliberate stop on record, then stop the containers."""
        record_stop(self.trial_dir, stop)
        for state in self.engine.find(self.experiment, self.trial):
            if state.alive:
                self.engine.stop(str(state.id))

    def finish(self, outcome: Outcome) -> None:
        """Save the container's log beside the trial and put the outcome on record."""
        limit = self.spec.limits.log_bytes
        try:
            write_logs(self.engine, self.trial_dir / "log.txt", self.experiment, self.trial, limit)
        except (OSError, DockerException) as error:
            # The outcome matters more than its log.
            log.warning("The log of %s could not be saved: %s", self.spec.name, error)
        record_outcome(self.trial_dir, outcome)
        if outcome.ending is EndingKind.FINISHED:  # any other may be launched anew
            forget_first_state(self.trial_dir)
        if outcome.ending is EndingKind.DISK_QUOTA:
            drop_what_it_wrote(self.trial_dir)

    def clean(self) -> None:
        """Remove the trial's containers."""
        remove_containers(self.engine, self.experiment, self.trial)

    def seconds_left(self, now: float) -> float:
        """Return the seconds until the time limit of the training last seen."""
        return (self.state.started_at or now) + self.spec.limits.seconds - now

    def _due(self, ending: Ending) -> Stop | None:
        """The stop that a running training is due, if any: its own time is up, or the experiment's."""
        if ending.kind is EndingKind.TOO_SLOW:
            return Stop(StoppedBy.TIME_LIMIT, ending.reason)
        stop = read_stop(self.trial_dir)
        return stop if stop is not None and stop.by is StoppedBy.SUPERSEDED else None

    def _watch_disk(self) -> None:
        """Have a thread end the training in an instant when it writes too much; one for each container."""
        container_id = str(self.state.id)
        if self._guard is None or self._guard.container_id != container_id or not self._guard.is_alive():
            self._guard = DiskGuard(self.engine, container_id, self.spec, self._over_disk)
            self._guard.start()
        self._guard.renew()

    def _over_disk(self, why: str) -> None:
        record_stop(self.trial_dir, Stop(StoppedBy.DISK_QUOTA, why))

    def _judge(self, now: float) -> Ending:
        self.state = since_call(self.engine.observe(self.experiment, self.trial), self.trial_dir)
        return judge(self.state, self.spec.limits, self.trial_dir, now)

    def _of_crash(self, ending: Ending, now: float) -> Outcome | None:
        since = self._crashed_since = self._crashed_since or now
        stop = read_stop(self.trial_dir)
        if stop is not None:  # the monitor gave up
            ending = replace(ending, reason=stop.reason)
        elif now - since > self.grace:
            reason = (
                f"{ending.reason} Nothing relaunched it within {self.grace:g} s: is monitor_containers on?"
            )
            ending = replace(ending, reason=reason)
        else:
            return None
        return outcome_of(ending, self.state, self.spec.config_hash)
