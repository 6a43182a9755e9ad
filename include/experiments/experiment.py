"""One experiment: a typed view of its Optuna study."""

import time
from collections.abc import Callable
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState, create_trial

from include.detector.verdict import Verdict
from include.experiments.records import Goals, Outcome, State, TrialRecord
from include.identity import ExperimentId
from include.source.push import Push
from include.tweaker.space import Proposal, SearchSpace
from include.tweaker.values import contains

_STATES = {
    TrialState.RUNNING: "running",
    TrialState.COMPLETE: "complete",
    TrialState.PRUNED: "pruned",
    TrialState.FAIL: "failed",
}


class UnknownTrial(LookupError):
    """A trial that an experiment does not have."""

    def __init__(self, experiment: ExperimentId, number: int) -> None:
        super().__init__(f"{experiment} has no trial {number}; the run's conf names a trial nobody proposed")


class Experiment:
    """Everything done for one push. The study is the only memory: no method keeps state of its own.

    Args:
        identity: Which push and attempt.
        study: The Optuna study behind it.
        clock: Source of POSIX time.
    """

    def __init__(
        self, identity: ExperimentId, study: optuna.Study, clock: Callable[[], float] = time.time
    ) -> None:
        self.identity = identity
        self._study = study
        self._clock = clock

    def __str__(self) -> str:
        return str(self.identity)

    def set(self, key: str, value: Any) -> None:
        """Store one JSON value with the experiment."""
        self._study.set_user_attr(key, value)

    def attribute(self, key: str) -> Any:
        """A stored JSON value, or None."""
        return self._study.user_attrs.get(key)

    @property
    def push(self) -> Push:
        """The commit that was pushed."""
        return Push.from_json(self.attribute("push"))

    @property
    def goals(self) -> Goals:
        """Target and budget."""
        return Goals(**self.attribute("goals"))

    @property
    def claimed_at(self) -> float:
        """POSIX time of the claim."""
        return float(self.attribute("claimed_at"))

    def run_id(self, trial: int) -> str:
        """The DAG run that trains a trial: trial 1 is carried by the run that claimed the push."""
        return str(self.attribute("owner")) if trial == 1 else self.identity.run_id(trial)

    @property
    def state(self) -> State:
        """Where the experiment stands."""
        return State(self.attribute("state") or State.RUNNING)

    def end(self, state: State) -> None:
        """Mark the experiment as ended; a later call changes the state again (a cleared task)."""
        self.set("state", state.value)
        self.set("ended_at", self._clock())

    @property
    def seconds(self) -> float:
        """Wall seconds from the claim to the end, or until now."""
        return float(self.attribute("ended_at") or self._clock()) - self.claimed_at

    @property
    def verdict(self) -> Verdict | None:
        """What the detector said, once it did."""
        stored = self.attribute("verdict")
        return None if stored is None else Verdict.from_json(stored)

    @property
    def space(self) -> SearchSpace | None:
        """What can be tweaked; None where nothing can."""
        stored = self.attribute("space")
        return None if stored is None else SearchSpace.from_json(stored)

    def trials(self) -> list[TrialRecord]:
        """All trials, in their order."""
        return [_record(t, self.run_id(t.number + 1)) for t in self._study.get_trials(deepcopy=False)]

    def trial(self, number: int) -> TrialRecord:
        """One trial by its number, from 1.

        Raises:
            UnknownTrial: there is none.
        """
        trials = self.trials()
        if not 1 <= number <= len(trials):
            raise UnknownTrial(self.identity, number)
        return trials[number - 1]

    @property
    def best(self) -> TrialRecord | None:
        """The most accurate trial, the earlier one of two equals; a pruned one only if none is complete."""
        judged = [t for t in self.trials() if t.accuracy is not None]
        return max(judged, key=lambda t: (t.pruned is None, t.accuracy or 0.0, -t.number), default=None)

    def propose(self, number: int, proposal: Proposal, origin: str = "") -> TrialRecord:
        """Add a trial; the same call again changes nothing.

        Args:
            number: The trial's number: one more than there are trials.
            proposal: Its values and their reason.
            origin: What it is started for, as `TrialRecord.origin`.
        """
        if len(self.trials()) < number:
            self._study.add_trial(self._planned(proposal, origin))
        return self.trial(number)

    def _planned(self, proposal: Proposal, origin: str) -> FrozenTrial:
        space, values = self.space, proposal.values
        # A developer's own script may go beyond the space, and take layers away that are in it.
        known = [p for p in space.active(values) if p.name in values] if space else []
        distributions = {p.name: p.distribution for p in known if contains(p.distribution, values[p.name])}
        attributes = {
            "reason": proposal.reason,
            "values": proposal.values,
            "proposed_at": self._clock(),
            "origin": origin,
        }
        return create_trial(
            state=TrialState.RUNNING,
            params={name: proposal.values[name] for name in distributions},
            distributions=distributions,
            user_attrs=attributes,
        )

    def note(self, number: int, key: str, value: Any) -> None:
        """Store one JSON value with a trial, running or not."""
        frozen = self._study.get_trials(deepcopy=False)[number - 1]
        # Optuna refuses attributes on finished trials; those are history and stay as they are.
        if not frozen.state.is_finished():
            # Optuna has no public way to annotate a trial of another process but its storage.
            self._study._storage.set_trial_user_attr(frozen._trial_id, key, value)

    def noted(self, number: int, key: str) -> Any:
        """A JSON value stored with a trial, or None."""
        return self._study.get_trials(deepcopy=False)[number - 1].user_attrs.get(key)

    def report(self, number: int, epoch: int, accuracy: float) -> FrozenTrial:
        """Store the accuracy after an epoch of a running trial; a second report of it replaces the first.

        Args:
            number: The trial, from 1.
            epoch: The epoch, from 1, counted through all `fit` calls of the script.
            accuracy: Fraction 0-1.

        Returns:
            The trial with all that was reported, as Optuna has it.
        """
        frozen = self._study.get_trials(deepcopy=False)[number - 1]
        if not frozen.state.is_finished():
            self._study._storage.set_trial_intermediate_value(frozen._trial_id, epoch, accuracy)
        return self._study.get_trials(deepcopy=False)[number - 1]

    @property
    def study(self) -> optuna.Study:
        """The Optuna study behind it, for pruners."""
        return self._study

    def tell(self, number: int, outcome: Outcome) -> TrialRecord:
        """Record how a trial ended; a trial that is told already keeps its first outcome."""
        if not self.trial(number).finished:
            trial = self._study.get_trials(deepcopy=False)[number - 1]
            for key, value in outcome.attributes().items():
                self._study._storage.set_trial_user_attr(trial._trial_id, key, value)
            if outcome.pruned is not None:
                self._study.tell(number - 1, state=TrialState.PRUNED, skip_if_finished=True)
            elif outcome.accuracy is None:
                self._study.tell(number - 1, state=TrialState.FAIL, skip_if_finished=True)
            else:
                self._study.tell(number - 1, outcome.accuracy, skip_if_finished=True)
        return self.trial(number)


def _record(trial: FrozenTrial, run_id: str) -> TrialRecord:
    attributes = trial.user_attrs
    return TrialRecord(
        number=trial.number + 1,
        values=attributes.get("values", dict(trial.params)),
        reason=attributes.get("reason", ""),
        run_id=run_id,
        state=_STATES.get(trial.state, "failed"),
        accuracy=trial.value if trial.state is TrialState.COMPLETE else attributes.get("accuracy"),
        accuracy_source=attributes.get("accuracy_source"),
        ending=attributes.get("ending"),
        error=attributes.get("error"),
        seconds=attributes.get("seconds"),
        container_id=attributes.get("container_id"),
        relaunches=TrialRecord.relaunches_from(attributes.get("relaunches", [])),
        started_at=attributes.get("proposed_at", 0.0),
        origin=attributes.get("origin", ""),
        pruned=attributes.get("pruned"),
        warm_started_from=attributes.get("warm_started_from"),
        fits=attributes.get("fits"),
    )
