"""The next trial of an experiment, from its search space and its history alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from include.tweaker.space import Observation, Proposal, SearchSpace, Value
from include.tweaker.strategies._reasons import OWN_VALUES
from include.tweaker.strategies.hill_climb import LEAST_GAIN, HillClimb
from include.tweaker.strategies.samplers import HILL_CLIMB, asked, check_name

Key = tuple[tuple[str, Value], ...]
Seen = dict[Key, float | None]


def propose(
    space: SearchSpace, history: Sequence[Observation], strategy: str = HILL_CLIMB, seed: int = 0
) -> Proposal | None:
    """Return the next values to train with; the same arguments always give the same answer.

    Args:
        space: What can be tweaked.
        history: Every finished trial in order; without an accuracy in 0–1, training failed.
        strategy: ``hill_climb``, or one of Optuna's samplers by name.
        seed: For strategies that draw at random.

    Returns:
        The developer's own values first, then values that `history` doesn't hold; None when none are left.

    Raises:
        UnknownStrategyError: No strategy is called so; the message holds the nearest name.
    """
    check_name(strategy)
    seen = _seen(space, history)
    own = {parameter.name: parameter.default for parameter in space.active({})}
    if key_of(space, own) not in seen:
        return Proposal(own, OWN_VALUES)
    if strategy == HILL_CLIMB:
        return _climbed(space, seen)
    return _sampled(space, history, seen, strategy, seed)


def key_of(space: SearchSpace, values: Mapping[str, Value]) -> Key:
    """Return what makes two trials the same: the values that count."""
    settled = {**space.defaults(), **values}
    return tuple((parameter.name, settled[parameter.name]) for parameter in space.active(settled))


def _seen(space: SearchSpace, history: Sequence[Observation]) -> Seen:
    """Return the accuracy of each configuration, the best one where it was trained more than once."""
    seen: Seen = {}
    for observation in history:
        key = key_of(space, observation.values)
        accuracy = observation.accuracy
        valid = accuracy is not None and 0.0 <= accuracy <= 1.0
        known = seen.get(key)
        seen[key] = known if not valid or (known is not None and known >= (accuracy or 0.0)) else accuracy
    return seen


def _climbed(space: SearchSpace, seen: Seen) -> Proposal | None:
    """Repeat the climb over what is known; the first trial that isn't known is next.

    When it ends below a configuration that something else found, it climbs again from there.
    """
    climb = HillClimb(space)
    while True:
        proposal = _unknown(climb, seen)
        if proposal is not None:
            return proposal
        best = max(
            (key for key in seen if seen[key] is not None), key=lambda key: seen[key] or 0.0, default=None
        )
        if best is None or (climb.best is not None and (seen[best] or 0.0) - climb.best < LEAST_GAIN):
            return None
        climb = HillClimb(space, dict(best))


def _unknown(climb: HillClimb, seen: Seen) -> Proposal | None:
    trials = climb.run()
    proposal = next(trials)
    while True:
        key = key_of(climb.space, proposal.values)
        if key not in seen:
            return proposal
        try:
            proposal = trials.send(seen[key])
        except StopIteration:
            return None


def _sampled(
    space: SearchSpace, history: Sequence[Observation], seen: Seen, strategy: str, seed: int
) -> Proposal | None:
    best = max((accuracy for accuracy in seen.values() if accuracy is not None), default=None)
    for values in asked(space, history, strategy, seed):
        if key_of(space, values) not in seen:
            after = f"after {len(seen)} trials" + (f", the best at {best:.4f}" if best is not None else "")
            return Proposal(values, f"proposed by Optuna's {strategy} sampler {after}")
    return None
