"""The monitor's round: every active trial is answered, and every stray removed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from include.containers.answering import TROUBLE, Answer, answer
from include.containers.audit import AuditLine, Ledger, line_of
from include.containers.deciding import Action, ActiveTrial, Cause, Decision, Policy, is_stray
from include.containers.engine import Engine
from include.containers.state import ContainerState


def monitor_once(
    engine: Engine,
    active: Sequence[ActiveTrial],
    *,
    elsewhere: Sequence[ActiveTrial] = (),
    ledger: Ledger | None = None,
    policy: Policy | None = None,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> list[AuditLine]:
    """Do one round: answer every crash, hang and overrun of active trials, and remove strays.

    Back-off is waited for inside the round (at most the longest pause), so that a relaunch does not have to
    wait for the next round. Two rounds at the same time do nothing twice.

    Args:
        engine: The engine whose containers are watched.
        active: Every trial on it whose training has not ended.
        elsewhere: Every such trial on other engines. A container that is of none of both is a stray.
        ledger: Tells what is known of a trial now, and keeps the lines.
        policy: The monitor's patience.
        clock: Gives the time, seconds since the epoch.
        sleep: Waits that many seconds.

    Returns:
        What was done, in order; nothing for trials that are well.
    """
    policy, ledger = policy or Policy(), ledger or Ledger()

    def look(trial: ActiveTrial) -> Answer:
        try:
            return answer(engine, trial, ledger=ledger, policy=policy, clock=clock)
        except TROUBLE as error:
            decision = Decision(Action.NOTHING, "It could not be seen to.")
            return Answer(decision, line_of(decision, trial, ContainerState("", 0), clock(), error))

    lines, later = [], []
    for trial in active:
        found = look(trial)
        if found.line is not None and found.line.action is Action.KILL_HUNG and found.line.done:
            lines.append(found.line)
            found = look(trial)
        if found.line is not None:
            lines.append(found.line)
        elif found.is_due_later(clock()):
            later.append((found.decision.not_before, trial))
    for not_before, trial in sorted(later, key=lambda entry: entry[0]):
        sleep(max(0.0, not_before - clock()))
        found = look(trial)  # it may have been stopped meanwhile
        if found.line is not None:
            lines.append(found.line)
    return lines + list(_remove_strays(engine, [*active, *elsewhere], ledger, clock(), policy))


def _remove_strays(
    engine: Engine, known: Sequence[ActiveTrial], ledger: Ledger, now: float, policy: Policy
) -> Iterator[AuditLine]:
    states = engine.find()  # in the order of relaunches: the last one of a trial is its newest
    trials = {(trial.experiment, trial.trial) for trial in known}
    keys = ((state, (state.experiment, state.trial)) for state in states)
    newest = {key: state.relaunch for state, key in keys if key in trials}
    for state in states:
        why = is_stray(state, newest, now, policy.stray)
        if why is not None and state.id is not None:
            engine.remove(state.id)
            line = AuditLine(
                at=now,
                experiment=state.experiment,
                trial=state.trial,
                container=state.name or "",
                action=Action.REMOVE_STRAY,
                reason=why,
                container_id=state.id,
                cause=Cause.STRAY,
            )
            ledger.record(line)
            yield line
