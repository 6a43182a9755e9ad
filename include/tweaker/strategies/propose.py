"""The next trial of an experiment, from its search space and its history alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from include.strategy_names import AUTO
from include.tweaker.space import Observation, Proposal, SearchSpace, Value
from include.tweaker.strategies._known import known
from include.tweaker.strategies._names import check_name


def propose(
    space: SearchSpace,
    history: Sequence[Observation],
    strategy: str = AUTO,
    seed: int = 0,
    *,
    running: Iterable[Mapping[str, Value]] = (),
) -> Proposal | None:
    """Return the next values to train with; the same arguments always give the same answer.

    Args:
        space: What can be tweaked.
        history: Every finished trial in order; without an accuracy in 0–1, training failed.
        strategy: One of `STRATEGIES`.
        seed: For strategies that draw at random.
        running: Values of trials that are in training now.

    Returns:
        The developer's own values first, then values that neither `history` nor `running` holds; None when
        none are left.

    Raises:
        UnknownStrategyError: No strategy is called so; the message holds the nearest name.
    """
    from include.tweaker.strategies._choosing import next_proposal  # brings Optuna, half a second

    check_name(strategy)
    return next_proposal(space, known(space, history, running), strategy, seed)
