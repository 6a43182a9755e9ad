"""The first trials of `auto` on a network: large moves at once, while they help.

A climb changes one value in a training, which is timid where a developer's values are far off. So what is far
from usual goes there in one leap; then the network gets deeper, up to `ENOUGH_CONV_LAYERS`, and wider. A leap
that doesn't help is undone, and the climb starts from the developer's own values.
"""

from __future__ import annotations

from math import isnan

from include.tweaker.kinds import kind_of
from include.tweaker.space import Proposal, SearchSpace, Value
from include.tweaker.strategies._order import GROWTH
from include.tweaker.strategies._reasons import OWN_VALUES, changes, ended, so_far
from include.tweaker.strategies._steps import UP, step
from include.tweaker.strategies._usual import usual_values
from include.tweaker.strategies.hill_climb import Asking, HillClimb, Trying, gained
from include.tweaker.values import feasible

ENOUGH_CONV_LAYERS = 3
STRONGLY = 0.1  # of the error that a move must take away to be made again
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


class Opening:
    """The large moves from the developer's values; `run` is sent the accuracy of each trial it yields.

    Args:
        space: What can be tweaked.
    """

    def __init__(self, space: SearchSpace) -> None:
        self.space = space
        self.best: float | None = None
        self.values: dict[str, Value] = {p.name: p.default for p in space.active({})}
        self._why = ""

    def run(self) -> Asking:
        """Yield one trial after the other until a large move doesn't help; `values` are the best then."""
        accuracy = yield Proposal(dict(self.values), OWN_VALUES)
        self.best = None if accuracy is None or isnan(accuracy) else accuracy
        self._why = so_far(self.best)
        usual = usual_values(self.space)
        if usual and not (yield from self._leap(usual)):
            return
        while (yield from self._deepen()):
            pass
        while (yield from self._widen()):
            pass

    def _leap(self, usual: dict[str, Value]) -> Trying:
        tried = {**self.values, **usual}
        count = _NUMBERS[len(usual)] if len(usual) < len(_NUMBERS) else str(len(usual))
        far = "value is" if len(usual) == 1 else "values are"
        what = f"{count} {far} far from what works for most networks: "
        reason = what + changes(self.space, self.values, tried)
        return (yield from self._judge(tried, reason, "going to the usual values"))

    def _deepen(self) -> Trying:
        """Add a conv layer; return whether another may be added."""
        parameter = next((p for p in self.space.parameters if p.name == f"{GROWTH}conv_layers"), None)
        depth = sum(kind_of(name) == "filters" for name in self.values)
        if parameter is None or depth >= ENOUGH_CONV_LAYERS:
            return False
        deeper = HillClimb(self.space, self.values).with_layer(parameter)
        if deeper is None:
            return False
        tried, layer = deeper
        return (yield from self._judge(tried, f"{layer}, because {self._why}", layer))

    def _widen(self) -> Trying:
        """Double every width; return whether that helped so much that it may be done again."""
        before = self.best
        tried = {**self.values}
        for parameter in self.space.active(self.values):
            if kind_of(parameter.name) in ("filters", "units"):
                width = tried[parameter.name]
                tried[parameter.name] = step(parameter, width, UP) or width
        if tried == self.values or not feasible(self.space, tried):
            return False
        wider = changes(self.space, self.values, tried)
        rose = yield from self._judge(tried, f"wider layers ({wider}), because {self._why}", "wider layers")
        return rose and before is not None and _strongly(before, self.best)

    def _judge(self, tried: dict[str, Value], reason: str, move: str) -> Trying:
        accuracy = yield Proposal(tried, reason)
        improved = gained(self.best, accuracy)
        self._why = ended(move, self.best, accuracy, improved=improved)
        if improved:
            self.values, self.best = tried, accuracy
        return improved


def _strongly(before: float, after: float | None) -> bool:
    return after is not None and after - before >= STRONGLY * (1 - before)
