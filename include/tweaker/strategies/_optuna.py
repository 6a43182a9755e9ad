"""What an Optuna sampler would propose after a history."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from include.strategy_names import GP, RANDOM, TPE
from include.tweaker.space import Proposal, SearchSpace
from include.tweaker.strategies._known import Known
from include.tweaker.strategies._past import past_study
from include.tweaker.strategies._reasons import fraction
from include.tweaker.strategies.suggest import suggest

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler

_DRAWS = {TPE: 50, RANDOM: 50, GP: 3}  # a draw of the process is a fit of it
_MOST_POINTS = 128  # such a fit costs their cube


def proposals(space: SearchSpace, known: Known, seed: int, name: str) -> Iterator[Proposal]:
    """Yield what a sampler proposes, drawn again and again: it may repeat itself.

    Args:
        space: What can be tweaked.
        known: Every trial so far.
        seed: Decides every draw, together with the number of trials.
        name: ``tpe``, ``gp`` or ``random``.
    """
    mixed = (seed * 1_000_003 + len(known)) % 2**32
    sampler = _sampler(name, mixed, waits=bool(known.running))
    study = past_study(space, _learnt(known, name), sampler, whole=name == GP)
    best = known.best
    after = f"after {len(known)} trials" + (f", the best at {fraction(best[1])}" if best else "")
    for _ in range(_DRAWS[name]):
        yield Proposal(suggest(study.ask(), space), f"proposed by Optuna's {name} sampler {after}")


def _learnt(known: Known, name: str) -> Known:
    if name == RANDOM:
        return Known()  # a random draw needs no history
    return known.limited(_MOST_POINTS) if name == GP else known


def _sampler(name: str, seed: int, *, waits: bool) -> BaseSampler:
    from optuna import samplers

    if name == GP:
        return samplers.GPSampler(seed=seed, deterministic_objective=False)
    if name == TPE:
        return samplers.TPESampler(seed=seed, constant_liar=waits)
    return samplers.RandomSampler(seed=seed)
