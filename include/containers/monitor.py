"""The monitor of training containers: probe, decide, act, for every active trial and every stray."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from include.containers.deciding import (
    Action,
    ActiveTrial,
    Decision,
    Observation,
    Policy,
    decide,
    is_stray,
    stop_of,
)
from include.containers.engine import Engine
from include.containers.errors import ContainersError
from include.containers.files import launched_at
from include.containers.outcome import judge, read_outcome
from include.containers.relaunching import relaunch
from include.containers.result import heartbeat_age
from include.containers.state import ContainerState
from include.containers.stopping import read_stop, record_stop


@dataclass(frozen=True)
class AuditLine:
    """One thing the monitor did.

    Args:
        at: Seconds since the epoch.
        experiment: Experiment id.
        trial: Number of the trial.
        container: Name of the container acted on.
        action: What was done.
        reason: Why, one sentence.
        done: False when it was tried and failed; the reason then says how.
        relaunch: Number of the relaunch, for relaunches.
        container_id: The new container for relaunches, else the one acted on.
    """

    at: float
    experiment: str
    trial: int
    container: str
    action: Action
    reason: str
    done: bool = True
    relaunch: int = 0
    container_id: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the line as JSON types."""
        return {**asdict(self), "action": self.action.value}


def monitor_once(
    engine: Engine,
    active: Sequence[ActiveTrial],
    *,
    policy: Policy | None = None,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> list[AuditLine]:
    """Do one round: answer every crash, hang and overrun of active trials, and remove strays.

    Back-off is waited for inside the round (at most the longest pause), so that a relaunch does not have to
    wait for the next round. Two rounds at the same time make no container twice.

    Args:
        engine: The engine whose containers are watched.
        active: Every trial whose training has not ended; a container of any other is a stray.
        policy: The monitor's patience.
        clock: Gives the time, seconds since the epoch.
        sleep: Waits that many seconds.

    Returns:
        What was done, in order; nothing for trials that are well.
    """
    policy = policy or Policy()
    lines, later = [], []
    for trial in active:
        seen, decision = _look(engine, trial, clock(), policy)
        if decision.action is Action.KILL_HUNG:
            lines.append(act(engine, decision, seen, clock()))
            seen, decision = _look(engine, trial, clock(), policy)
        if decision.not_before > clock():
            later.append((decision.not_before, trial))
        elif decision.action is not Action.NOTHING:
            lines.append(act(engine, decision, seen, clock()))
    for not_before, trial in sorted(later, key=lambda entry: entry[0]):
        sleep(max(0.0, not_before - clock()))
        seen, decision = _look(engine, trial, clock(), policy)  # it may have been stopped meanwhile
        if decision.action is not Action.NOTHING:
            lines.append(act(engine, decision, seen, clock()))
    return lines + list(_remove_strays(engine, active, clock(), policy))


def probe(engine: Engine, trial: ActiveTrial, now: float) -> Observation:
    """Observe all that a decision about one trial depends on."""
    trial_dir = trial.out_dir.parent
    # The outcome last: whoever ends a trial records it before the containers go.
    state = engine.observe(trial.experiment, trial.trial)
    return Observation(
        trial=trial,
        state=state,
        ending=judge(state, trial.spec.limits, trial_dir, now),
        heartbeat_age=heartbeat_age(trial.out_dir, now),
        launched_at=launched_at(trial_dir),
        stop=read_stop(trial_dir),
        outcome=read_outcome(trial_dir),
    )


def act(engine: Engine, decision: Decision, seen: Observation, now: float) -> AuditLine:
    """Do what was decided; a failure is told in the line and tried again in the next round."""
    try:
        state = _do(engine, decision, seen)
    except ContainersError as error:
        return _line(decision, seen.state, seen, now, f"{decision.reason} Failed: {error}", done=False)
    return _line(decision, state, seen, now, decision.reason)


def _look(engine: Engine, trial: ActiveTrial, now: float, policy: Policy) -> tuple[Observation, Decision]:
    seen = probe(engine, trial, now)
    return seen, decide(seen, now, policy)


def _do(engine: Engine, decision: Decision, seen: Observation) -> ContainerState:
    if decision.action is Action.RELAUNCH:
        return relaunch(engine, seen.trial, decision.relaunch)
    if decision.action in (Action.GIVE_UP, Action.STOP):
        record_stop(seen.trial.out_dir.parent, stop_of(decision))
    if seen.state.id is not None and decision.action is Action.KILL_HUNG:
        engine.kill(seen.state.id)
    if seen.state.id is not None and decision.action is Action.STOP:
        engine.stop(seen.state.id)
    return seen.state


def _line(
    decision: Decision, state: ContainerState, seen: Observation, now: float, reason: str, done: bool = True
) -> AuditLine:
    trial = seen.trial
    name = state.name or trial.spec.name
    return AuditLine(
        now, trial.experiment, trial.trial, name, decision.action, reason, done, decision.relaunch, state.id
    )


def _remove_strays(
    engine: Engine, active: Sequence[ActiveTrial], now: float, policy: Policy
) -> Iterator[AuditLine]:
    states = engine.find()  # in the order of relaunches: the last one of a trial is its newest
    trials = {(trial.experiment, trial.trial) for trial in active}
    keys = ((state, (state.experiment, state.trial)) for state in states)
    newest = {key: state.relaunch for state, key in keys if key in trials}
    for state in states:
        why = is_stray(state, newest, now, policy.stray)
        if why is not None and state.id is not None:
            engine.remove(state.id)
            yield AuditLine(
                at=now,
                experiment=state.experiment,
                trial=state.trial,
                container=state.name or "",
                action=Action.REMOVE_STRAY,
                reason=why,
                container_id=state.id,
            )
