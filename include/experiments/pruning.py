"""Ends hopeless trainings early: epochs are reported to the study, and its pruner is asked after each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import optuna
from optuna.pruners import BasePruner, HyperbandPruner, MedianPruner, NopPruner, SuccessiveHalvingPruner
from optuna.trial import FrozenTrial, TrialState, create_trial

from include.containers.result import Epoch
from include.experiments.experiment import Experiment
from include.experiments.records import TrialRecord
from include.experiments.stalling import is_stalled

LEAST_COMPLETE = 4
FIRST_EPOCHS = 2
MOST_EPOCHS = 300  # reported of one trial; a script can write any number of them

_MAKERS: dict[str, Callable[[], BasePruner]] = {
    "median": lambda: MedianPruner(n_startup_trials=LEAST_COMPLETE, n_warmup_steps=0),
    "hyperband": lambda: HyperbandPruner(min_resource=1, reduction_factor=3),
    "asha": lambda: SuccessiveHalvingPruner(min_resource=1, reduction_factor=3),
    "none": NopPruner,
}
_LEARNING = ("hyperband", "asha")  # note on every trial what they saw of it


def accuracy_of(epoch: Epoch) -> float | None:
    """What an epoch is compared by: validation accuracy if there is, else accuracy."""
    return epoch.accuracy if epoch.val_accuracy is None else epoch.val_accuracy


def report_epochs(experiment: Experiment, number: int, epochs: Sequence[Epoch]) -> FrozenTrial | None:
    """Store the accuracies of some epochs with a running trial.

    Args:
        experiment: The experiment.
        number: The trial, from 1.
        epochs: Any of its epochs; those reported before are replaced.

    Returns:
        The trial as Optuna has it, None where no epoch has an accuracy.
    """
    trial = None
    for epoch in epochs:
        accuracy = accuracy_of(epoch)
        if accuracy is not None and epoch.epoch <= MOST_EPOCHS:
            trial = experiment.report(number, epoch.epoch, accuracy)
    return trial


def catch_up(experiment: Experiment, number: int, epochs: Sequence[Epoch]) -> None:
    """Report what was not reported while a trial trained, as if it had been, before it is told."""
    reported = experiment.study.get_trials(deepcopy=False)[number - 1].intermediate_values
    new = [epoch for epoch in epochs if epoch.epoch not in reported]
    if experiment.goals.pruner in _LEARNING:
        why_prune(experiment, number, new, obey=False)
    else:
        report_epochs(experiment, number, new)


def why_prune(
    experiment: Experiment, number: int, epochs: Sequence[Epoch], *, obey: bool = True
) -> str | None:
    """Report new epochs one by one, ask the pruner after each, and say why the training is to end, if so.

    Args:
        experiment: The experiment.
        number: The running trial, from 1.
        epochs: Its epochs that were not reported yet, in order.
        obey: Whether to stop at the pruner's first word.

    Returns:
        One sentence, or None while the training is to go on.
    """
    for epoch in epochs:
        trial = report_epochs(experiment, number, (epoch,))
        if trial is None or trial.state.is_finished():
            continue
        records = experiment.trials()
        comparable = {r.number for r in records[: number - 1] if _is_comparable(r, epoch.warm)}
        # Asked even while it may not be obeyed: successive halving learns from every trial.
        ended = _asked(experiment, trial, comparable)
        complete = [r for r in records if r.number in comparable and r.state == "complete"]
        if not obey or not _may_end(epoch, records):
            continue
        if ended and len(complete) >= LEAST_COMPLETE:
            return _behind(experiment, epoch, len(complete))
        if _is_stalled(experiment, epoch, trial, records):
            return _stalled(experiment, epoch, trial)
    return None


def _is_stalled(
    experiment: Experiment, epoch: Epoch, trial: FrozenTrial, records: Sequence[TrialRecord]
) -> bool:
    """Whether a training does not learn, and another one is to come or has done better."""
    goals, accuracies = experiment.goals, _accuracies(trial, epoch)
    if goals.pruner == "none" or not is_stalled(accuracies, epoch.planned or 0, goals.target):
        return False
    if trial.number == 0:
        return goals.max_trials > 1 and experiment.attribute("space") is not None
    return any(r.accuracy is not None and r.accuracy > max(accuracies) for r in records)


def _is_comparable(record: TrialRecord, warm: bool) -> bool:
    """Whether the epochs of two trials tell which is the better one.

    Epoch k of two trials has seen the data equally often, whatever their epochs in all; but a training that
    goes on from another's weights is ahead of one that began with none.
    """
    return (record.warm_started_from is not None) is warm


def _may_end(epoch: Epoch, records: Sequence[TrialRecord]) -> bool:
    """Whether a training may be ended after an epoch, whatever the pruner says.

    Not in the first epochs (a third of a long training's), not where nothing is left to save, and not where
    the script fits several times: its accuracy is one over all fits.
    """
    several = (epoch.fit or 1) > 1 or any((r.fits or 1) > 1 for r in records)
    planned = epoch.planned or 0
    early = epoch.epoch <= max(FIRST_EPOCHS, planned // 3)
    last = epoch.epoch >= planned
    return not (several or early or last)


def _accuracies(trial: FrozenTrial, epoch: Epoch) -> list[float]:
    """Those of the epochs up to this one: a relaunched training that starts over has later ones on record."""
    return [value for at, value in sorted(trial.intermediate_values.items()) if at <= epoch.epoch]


def _asked(experiment: Experiment, trial: FrozenTrial, comparable: set[int]) -> bool:
    """Ask the pruner, which sees the comparable trials only; what it notes on the trial is kept."""
    study = _view(experiment, trial, comparable)
    seen = study.get_trials(deepcopy=False)[trial.number]
    answer = bool(_MAKERS[experiment.goals.pruner]().prune(study, seen))
    noted = study.get_trials(deepcopy=False)[trial.number].system_attrs
    storage = experiment.study._storage
    for key, value in noted.items():
        if trial.system_attrs.get(key) != value:
            storage.set_trial_system_attr(trial._trial_id, key, value)
    return answer


def _view(experiment: Experiment, trial: FrozenTrial, comparable: set[int]) -> optuna.Study:
    """A study in memory in which every other trial is as if it had failed; numbers stay the same."""
    study = optuna.create_study(study_name=str(experiment), direction="maximize")
    nothing = create_trial(state=TrialState.FAIL)
    for known in experiment.study.get_trials(deepcopy=False)[: trial.number]:
        study.add_trial(_bare(known) if known.number + 1 in comparable else nothing)
    study.add_trial(_bare(trial))
    return study


def _bare(trial: FrozenTrial) -> FrozenTrial:
    complete = trial.state is TrialState.COMPLETE
    return create_trial(
        state=trial.state,
        value=trial.value if complete else None,
        intermediate_values=trial.intermediate_values,
        system_attrs=trial.system_attrs,
    )


def _behind(experiment: Experiment, epoch: Epoch, others: int) -> str:
    reached = f"its accuracy {accuracy_of(epoch):.4f} was behind that of {others} earlier trials"
    return f"pruned {_after(epoch)}: {reached} at that point ({experiment.goals.pruner} pruner)"


def _stalled(experiment: Experiment, epoch: Epoch, trial: FrozenTrial) -> str:
    first, target = _accuracies(trial, epoch)[0], experiment.goals.target
    hardly = f"its accuracy {accuracy_of(epoch):.4f} has hardly risen since the first epoch ({first:.4f})"
    return f"pruned {_after(epoch)}: {hardly} and is far from the target {target:g}"


def _after(epoch: Epoch) -> str:
    return f"after epoch {epoch.epoch} of {epoch.planned}" if epoch.planned else f"after epoch {epoch.epoch}"
