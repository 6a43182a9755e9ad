"""The default strategy: what is known of networks leads while it helps, then a model of the trials decides.

1. Where the space tells of layers, large moves come first, while they help: every value that is far from what
   works for most networks goes there at once, then the network gets deeper and wider. Then the hill climb
   leads from the best of these: its order (usual values first, more epochs, double widths) is what a person
   would do. With few trials a model of many hyper-parameters only guesses, so the climb leads for `LEAD`
   trials for each of them, and on while it helps; from then on it takes every other turn, and the model stays
   near the best trials.
2. Without layers a few trials spread over the space come first, stratified in each hyper-parameter (Latin
   hypercube, McKay et al. 1979).
3. Then a Gaussian process proposes the configuration with the highest expected improvement among the
   neighbours of the best ones, mutations of them and random ones, climbed from the best of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from optuna.distributions import CategoricalDistribution

from include.tweaker.space import Parameter, Proposal, SearchSpace, Value
from include.tweaker.strategies._known import Key, Known, key_of
from include.tweaker.strategies._lattice import Values, active, coordinate, lattice
from include.tweaker.strategies._opening import Opening
from include.tweaker.strategies._order import GROWTH
from include.tweaker.strategies._reasons import changes, fraction
from include.tweaker.strategies._steps import DOWN, UP, step
from include.tweaker.strategies._surrogate import Floats, Surrogate, fit
from include.tweaker.strategies.hill_climb import LEAST_GAIN, unknown
from include.tweaker.strategies.hill_climb import proposals as climbed
from include.tweaker.values import contains

LEAD = 2
PATIENCE = 3
SPREAD = 7
_INCUMBENTS = 5
_RANDOM = 200
_MUTATED = 200
_CLIMBS = 3
_MOST_POINTS = 128  # a fit costs their cube
Configurations = NDArray[np.int64]


def proposals(space: SearchSpace, known: Known, seed: int) -> Iterator[Proposal]:
    """Yield what to try next, the best first.

    Args:
        space: What can be tweaked.
        known: Every trial so far, the developer's own values among them.
        seed: Decides every draw, together with the number of trials.
    """
    if _knows_networks(space):
        yield from chain(_led(space, known), _modelled(space, known, seed))
    else:
        yield from chain(_spread(space, known, seed), _modelled(space, known, seed))


def _knows_networks(space: SearchSpace) -> bool:
    return space.network is not None or any(
        p.name.startswith(GROWTH) or p.usual is not None for p in space.parameters
    )


def _led(space: SearchSpace, known: Known) -> Iterator[Proposal]:
    """Yield the opening's next trial, then the climb's from where the opening ended."""
    opening = Opening(space)
    yield from unknown(space, opening.run(), known)
    yield from _climbed(space, known, key_of(space, opening.values))


def _climbed(space: SearchSpace, known: Known, start: Key) -> Iterator[Proposal]:
    """Yield the climb's next trial while it leads, and every other time from the best trial later."""
    best = known.best
    if best is None or len(known) < LEAD * len(space.active({})) or _leads(known):
        yield from climbed(space, known, start)
    elif len(known) % 2 == 0:
        yield from climbed(space, known, best[0])


def _leads(known: Known) -> bool:
    """Return whether the climb never failed `PATIENCE` times in a row."""
    best, failed = None, 0
    for accuracy in known.finished.values():
        rose = accuracy is not None and (best is None or accuracy - best >= LEAST_GAIN)
        best, failed = (accuracy, 0) if rose else (best, failed + 1)
        if failed >= PATIENCE:
            return False
    return True


def _spread(space: SearchSpace, known: Known, seed: int) -> Iterator[Proposal]:
    """Yield the next trial of a Latin hypercube over the lattice."""
    number = len(known) - 1
    if not 0 <= number < SPREAD:
        return
    generator = np.random.default_rng([seed, SPREAD])
    values: Values = {}
    for parameter in space.parameters:
        axis = lattice(parameter)
        where = (generator.permutation(SPREAD)[number] + generator.random()) / SPREAD
        values[parameter.name] = axis[int(where * len(axis))]
    what = f"one of {SPREAD} trials spread over the space before a model can tell more"
    yield Proposal(active(space, values), what)


def _modelled(space: SearchSpace, known: Known, seed: int) -> Iterator[Proposal]:
    """Yield configurations by falling expected improvement."""
    best = known.best
    if best is None or len(known.finished) < 2:
        return
    axes = _Axes(space, known)
    model = axes.model(known)
    generator = np.random.default_rng([seed, len(known)])
    for row in _ranked(axes, model, generator, near=_knows_networks(space)):
        values = active(space, axes.values(row))
        yield Proposal(values, _reason(space, values, best, len(known.finished)))


def _reason(space: SearchSpace, values: Values, best: tuple[Key, float], count: int) -> str:
    """Return ``filters of conv 1: 64 → 128; …``, compared with the best trial."""
    changed = changes(space, dict(best[0]), values)
    return f"{changed} against the best trial ({fraction(best[1])}), most promising after {count} trials"


class _Axes:
    """Configurations as rows of indices into each parameter's values, which are few.

    Args:
        space: What can be tweaked.
        known: The trials so far; the best of them add their own values and finer steps to the lattice.
    """

    def __init__(self, space: SearchSpace, known: Known) -> None:
        self.space = space
        ranked = sorted(known.finished, key=lambda key: -_judged(known, key))
        self._incumbents = [dict(key) for key in ranked[:_INCUMBENTS]]
        self.axes = [_axis(parameter, self._incumbents) for parameter in space.parameters]
        self.sizes = np.array([len(axis) for axis in self.axes])
        choices = [isinstance(p.distribution, CategoricalDistribution) for p in space.parameters]
        self._choices = np.array(choices, dtype=np.bool_)
        pairs = zip(space.parameters, self.axes, strict=True)
        self._coordinates = [np.array([coordinate(p, value) for value in axis]) for p, axis in pairs]

    @property
    def incumbents(self) -> Configurations:
        """The best configurations, (k, d)."""
        settled = [{**self.space.defaults(), **values} for values in self._incumbents]
        pairs = list(zip(self.space.parameters, self.axes, strict=True))
        return np.array([[_nearest(p, axis, values[p.name]) for p, axis in pairs] for values in settled])

    def values(self, row: Sequence[int]) -> Values:
        """Return a row as values of every parameter."""
        pairs = zip(self.space.parameters, self.axes, row, strict=True)
        return {parameter.name: axis[index] for parameter, axis, index in pairs}

    def points(self, rows: Configurations) -> Floats:
        """Return the coordinates (n, d) of rows (n, d)."""
        return np.stack([axis[rows[:, i]] for i, axis in enumerate(self._coordinates)], axis=1)

    def model(self, known: Known) -> Surrogate:
        """Return the process on the trials so far; failed ones count as the worst."""
        keys = _weighty(known)
        accuracies = np.array([_judged(known, key) for key in keys])
        model = fit(self._trials(keys), accuracies, self._choices)
        return model.believing(self._trials(known.running)) if known.running else model

    def _trials(self, keys: Sequence[Key]) -> Floats:
        settled = [{**self.space.defaults(), **dict(key)} for key in keys]
        return np.array(
            [[coordinate(p, values[p.name]) for p in self.space.parameters] for values in settled]
        )

    def neighbours(self, row: NDArray[np.int64]) -> Configurations:
        """Return every row that differs in one value, (m, d)."""
        columns = np.repeat(np.arange(len(self.sizes)), self.sizes)
        rows = np.tile(row, (len(columns), 1))
        rows[np.arange(len(columns)), columns] = np.concatenate([np.arange(size) for size in self.sizes])
        return np.asarray(rows[(rows != row).any(axis=1)])


def _judged(known: Known, key: Key) -> float:
    accuracy = known.finished[key]
    return -1.0 if accuracy is None else accuracy


def _weighty(known: Known) -> list[Key]:
    """Return the trials to fit: all, or of very many the better half of the limit and the latest."""
    keys = list(known.finished)
    if len(keys) <= _MOST_POINTS:
        return keys
    best = sorted(keys, key=lambda key: -_judged(known, key))[: _MOST_POINTS // 2]
    return list(dict.fromkeys([*best, *reversed(keys)]))[:_MOST_POINTS]


def _axis(parameter: Parameter, incumbents: Sequence[Values]) -> list[Value]:
    """Return the lattice, and around the best values also finer steps."""
    axis = list(lattice(parameter))
    own = dict.fromkeys(values[parameter.name] for values in incumbents if parameter.name in values)
    for value in own:
        finer = (step(parameter, value, direction, finer=True) for direction in (DOWN, UP))
        axis += [extra for extra in (value, *finer) if extra is not None]
    return [value for value in dict.fromkeys(axis) if contains(parameter.distribution, value)]


def _nearest(parameter: Parameter, axis: Sequence[Value], value: Value) -> int:
    """Return the index of a value, or of the nearest where a history holds what is no longer allowed."""
    where = coordinate(parameter, value)
    return min(range(len(axis)), key=lambda index: abs(coordinate(parameter, axis[index]) - where))


def _ranked(
    axes: _Axes, model: Surrogate, generator: np.random.Generator, *, near: bool
) -> Iterator[list[int]]:
    """Yield candidates by falling expected improvement, after a climb on it from the best one."""
    rows = np.unique(_near(axes), axis=0) if near else _candidates(axes, generator)
    rated = model.log_improvement(axes.points(rows))
    for _ in range(_CLIMBS):
        around = axes.neighbours(rows[int(np.argmax(rated))])
        if not len(around):
            break
        higher = model.log_improvement(axes.points(around))
        climbed_higher = higher.max() > rated.max()
        rows, rated = np.concatenate([rows, around]), np.concatenate([rated, higher])
        if not climbed_higher:
            break
    yield from rows[np.argsort(-rated, kind="stable")].tolist()


def _candidates(axes: _Axes, generator: np.random.Generator) -> Configurations:
    best = axes.incumbents
    anywhere = generator.integers(0, axes.sizes, size=(_RANDOM, len(axes.sizes)))
    mutated = best[generator.integers(len(best), size=_MUTATED)]
    drawn = generator.integers(0, axes.sizes, size=mutated.shape)
    share = 2.5 / max(len(axes.sizes), 3)
    mutated = np.where(generator.random(mutated.shape) < share, drawn, mutated)
    return np.unique(np.concatenate([_near(axes), anywhere, mutated]), axis=0)


def _near(axes: _Axes) -> Configurations:
    """Return every neighbour of the best configurations."""
    return np.concatenate([axes.neighbours(row) for row in axes.incumbents])
