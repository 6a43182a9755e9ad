"""Reading a trial's end and deciding what comes next."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from include.containers.ending import EndingKind
from include.containers.errors import ResultRefusedError
from include.containers.outcome import Outcome as Ended
from include.containers.outcome import read_outcome
from include.containers.pruning import end_requested
from include.containers.result import Result, read_result
from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.parallel import Origin, end_by, ended_by_another
from include.experiments.pruning import catch_up
from include.experiments.records import Goals, Outcome, State, TrialRecord
from include.experiments.warm_starting import given_from

log = logging.getLogger(__name__)


class Next(StrEnum):
    """What follows a judged trial."""

    PUBLISH = "publish"
    TWEAK = "tweak"
    NOTHING = "nothing"
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


class NotTrained(LookupError):
    """A trial is to be judged whose training has no ending on record."""

    def __init__(self, experiment: str, trial: int) -> None:
        super().__init__(f"trial {trial} of {experiment} has no ending on record; clear its `train` task")


def judge_trial(installation: Installation, experiment: str, trial: int) -> Judgement:
    """Record how a trial ended and decide what comes next; the same call again decides the same.

    Args:
        installation: Where the experiment lives.
        experiment: Id of the experiment.
        trial: Number of the trial, from 1.

    Raises:
        NotTrained: its training has not ended.
    """
    folder = installation.settings.trial(experiment, trial)
    ended = read_outcome(folder)
    if ended is None:
        raise NotTrained(experiment, trial)
    found = installation.store.get(experiment)
    result = _result(folder)
    catch_up(found, trial, result.history if result else ())
    found.tell(trial, _outcome(found, folder, ended, result))
    ender = ended_by_another(found, trial)
    if ender is not None:
        return Judgement(Next.NOTHING, f"trial {ender} has ended the experiment")
    judgement = decide(found.trial(trial), found.trials(), found.goals, found.seconds / 3600)
    if judgement.next in _STATES:
        end_by(installation, found, trial, _STATES[judgement.next])
    return judgement


def foresee(installation: Installation, experiment: str, trial: int, ended: Ended) -> Judgement:
    """Decide as `judge_trial` is going to, but record nothing.

    Args:
        installation: Where the experiment lives.
        experiment: Id of the experiment.
        trial: Number of the trial, from 1.
        ended: How its training has just ended; need not be on record.
    """
    found, folder = installation.store.get(experiment), installation.settings.trial(experiment, trial)
    ender = ended_by_another(found, trial)
    if ender is not None:
        return Judgement(Next.NOTHING, f"trial {ender} has ended the experiment")
    told = _outcome(found, folder, ended, _result(folder))
    last = replace(
        found.trial(trial),
        state="complete",
        accuracy=told.accuracy,
        ending=told.ending,
        error=told.error,
        pruned=told.pruned,
    )
    trials = [last if record.number == trial else record for record in found.trials()]
    return decide(last, trials, found.goals, found.seconds / 3600)


def expects_another(experiment: Experiment, trial: int) -> bool:
    """Say whether a trial that trains still will probably be followed by another one.

    Args:
        experiment: The experiment.
        trial: Number of the trial, whose epochs so far are on record.
    """
    goals, trials = experiment.goals, experiment.trials()
    reported = experiment.study.get_trials(deepcopy=False)[trial - 1].intermediate_values
    reaches = any(accuracy >= goals.target for accuracy in reported.values())
    running = experiment.state is State.RUNNING
    return running and not reaches and _spent(len(trials), goals, experiment.seconds / 3600) is None


def _outcome(experiment: Experiment, folder: Path, ended: Ended, result: Result | None) -> Outcome:
    outcome = outcome_of(ended, result, end_requested(folder))
    if result and result.warm_started:
        outcome = replace(outcome, warm_started_from=given_from(folder))
    return _unless_it_won(outcome, experiment)


def _result(folder: Path) -> Result | None:
    try:
        return read_result(folder / "out")
    except ResultRefusedError as error:
        # The ending says already that the document was refused; here it only adds nothing.
        log.warning("%s", error)
        return None


def _unless_it_won(outcome: Outcome, experiment: Experiment) -> Outcome:
    """A pruned training that ended well above all others, or reached the target, counts as complete."""
    if outcome.accuracy is None or outcome.ending != EndingKind.FINISHED:
        return outcome
    best = experiment.best
    won = best is not None and best.accuracy is not None and outcome.accuracy > best.accuracy
    return replace(outcome, pruned=None) if won or outcome.accuracy >= experiment.goals.target else outcome


def outcome_of(ended: Ended, result: Result | None, asked_to_end: str | None = None) -> Outcome:
    """Join what the engine saw of a container with what the harness wrote in it.

    Args:
        ended: How the container ended.
        result: The result document, None without one.
        asked_to_end: Why the training was asked to end early; None when it was not, and what the document
            says of pruning does not count.
    """
    outcome = Outcome(
        ending=ended.ending,
        seconds=result.seconds if result else ended.seconds,
        container_id=ended.container_id,
        fits=_fits(result),
    )
    if asked_to_end and result and result.pruned_after and ended.ending in _BY_ITSELF:
        # A script that fails because epochs are missing was pruned all the same.
        pruned = replace(outcome, pruned=asked_to_end)
        return replace(pruned, accuracy=result.accuracy, accuracy_source=result.accuracy_source)
    if ended.ending is not EndingKind.FINISHED:
        return replace(outcome, error=(result.error if result else None) or ended.reason)
    if result is None or result.accuracy is None:
        return replace(outcome, error=_NO_ACCURACY)
    return replace(outcome, accuracy=result.accuracy, accuracy_source=result.accuracy_source)


def _fits(result: Result | None) -> int | None:
    return max((epoch.fit or 1 for epoch in result.history), default=None) if result else None


_BY_ITSELF = (EndingKind.FINISHED, EndingKind.SCRIPT_ERROR)
_NO_ACCURACY = (
    "the script trained, but reported no accuracy: write it to accuracy.txt, or compile the model with "
    "metrics=['accuracy']"
)


def decide(last: TrialRecord, trials: Sequence[TrialRecord], goals: Goals, hours: float) -> Judgement:
    """Choose what follows a trial: a pure function.

    Args:
        last: The trial that was just judged.
        trials: All trials of the experiment, it among them; some may be in training.
        goals: Target and budget.
        hours: Hours that the experiment has used.
    """
    shown = "no accuracy" if last.accuracy is None else f"accuracy {last.accuracy:.4f}"
    shown = f"{last.pruned}; {shown}" if last.pruned else shown
    if last.pruned is None and last.accuracy is not None and last.accuracy >= goals.target:
        return Judgement(Next.PUBLISH, f"trial {last.number}: {shown} reaches the target {goals.target:g}")
    unfit = last.number == 1 and last.accuracy is None and last.pruned is None
    if unfit and last.ending in _THE_SCRIPTS_OWN_FAULT:
        return Judgement(Next.SCRIPT_ERROR, f"the pushed script does not train as it is: {last.error}")
    spent = None if Origin(last.number).follower(trials) else _spent(len(trials), goals, hours)
    if spent is None:
        return Judgement(Next.TWEAK, f"trial {last.number}: {shown} is below the target {goals.target:g}")
    others = sum(not trial.finished for trial in trials if trial.number != last.number)
    if others:
        return Judgement(Next.NOTHING, f"{shown}, and {spent}; {others} trials are in training still")
    return Judgement(Next.BUDGET_SPENT, f"{shown}, and {spent}")


def _spent(trials: int, goals: Goals, hours: float) -> str | None:
    """Say what of the budget is spent, None while all of it lasts."""
    if trials >= goals.max_trials:
        return f"all {goals.max_trials} trials are used"
    if hours >= goals.max_hours:
        return f"{hours:.1f} of {goals.max_hours:g} hours are used"
    return None


# Memory and time are no fault of the script: smaller values may still fit.
_THE_SCRIPTS_OWN_FAULT = (EndingKind.SCRIPT_ERROR, EndingKind.DISK_QUOTA, EndingKind.FINISHED)
