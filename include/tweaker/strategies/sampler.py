"""The hill climb as an Optuna sampler: the study is its only memory."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from optuna.samplers import BaseSampler
from optuna.trial import FrozenTrial, TrialState

from include.tweaker.errors import SearchExhaustedError
from include.tweaker.space import Observation, SearchSpace

if TYPE_CHECKING:
    from optuna import Study
    from optuna.distributions import BaseDistribution

_FINISHED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)
REASON = "reason"


class HillClimbSampler(BaseSampler):
    """Suggests what `propose` would; the reason is the trial's user attribute ``reason``.

    Args:
        space: What can be tweaked; the objective asks for its active parameters by name.
    """

    def __init__(self, space: SearchSpace) -> None:
        self._space = space

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Return every parameter: which of them counts is part of the proposal."""
        return {parameter.name: parameter.distribution for parameter in self._space.parameters}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Return the next values.

        Raises:
            SearchExhaustedError: Everything worth trying was tried.
        """
        from include.tweaker.strategies.propose import propose

        history = _history(study)
        proposal = propose(self._space, history)
        if proposal is None:
            raise SearchExhaustedError(f"all that hill_climb would try was tried, in {len(history)} trials")
        study._storage.set_trial_user_attr(trial._trial_id, REASON, proposal.reason)
        return {name: value for name, value in proposal.values.items() if name in search_space}

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """Return the developer's own value of a parameter that the proposal doesn't name."""
        return self._space.defaults()[param_name]

    def after_trial(
        self, study: Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None
    ) -> None:
        """End `Study.optimize` when nothing is left to try."""
        from include.tweaker.strategies.propose import propose

        accuracy = values[0] if values and state == TrialState.COMPLETE else None
        history = [*_history(study), Observation(dict(trial.params), accuracy)]
        if propose(self._space, history) is None:
            # Optuna allows this inside `optimize` only; a loop of ask and tell learns it from its next ask.
            with contextlib.suppress(RuntimeError):
                study.stop()


def _history(study: Study) -> list[Observation]:
    return [_observed(trial) for trial in study.get_trials(deepcopy=False, states=_FINISHED)]


def _observed(trial: FrozenTrial) -> Observation:
    complete = trial.state == TrialState.COMPLETE
    return Observation(dict(trial.params), trial.value if complete else None)
