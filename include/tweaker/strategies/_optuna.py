"""What an Optuna sampler would propose after a history."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from include.strategies import GP, RANDOM, TPE
from include.tweaker.space import Proposal, SearchSpace
from include.tweaker.strategies._known import Known
from include.tweaker.strategies._lattice import Values
from include.tweaker.strategies._reasons import fraction
from include.tweaker.strategies.suggest import suggest
from include.tweaker.values import contains

if TYPE_CHECKING:
    from optuna import Study
    from optuna.samplers import BaseSampler
    from optuna.trial import FrozenTrial, TrialState

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
    study = _study(space, _learnt(known, name), sampler, whole=name == GP)
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


def _study(space: SearchSpace, known: Known, sampler: BaseSampler, *, whole: bool) -> Study:
    """Return a study in memory that holds this history.

    Args:
        space: What can be tweaked.
        known: The trials; failed ones count as the worst, for Optuna's samplers don't learn from failures.
        sampler: That goes on from there.
        whole: Each trial has also the parameters that didn't count in it, with the developer's own values.
    """
    import optuna
    from optuna.trial import TrialState

    storage = optuna.storages.InMemoryStorage()
    number = storage.create_new_study([optuna.study.StudyDirection.MAXIMIZE], "history")
    beside = space.defaults() if whole else {}
    accuracies = [accuracy for accuracy in known.finished.values() if accuracy is not None]
    worst = min(accuracies, default=0.0)
    for key, accuracy in known.finished.items():
        value = worst if accuracy is None else accuracy
        storage.create_new_trial(number, _frozen(space, {**beside, **dict(key)}, TrialState.COMPLETE, value))
    for key in known.running:
        storage.create_new_trial(number, _frozen(space, {**beside, **dict(key)}, TrialState.RUNNING, None))
    return optuna.load_study(study_name="history", storage=storage, sampler=sampler)


def _frozen(space: SearchSpace, values: Values, state: TrialState, accuracy: float | None) -> FrozenTrial:
    from optuna.trial import create_trial

    distributions = {p.name: p.distribution for p in space.parameters}
    inside = {name: value for name, value in values.items() if contains(distributions[name], value)}
    return create_trial(
        state=state,
        value=accuracy,
        params=inside,
        distributions={name: distributions[name] for name in inside},
    )
