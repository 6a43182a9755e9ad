"""Every strategy as an Optuna sampler: the study is its only memory."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from optuna.samplers import BaseSampler
from optuna.trial import FrozenTrial, TrialState

from include.tweaker.errors import SearchExhaustedError
from include.tweaker.space import Observation, Proposal, SearchSpace, Value
from include.tweaker.strategies._choosing import is_exhausted, next_proposal
from include.tweaker.strategies._known import Known, key_of, known

if TYPE_CHECKING:
    from optuna import Study
    from optuna.distributions import BaseDistribution

REASON = "reason"
VALUES = "values"
_FIXED = "fixed_params"  # Optuna's name for what `Study.enqueue_trial` was given


class StudySampler(BaseSampler):
    """Suggests what `propose` would; the trial's user attributes hold the ``reason`` and the ``values``.

    The values are stored when a trial is asked for, so that other processes of the study never propose them
    again, though this one has yet to suggest, train and tell.

    Args:
        space: What can be tweaked; the objective asks for its active parameters by name (`suggest`).
        name: One of `STRATEGIES`.
        seed: Of every draw, together with the trials so far; None derives it from the study's name.
    """

    def __init__(self, space: SearchSpace, name: str, seed: int | None = None) -> None:
        self._space = space
        self._name = name
        self._seed = seed

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Return every parameter: which of them counts is part of the proposal."""
        return {parameter.name: parameter.distribution for parameter in self._space.parameters}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Return the next values.

        Raises:
            SearchExhaustedError: Everything worth trying was tried; the trial that was asked for has failed.
        """
        if _FIXED in trial.system_attrs:
            return {}
        while True:
            claimed = self._claim(study, trial, self._known(study, trial))
            # Another process may have claimed the same at the same moment: look again.
            if key_of(self._space, claimed.values) not in self._known(study, trial):
                return {name: value for name, value in claimed.values.items() if name in search_space}

    def _claim(self, study: Study, trial: FrozenTrial, seen: Known) -> Proposal:
        proposal = next_proposal(self._space, seen, self._name, self._seed_of(study))
        if proposal is None:
            study.tell(trial.number, state=TrialState.FAIL)
            raise SearchExhaustedError(f"all that {self._name} would try was tried, in {len(seen)} trials")
        # Optuna has no public way to annotate a trial before its `Trial` exists.
        study._storage.set_trial_user_attr(trial._trial_id, VALUES, proposal.values)
        study._storage.set_trial_user_attr(trial._trial_id, REASON, proposal.reason)
        return proposal

    def _seed_of(self, study: Study) -> int:
        return zlib.crc32(study.study_name.encode()) if self._seed is None else self._seed

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """Return the developer's own value of a parameter that the proposal doesn't name."""
        return self._space.defaults()[param_name]

    def after_trial(
        self, study: Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None
    ) -> None:
        """End `Study.optimize` when nothing is left to try."""
        accuracy = values[0] if values and state == TrialState.COMPLETE else None
        seen = self._known(study, trial, Observation(_values_of(trial), accuracy))
        if is_exhausted(self._space, seen, self._name):
            # Optuna allows this inside `optimize` only; a loop of ask and tell learns it from its next ask.
            with contextlib.suppress(RuntimeError):
                study.stop()

    def _known(self, study: Study, asking: FrozenTrial, *more: Observation) -> Known:
        """Return every trial but the one that asks."""
        trials = [t for t in study.get_trials(deepcopy=False) if t.number != asking.number]
        finished = [_observed(t) for t in trials if t.state.is_finished() and _values_of(t)]
        running = [_values_of(t) for t in trials if not t.state.is_finished() and _values_of(t)]
        return known(self._space, [*finished, *more], running)


def _observed(trial: FrozenTrial) -> Observation:
    """Return a finished trial; one that was pruned counts with what its last epoch showed."""
    if trial.state == TrialState.COMPLETE:
        return Observation(_values_of(trial), trial.value)
    pruned = trial.state == TrialState.PRUNED and trial.last_step is not None
    return Observation(_values_of(trial), trial.intermediate_values[trial.last_step or 0] if pruned else None)


def _values_of(trial: FrozenTrial) -> dict[str, Value]:
    """Return a trial's values, also of one that has not asked for all of them yet."""
    return {**trial.user_attrs.get(VALUES, {}), **trial.system_attrs.get(_FIXED, {}), **trial.params}
