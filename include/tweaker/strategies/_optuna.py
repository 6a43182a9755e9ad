"""What an Optuna sampler would propose after a history."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from include.tweaker.space import Proposal, SearchSpace
from include.tweaker.strategies._known import Key, Known
from include.tweaker.strategies._reasons import fraction
from include.tweaker.strategies.suggest import suggest
from include.tweaker.values import contains

if TYPE_CHECKING:
    from optuna import Study
    from optuna.samplers import BaseSampler
    from optuna.trial import FrozenTrial, TrialState

_DRAWS = 50


def proposals(space: SearchSpace, known: Known, seed: int, name: str) -> Iterator[Proposal]:
    """Yield what a sampler proposes, drawn again and again: it may repeat itself.

    Args:
        space: What can be tweaked.
        known: Every trial so far.
        seed: Decides every draw, together with the number of trials.
        name: ``tpe``, ``gp`` or ``random``.
    """
    mixed = (seed * 1_000_003 + len(known)) % 2**32
    learnt = Known() if name == "random" else known  # a random draw needs no history
    study = _study(space, learnt, _sampler(name, mixed, waits=bool(known.running)))
    best = known.best
    after = f"after {len(known)} trials" + (f", the best at {fraction(best[1])}" if best else "")
    for _ in range(_DRAWS):
        yield Proposal(suggest(study.ask(), space), f"proposed by Optuna's {name} sampler {after}")


def _sampler(name: str, seed: int, *, waits: bool) -> BaseSampler:
    from optuna import samplers

    if name == "gp":
        return samplers.GPSampler(seed=seed, deterministic_objective=False)
    if name == "tpe":
        return samplers.TPESampler(seed=seed, constant_liar=waits)
    return samplers.RandomSampler(seed=seed)


def _study(space: SearchSpace, known: Known, sampler: BaseSampler) -> Study:
    """Return a study in memory that holds this history."""
    import optuna
    from optuna.trial import TrialState

    storage = optuna.storages.InMemoryStorage()
    number = storage.create_new_study([optuna.study.StudyDirection.MAXIMIZE], "history")
    for key, accuracy in known.finished.items():
        state = TrialState.FAIL if accuracy is None else TrialState.COMPLETE
        storage.create_new_trial(number, _frozen(space, key, state, accuracy))
    for key in known.running:
        storage.create_new_trial(number, _frozen(space, key, TrialState.RUNNING, None))
    return optuna.load_study(study_name="history", storage=storage, sampler=sampler)


def _frozen(space: SearchSpace, key: Key, state: TrialState, accuracy: float | None) -> FrozenTrial:
    from optuna.trial import create_trial

    distributions = {p.name: p.distribution for p in space.parameters}
    inside = {name: value for name, value in key if contains(distributions[name], value)}
    return create_trial(
        state=state,
        value=accuracy,
        params=inside,
        distributions={name: distributions[name] for name in inside},
    )
