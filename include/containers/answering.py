"""The answer to one trial's container: probed, decided and acted on while no other process does the same."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from docker.errors import DockerException

from include.containers.audit import AuditLine, Ledger, line_of
from include.containers.calling import since_call
from include.containers.deciding import Action, ActiveTrial, Decision, Observation, Policy, decide, stop_of
from include.containers.engine import Engine
from include.containers.errors import ContainersError
from include.containers.files import launched_at
from include.containers.outcome import judge, read_outcome
from include.containers.relaunching import alone, go_on, relaunch
from include.containers.result import heartbeat_age
from include.containers.state import ContainerState
from include.containers.stopping import read_interruption, read_stop, record_stop

# What can go wrong with one trial and must not keep the monitor from the others: also a full disk.
TROUBLE = (ContainersError, DockerException, OSError)
_ENDED = Decision(Action.NOTHING, "Its end is in the store.")


@dataclass(frozen=True)
class Answer:
    """What was decided about a trial, and the line for what was done, None when nothing was (yet)."""

    decision: Decision
    line: AuditLine | None = None

    def is_due_later(self, now: float) -> bool:
        """Whether something is to be done, but not before a pause is over."""
        return self.line is None and self.decision.not_before > now


def answer(
    engine: Engine,
    trial: ActiveTrial,
    *,
    ledger: Ledger | None = None,
    policy: Policy | None = None,
    clock: Callable[[], float] = time.time,
) -> Answer:
    """Do what one trial's container needs now, once, however many processes ask at the same time.

    What is decided on is observed while the trial is locked: who comes second sees what the first one did.

    Args:
        engine: The engine that the trial runs on.
        trial: The trial.
        ledger: Tells what is known of the trial now, and keeps the line.
        policy: The monitor's patience.
        clock: Gives the time, seconds since the epoch.
    """
    ledger, policy = ledger or Ledger(), policy or Policy()
    with alone(trial.out_dir.parent):
        current = ledger.current(trial)
        if current is None:
            return Answer(_ENDED)
        seen = probe(engine, current, clock())
        decision = decide(seen, clock(), policy)
        if decision.action is Action.NOTHING or decision.not_before > clock():
            return Answer(decision)
        line = act(engine, decision, seen, clock())
        ledger.record(line)
        return Answer(decision, line)


def probe(engine: Engine, trial: ActiveTrial, now: float) -> Observation:
    """Observe all that a decision about one trial depends on."""
    trial_dir = trial.out_dir.parent
    # The outcome last: whoever ends a trial records it before the containers go.
    state = since_call(engine.observe(trial.experiment, trial.trial), trial_dir)
    return Observation(
        trial=trial,
        state=state,
        ending=judge(state, trial.spec.limits, trial_dir, now),
        heartbeat_age=heartbeat_age(trial.out_dir, now),
        launched_at=launched_at(trial_dir),
        interrupted=read_interruption(trial_dir),
        stop=read_stop(trial_dir),
        outcome=read_outcome(trial_dir),
    )


def act(engine: Engine, decision: Decision, seen: Observation, now: float) -> AuditLine:
    """Do what was decided; a failure is told in the line and tried again in the next round."""
    try:
        state = _do(engine, decision, seen)
    except TROUBLE as error:
        return line_of(decision, seen.trial, seen.state, now, error)
    return line_of(decision, seen.trial, state, now)


def _do(engine: Engine, decision: Decision, seen: Observation) -> ContainerState:
    if decision.action is Action.RELAUNCH:
        return relaunch(engine, seen.trial, decision.relaunch)
    if decision.action is Action.GO_ON:
        return go_on(engine, seen.trial, decision.relaunch)
    if decision.action in (Action.GIVE_UP, Action.STOP):
        record_stop(seen.trial.out_dir.parent, stop_of(decision))
    if seen.state.id is not None and decision.action is Action.KILL_HUNG:
        engine.kill(seen.state.id)
    if seen.state.id is not None and decision.action is Action.STOP:
        engine.stop(seen.state.id)
    return seen.state
