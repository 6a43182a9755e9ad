"""The seed's rule, mended: push one hyper-parameter while accuracy rises, then the next; grow last.

What the seed did wrong and this doesn't: a first doubling that fails deleted the base layer; neurons fell to
0 and below; a crash counted as "no improvement" with the accuracy of the run before; pooling went on until
nothing of the image was left; values only ever rose; nothing remembered what was tried; it never ended.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Mapping

from include.tweaker.space import Parameter, Proposal, SearchSpace, Value
from include.tweaker.strategies._known import Key, Known, key_of
from include.tweaker.strategies._order import GROWTH, is_capacity, levers
from include.tweaker.strategies._reasons import OWN_VALUES, RUNNING, Outcome, because, change, shown
from include.tweaker.strategies._steps import directions, step, usual_instead
from include.tweaker.values import feasible

LEAST_GAIN = 1e-5
Values = dict[str, Value]
Asking = Generator[Proposal, float | None, None]  # yields a trial, is sent its accuracy
Trying = Generator[Proposal, float | None, bool]  # the same, returns whether accuracy rose


def proposals(space: SearchSpace, known: Known, start: Key | None = None) -> Iterator[Proposal]:
    """Yield the first trial of the climb that isn't known; asked for more, take it as failed and go on.

    The climb is repeated over what is known. When it ends below a configuration that something else found,
    it climbs again from there.

    Args:
        space: What can be tweaked.
        known: Every trial so far; one in training counts as no improvement yet.
        start: Where to climb from; None for the developer's own values.
    """
    while True:
        climb = HillClimb(space, dict(start) if start else None)
        yield from unknown(space, climb.run(), known)
        best = known.best
        if best is None or best[0] == start or best[1] - (climb.best or 0.0) < LEAST_GAIN:
            return
        start = best[0]


def unknown(space: SearchSpace, trials: Asking, known: Known) -> Iterator[Proposal]:
    """Repeat what is known, and yield each trial that isn't; asked for more, take that one as failed."""
    proposal = next(trials)
    while True:
        key = key_of(space, proposal.values)
        if key not in known:
            yield proposal
        accuracy = RUNNING if key in known.running else known.finished.get(key)
        try:
            proposal = trials.send(accuracy)
        except StopIteration:
            return


class HillClimb:
    """One climb from one start; `run` is a generator that is sent the accuracy of each trial it yields."""

    def __init__(self, space: SearchSpace, start: Mapping[str, Value] | None = None) -> None:
        self.space = space
        self.best: float | None = None
        self.values: Values = _active(space, {**space.defaults(), **(start or {})})
        self._start = start
        self._last: Outcome | None = None

    def run(self) -> Asking:
        """Yield one trial after the other until nothing is left to try."""
        reason = OWN_VALUES if self._start is None else "the best values so far"
        accuracy = yield Proposal(dict(self.values), reason)
        self.best = None if accuracy is None or math.isnan(accuracy) else accuracy
        first = True
        while True:
            before = self.best
            for parameter in levers(self.space):
                yield from self._climb(parameter, first=first)
            if not first and not gained(before, self.best):
                return
            first = False

    def _climb(self, parameter: Parameter, *, first: bool) -> Asking:
        if parameter.name.startswith(GROWTH):
            yield from self._grow(parameter, first=first)
        elif parameter.name in self.values:  # else what it belongs to isn't there
            yield from self._tune(parameter, first=first)

    def _tune(self, parameter: Parameter, *, first: bool) -> Asking:
        """Push one hyper-parameter in the likelier direction, and if that never helped in the other.

        In the first round of the seed's own protocol, and for what makes the network smaller, the other
        direction waits until everything else was tried once.
        """
        if self._others(parameter):
            yield from self._choose(parameter)
            return
        usual = usual_instead(parameter, self.values[parameter.name])
        if usual is not None and (yield from self._try_usual(parameter, usual)):
            return
        likelier, other = directions(parameter, self.values[parameter.name])
        if (yield from self._push(parameter, likelier, finer=not first)):
            return
        waits = self.space.interface == "stdin" or is_capacity(parameter)
        if not (first and waits):
            yield from self._push(parameter, other, finer=not first)

    def _others(self, parameter: Parameter) -> tuple[Value, ...]:
        choices = getattr(parameter.distribution, "choices", ())
        return tuple(choice for choice in choices if choice != self.values[parameter.name])

    def _choose(self, parameter: Parameter) -> Asking:
        for choice in self._others(parameter):
            yield from self._try(parameter, choice)

    def _push(self, parameter: Parameter, direction: int, *, finer: bool) -> Trying:
        rose = False
        while True:
            value = step(parameter, self.values[parameter.name], direction, finer=finer)
            if value is None or not (yield from self._try(parameter, value)):
                return rose
            rose = True

    def _try_usual(self, parameter: Parameter, usual: Value) -> Trying:
        old = self.values[parameter.name]
        why = f"{shown(usual)} works for most networks and {shown(old)} is far off"
        return (yield from self._try(parameter, usual, why))

    def _try(self, parameter: Parameter, value: Value, why: str | None = None) -> Trying:
        """Try one value; one that the feature map has no room for costs no training."""
        tried = _active(self.space, {**self.values, parameter.name: value})
        if not feasible(self.space, tried):
            return False
        changed = change(self.values[parameter.name], value)
        reason = f"{parameter.label}: {changed}, because {why or because(parameter, self._last, self.best)}"
        return (yield from self._judge(parameter, changed, tried, reason))

    def _judge(self, parameter: Parameter, changed: str, tried: Values, reason: str) -> Trying:
        accuracy = yield Proposal(tried, reason)
        improved = gained(self.best, accuracy)
        self._last = Outcome(parameter, changed, self.best, accuracy, improved)
        if improved:
            self.values, self.best = tried, accuracy
        return improved

    def _grow(self, parameter: Parameter, *, first: bool) -> Asking:
        """Add layers while that helps; each new one is tuned before the next is added."""
        while True:
            for own in self._grown(parameter):
                if not first or self._is_newest(own):
                    yield from self._tune(own, first=first)
            deeper = self.with_layer(parameter)
            if deeper is None:
                return
            tried, layer = deeper
            reason = f"{layer}, because {because(parameter, self._last, self.best)}"
            changed = change(self.values[parameter.name], tried[parameter.name])
            if not (yield from self._judge(parameter, changed, tried, reason)):
                return

    def _grown(self, parameter: Parameter) -> list[Parameter]:
        """Return the parameters of the layers that were added so far."""
        return [p for p in self.space.active(self.values) if p.active_if and p.active_if[0] == parameter.name]

    def _is_newest(self, own: Parameter) -> bool:
        return own.active_if is not None and self.values[own.active_if[0]] == own.active_if[1]

    def with_layer(self, parameter: Parameter) -> tuple[Values, str] | None:
        """Return the values with one more layer, as large as the feature map allows, and that layer in words.

        Args:
            parameter: How many layers of its kind are added, as ``growth.conv_layers``.

        Returns:
            None where there is no room for one.
        """
        number = int(self.values[parameter.name]) + 1
        if number > int(getattr(parameter.distribution, "high", 0)):
            return None
        added = [p for p in self.space.parameters if p.active_if == (parameter.name, number)]
        values = {**self.values, parameter.name: number, **{p.name: self._start_of(p, number) for p in added}}
        for smaller in (None, "pool_size", "kernel_size"):
            for p in added:
                if smaller and p.name.endswith(f".{smaller}"):
                    values[p.name] = getattr(p.distribution, "low", p.default)
            if feasible(self.space, values):
                what = f"one more {_layer_words(parameter)} layer {_described(values, parameter, number)}"
                return _active(self.space, values), what
        return None

    def _start_of(self, parameter: Parameter, number: int) -> Value:
        """Return a new layer's first value: twice the filters of the layer before, or its units."""
        suffix = parameter.name.rpartition(".")[2]
        if suffix not in ("filters", "units"):
            return parameter.default
        before = [value for name, value in self.values.items() if name.endswith(f".{suffix}")]
        before = [value for value in before if not isinstance(value, str)]
        if not before or (suffix == "units" and number == 1):
            return parameter.default
        low, high = (
            getattr(parameter.distribution, "low", 1),
            getattr(parameter.distribution, "high", before[-1]),
        )
        return int(min(max(before[-1] * (2 if suffix == "filters" else 1), low), high))


def _layer_words(parameter: Parameter) -> str:
    return "conv" if "conv" in parameter.name else "dense"


def _described(values: Values, parameter: Parameter, number: int) -> str:
    prefix = f"new_{_layer_words(parameter)}{number}"
    kind = "filters" if _layer_words(parameter) == "conv" else "units"
    return f"of {values[f'{prefix}.{kind}']} {kind}"


def gained(before: float | None, after: float | None) -> bool:
    """Return whether an accuracy is better than the best before; NaN is a trial that still trains."""
    if after is None or math.isnan(after):
        return False
    return before is None or after - before >= LEAST_GAIN - 1e-12


def _active(space: SearchSpace, values: Mapping[str, Value]) -> Values:
    settled = {**space.defaults(), **values}
    return {parameter.name: settled[parameter.name] for parameter in space.active(settled)}
