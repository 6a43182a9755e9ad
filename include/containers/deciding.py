"""What the monitor does about a training container: a pure function from observation to decision."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from include.containers.ending import Ending, EndingKind
from include.containers.outcome import Outcome
from include.containers.spec import ContainerSpec
from include.containers.state import ContainerState
from include.containers.stopping import Interruption, Stop, StoppedBy


class Action(StrEnum):
    """What the monitor can do."""

    NOTHING = "nothing"
    RELAUNCH = "relaunch"
    GO_ON = "go_on"
    GIVE_UP = "give_up"
    KILL_HUNG = "kill_hung"
    STOP = "stop"
    REMOVE_STRAY = "remove_stray"


class Cause(StrEnum):
    """What makes the monitor act."""

    NONE = "none"
    DIED = "died"
    VANISHED = "vanished"
    NEVER_STARTED = "never_started"
    HUNG = "hung"
    OVERDUE = "overdue"
    STOPPED = "stopped"  # on record, and it runs all the same
    INTERRUPTED = "interrupted"  # the installation was stopped, and the training is to go on
    STRAY = "stray"
    ABANDONED = "abandoned"  # its task is over, and it runs all the same


@dataclass(frozen=True)
class Policy:
    """The monitor's patience, in seconds.

    Args:
        delays: Pause before relaunch 1, 2, …; as many relaunches as there are pauses.
        hang: Silence of the heartbeat that counts as a hang.
        launch: How long a launch may take before its container counts as vanished.
        slow: How far past its time limit a training may be before the monitor stops it, which is the
            trigger's work as long as there is a triggerer.
        stray: Age from which a container without an active trial is removed.
    """

    delays: tuple[float, ...] = (1, 2, 4, 8, 16)
    hang: float = 120
    launch: float = 30
    slow: float = 30
    stray: float = 120


@dataclass(frozen=True)
class ActiveTrial:
    """A trial whose training has not ended, as the experiment store knows it.

    Args:
        experiment: Experiment id.
        trial: Number of the trial.
        spec: Its container as launched.
        out_dir: The trial's ``out/``; the host's own files stand in its parent.
        relaunches: Relaunches recorded so far.
        last_relaunch: Time of the last one, seconds since the epoch.
        stopped: Why it was stopped deliberately, None when it was not.
        engine: URL of the engine it runs on, None for the one of ``DOCKER_HOST``.
    """

    experiment: str
    trial: int
    spec: ContainerSpec
    out_dir: Path
    relaunches: int = 0
    last_relaunch: float | None = None
    stopped: str | None = None
    engine: str | None = None


@dataclass(frozen=True)
class Observation:
    """All that a decision depends on."""

    trial: ActiveTrial
    state: ContainerState
    ending: Ending
    heartbeat_age: float | None = None
    launched_at: float | None = None
    stop: Stop | None = None
    outcome: Outcome | None = None
    interrupted: Interruption | None = None


@dataclass(frozen=True)
class Decision:
    """What to do, why, and from when on.

    Args:
        action: What to do.
        reason: One sentence.
        not_before: Seconds since the epoch before which it is not done; 0 for at once.
        relaunch: Number of the launch, for `Action.RELAUNCH` and `Action.GO_ON`.
        cause: What made it necessary.
    """

    action: Action
    reason: str
    not_before: float = 0.0
    relaunch: int = 0
    cause: Cause = Cause.NONE


def decide(seen: Observation, now: float, policy: Policy | None = None) -> Decision:
    """Decide what to do about one active trial's container."""
    policy = policy or Policy()
    if seen.outcome is not None:
        return Decision(Action.NOTHING, f"Its ending is on record: {seen.outcome.ending}.")
    if seen.stop is not None or seen.trial.stopped is not None:
        return _stopped(seen)
    if seen.ending.kind is EndingKind.RUNNING:
        return _running(seen, now, policy)
    if seen.ending.kind is EndingKind.TOO_SLOW and seen.state.alive:
        return _too_slow(seen, now, policy)
    if seen.ending.kind is EndingKind.CRASHED:
        return _crashed(seen, now, policy)
    return Decision(Action.NOTHING, f"It ended: {seen.ending.reason}")


def _stopped(seen: Observation) -> Decision:
    reason = seen.stop.reason if seen.stop else str(seen.trial.stopped)
    if seen.state.alive:
        reason = f"It was to be stopped and still runs: {reason}"
        return Decision(Action.STOP, reason, cause=Cause.STOPPED)
    return Decision(Action.NOTHING, f"It was stopped deliberately: {reason}")


def _running(seen: Observation, now: float, policy: Policy) -> Decision:
    state = seen.state
    if state.status == "created":
        return _created(state, now, policy)
    if state.status != "running":
        return Decision(Action.NOTHING, f"It is {state.status}.")
    running = now - (state.started_at or now)
    # A heartbeat older than the container is the one of the launch before.
    silence = running if seen.heartbeat_age is None else min(running, seen.heartbeat_age)
    if silence > policy.hang:
        reason = f"It hangs: no heartbeat for {silence:.0f} s."
        return Decision(Action.KILL_HUNG, reason, cause=Cause.HUNG)
    return Decision(Action.NOTHING, "It trains.")


def _created(state: ContainerState, now: float, policy: Policy) -> Decision:
    if now - (state.created_at or now) <= policy.launch:
        return Decision(Action.NOTHING, "It is being launched.")
    reason = "It was created but never started."
    return Decision(Action.RELAUNCH, reason, relaunch=state.relaunch, cause=Cause.NEVER_STARTED)


def _too_slow(seen: Observation, now: float, policy: Policy) -> Decision:
    over = now - (seen.state.started_at or now) - seen.trial.spec.limits.seconds
    if over < policy.slow:
        return Decision(Action.NOTHING, "Its time limit has just passed; the trigger stops it.")
    return Decision(Action.STOP, seen.ending.reason, cause=Cause.OVERDUE)


def _crashed(seen: Observation, now: float, policy: Policy) -> Decision:
    done = max(seen.trial.relaunches, seen.state.relaunch)
    if seen.state.missing and seen.interrupted is not None and seen.interrupted.at > _last_launch(seen):
        return Decision(Action.GO_ON, seen.interrupted.reason, relaunch=done, cause=Cause.INTERRUPTED)
    if seen.state.missing and (seen.launched_at is None or now - seen.launched_at < policy.launch):
        return Decision(Action.NOTHING, "It is not launched yet.")
    cause = Cause.VANISHED if seen.state.missing else Cause.DIED
    if done >= len(policy.delays):
        reason = f"{seen.ending.reason} It was relaunched {done} times; given up."
        return Decision(Action.GIVE_UP, reason, cause=cause)
    since = max(seen.state.finished_at or 0.0, seen.trial.last_relaunch or 0.0)
    return Decision(Action.RELAUNCH, seen.ending.reason, since + policy.delays[done], done + 1, cause)


def _last_launch(seen: Observation) -> float:
    return max(seen.launched_at or 0.0, seen.trial.last_relaunch or 0.0)


def stop_of(decision: Decision) -> Stop:
    """Return what goes on record for a decision that ends a training."""
    by = StoppedBy.MONITOR if decision.action is Action.GIVE_UP else StoppedBy.TIME_LIMIT
    return Stop(by, decision.reason)


def is_stray(
    state: ContainerState, newest: dict[tuple[str, int], int], now: float, grace: float
) -> str | None:
    """Say why a container is a stray, None when it is not.

    Args:
        state: A container of this installation.
        newest: The relaunch number of the newest container of each active trial.
        now: Seconds since the epoch.
        grace: Age in seconds before which nothing is a stray.
    """
    if state.created_at is None or now - state.created_at < grace:
        return None
    relaunch = newest.get((state.experiment, state.trial))
    if relaunch is None:
        return "It belongs to no active trial."
    if state.relaunch < relaunch and state.alive:
        return f"It was superseded by relaunch {relaunch}."
    return None
