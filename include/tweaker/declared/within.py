"""Holds what a developer declares to what the operator set."""

from __future__ import annotations

from dataclasses import dataclass

from include.tweaker.declared.model import Declared, DeclaredBudget


@dataclass(frozen=True)
class Bounds:
    """What the operator set for a repository: the least target, the most trials and hours."""

    target: float
    trials: int
    hours: float


@dataclass(frozen=True)
class Bounded:
    """Goals that hold: an operator's bounds, tightened by a developer.

    Args:
        target: The accuracy to reach, as a fraction.
        trials: The most trainings.
        hours: The most hours.
        refused: A sentence for each wish that would have loosened a bound.
    """

    target: float
    trials: int
    hours: float
    refused: tuple[str, ...] = ()


def within(declared: Declared | None, bounds: Bounds) -> Bounded:
    """Return the goals of an experiment: a declaration may raise the target and lower the budget, no more."""
    wish, budget = declared or Declared(), (declared or Declared()).budget
    refused = [*_refused(wish, budget, bounds)]
    return Bounded(
        target=max(bounds.target, wish.target or 0.0),
        trials=min(bounds.trials, budget.trials or bounds.trials),
        hours=min(bounds.hours, budget.hours or bounds.hours),
        refused=tuple(refused),
    )


def _refused(wish: Declared, budget: DeclaredBudget, bounds: Bounds) -> list[str]:
    sentences = []
    if wish.target is not None and wish.target < bounds.target:
        sentences.append(f"`target` {wish.target} is below the operator's {bounds.target}, which holds")
    if budget.trials is not None and budget.trials > bounds.trials:
        sentences.append(
            f"`budget.trials` {budget.trials} is above the operator's {bounds.trials}, which holds"
        )
    if budget.hours is not None and budget.hours > bounds.hours:
        sentences.append(f"`budget.hours` {budget.hours} is above the operator's {bounds.hours}, which holds")
    return [f"{wish.source}: {sentence}" for sentence in sentences]
