"""A history as a study in memory, for samplers of Optuna, which read it and never write to its trials."""

from __future__ import annotations

from datetime import UTC, datetime

from optuna import Study, load_study
from optuna.samplers import BaseSampler
from optuna.storages import InMemoryStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from include.tweaker.space import SearchSpace
from include.tweaker.strategies._known import Known
from include.tweaker.strategies._lattice import Values
from include.tweaker.values import contains


class _Given(FrozenTrial):
    """A trial that the storage need not copy, which would take most of the time: nothing else holds it."""

    def __deepcopy__(self, memo: dict[int, object]) -> FrozenTrial:
        return self


def past_study(space: SearchSpace, known: Known, sampler: BaseSampler, *, whole: bool) -> Study:
    """Return a study in memory that holds this history.

    Args:
        space: What can be tweaked.
        known: The trials; failed ones count as the worst, for Optuna's samplers don't learn from failures.
        sampler: That goes on from there.
        whole: Each trial has also the parameters that didn't count in it, with the developer's own values.
    """
    storage = InMemoryStorage()
    number = storage.create_new_study([StudyDirection.MAXIMIZE], "history")
    beside = space.defaults() if whole else {}
    worst = min((accuracy for accuracy in known.finished.values() if accuracy is not None), default=0.0)
    for key, accuracy in known.finished.items():
        value = worst if accuracy is None else accuracy
        storage.create_new_trial(number, _trial(space, {**beside, **dict(key)}, TrialState.COMPLETE, value))
    for key in known.running:
        storage.create_new_trial(number, _trial(space, {**beside, **dict(key)}, TrialState.RUNNING, None))
    return load_study(study_name="history", storage=storage, sampler=sampler)


def _trial(space: SearchSpace, values: Values, state: TrialState, accuracy: float | None) -> FrozenTrial:
    distributions = {p.name: p.distribution for p in space.parameters if p.name in values}
    inside = {name: d for name, d in distributions.items() if contains(d, values[name])}
    return _Given(
        number=-1,
        trial_id=-1,  # the storage numbers it
        state=state,
        value=accuracy,
        datetime_start=datetime.now(UTC),
        datetime_complete=datetime.now(UTC) if state.is_finished() else None,
        params={name: values[name] for name in inside},
        distributions=dict(inside),
        user_attrs={},
        system_attrs={},
        intermediate_values={},
    )
