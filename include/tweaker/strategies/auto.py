"""The default strategy: what is known of networks leads while it helps, then a model of the trials decides.

1. Where the space tells of layers, large moves come first, while they help: every value that is far from what
   works for most networks goes there at once, then the network gets deeper and wider. Then the hill climb
   leads from the best of these: its order (usual values first, more epochs, double widths) is what a person
   would do. With few trials a model of many hyper-parameters only guesses, so the climb leads for `LEAD`
   trials for each of them, and on while it helps; from then on it takes every other turn, and the model stays
   near the best trials.
2. Without layers a few trials spread over the space come first, stratified in each hyper-parameter (Latin
   hypercube, McKay et al. 1979), around the usual value of one that has such.
3. Then models of all trials propose the most promising configuration. On a network that is the neighbour of
   a good one that a Gaussian process expects most of; elsewhere also mutations of these and random ones,
   rated by the process and by the densities of the better and other trials.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import numpy as np

from include.tweaker.space import INTERFACES, Proposal, SearchSpace
from include.tweaker.strategies._axes import Axes
from include.tweaker.strategies._known import Key, Known, key_of
from include.tweaker.strategies._lattice import Values, active, lattice
from include.tweaker.strategies._opening import Opening
from include.tweaker.strategies._order import GROWTH
from include.tweaker.strategies._priors import drawn
from include.tweaker.strategies._ranking import ranked
from include.tweaker.strategies._reasons import changes, fraction
from include.tweaker.strategies.hill_climb import LEAST_GAIN, unknown
from include.tweaker.strategies.hill_climb import proposals as climbed

LEAD = 2
PATIENCE = 3
SPREAD = 7


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
    of_push = space.interface in INTERFACES
    return space.network is not None or any(
        p.name.startswith(GROWTH) or (of_push and p.usual is not None) for p in space.parameters
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
        where = (generator.permutation(SPREAD)[number] + generator.random()) / SPREAD
        values[parameter.name] = drawn(parameter, lattice(parameter), where)
    what = f"one of {SPREAD} trials spread over the space before a model can tell more"
    yield Proposal(active(space, values), what)


def _modelled(space: SearchSpace, known: Known, seed: int) -> Iterator[Proposal]:
    """Yield configurations by falling promise."""
    best = known.best
    if best is None or len(known.finished) < 2:
        return
    axes = Axes(space, known)
    generator = np.random.default_rng([seed, len(known)])
    for row in ranked(axes, generator, near=_knows_networks(space)):
        values = active(space, axes.values(row))
        yield Proposal(values, _reason(space, values, best, len(known.finished)))


def _reason(space: SearchSpace, values: Values, best: tuple[Key, float], count: int) -> str:
    """Return ``filters of conv 1: 64 → 128; …``, compared with the best trial."""
    changed = changes(space, dict(best[0]), values)
    return f"{changed} against the best trial ({fraction(best[1])}), most promising after {count} trials"
