"""Reading a trial's end and deciding what comes next."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from include.containers.ending import EndingKind
from include.containers.errors import ResultRefusedError
from include.containers.result import Result, read_result
from include.experiments.installation import Installation
from include.experiments.records import Goals, Outcome, State, TrialRecord

log = logging.getLogger(__name__)


class Next(StrEnum):
    """What follows a judged trial."""

    PUBLISH = "publish"
    TWEAK = "tweak"
    BUDGET_SPENT = "budget_spent"
    SCRIPT_ERROR = "script_error"


@dataclass(frozen=True)
class Judgement:
    """What comes next, and why in words."""

    next: Next
    reason: str


_STATES = {
    Next.PUBLISH: State.TARGET_MET,
    Next.BUDGET_SPENT: State.BUDGET_SPENT,
    Next.SCRIPT_ERROR: State.SCRIPT_ERROR,
}


def judge_trial(
    installation: Installation, experiment: str, trial: int, ending: Mapping[str, object]
) -> Judgement:
    """Record how a trial ended and decide what comes next; the same call again decides the same.

    Args:
        installation: Where the experiment lives.
        experiment: Id of the experiment.
        trial: Number of the trial, from 1.
        ending: What the training task returned: `ending`, `reason`, `container_id`, `seconds`.
    """
    found = installation.store.get(experiment)
    found.tell(trial, outcome_of(ending, _result(installation.settings.trial(experiment, trial))))
    judgement = decide(found.trials()[:trial], found.goals, found.seconds / 3600)
    if judgement.next in _STATES:
        found.end(_STATES[judgement.next])
    return judgement


def _result(folder: Path) -> Result | None:
    try:
        return read_result(folder / "out")
    except ResultRefusedError as error:
        # The ending says already that the document was refused; here it only adds nothing.
        log.warning("%s", error)
        return None


def outcome_of(ending: Mapping[str, object], result: Result | None) -> Outcome:
    """Join what the engine saw of a container with what the harness wrote in it."""
    kind = str(ending["ending"])
    seconds = result.seconds if result else ending.get("seconds")
    outcome = Outcome(
        ending=kind,
        seconds=float(seconds) if isinstance(seconds, int | float) else None,
        container_id=str(ending["container_id"]) if ending.get("container_id") else None,
        error=str(ending.get("reason") or "") or None,
    )
    if kind != EndingKind.FINISHED:
        return outcome.without_accuracy((result.error if result else None) or outcome.error or kind)
    if result is None or result.accuracy is None:
        return outcome.without_accuracy(_NO_ACCURACY)
    return Outcome(
        ending=kind,
        accuracy=result.accuracy,
        accuracy_source=result.accuracy_source,
        seconds=outcome.seconds,
        container_id=outcome.container_id,
    )


_NO_ACCURACY = (
    "the script trained, but reported no accuracy: write it to accuracy.txt, or compile the model with "
    "metrics=['accuracy']"
)


def decide(trials: Sequence[TrialRecord], goals: Goals, hours: float) -> Judgement:
    """Choose what follows the last of some trials: a pure function.

    Args:
        trials: Finished trials in their order; the last one was just judged.
        goals: Target and budget.
        hours: Hours that the experiment has used.
    """
    last = trials[-1]
    shown = "no accuracy" if last.accuracy is None else f"accuracy {last.accuracy:.4f}"
    if last.accuracy is not None and last.accuracy >= goals.target:
        return Judgement(Next.PUBLISH, f"trial {last.number}: {shown} reaches the target {goals.target:g}")
    if last.number == 1 and last.accuracy is None and last.ending in _THE_SCRIPTS_OWN_FAULT:
        return Judgement(Next.SCRIPT_ERROR, f"the pushed script does not train as it is: {last.error}")
    if len(trials) >= goals.max_trials:
        return Judgement(Next.BUDGET_SPENT, f"{shown}, and all {goals.max_trials} trials are used")
    if hours >= goals.max_hours:
        return Judgement(Next.BUDGET_SPENT, f"{shown}, and {hours:.1f} of {goals.max_hours:g} hours are used")
    return Judgement(Next.TWEAK, f"trial {last.number}: {shown} is below the target {goals.target:g}")


# Memory and time are no fault of the script: smaller values may still fit.
_THE_SCRIPTS_OWN_FAULT = (EndingKind.SCRIPT_ERROR, EndingKind.FINISHED)
