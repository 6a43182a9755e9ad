"""What a push runs, in order: local functions where they are called, loops once for each item."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from include.tweaker.interfaces._frames import Frame
from include.tweaker.interfaces._resolve import MOST_TURNS, Resolver
from include.tweaker.interfaces._spots import Spot
from include.tweaker.interfaces._syntax import CallSite, Event, Loop, Module, Scope

MOST_STEPS = 20_000
_DEEPEST = 8
_FORWARD = ("call", "forward")


@dataclass(frozen=True, eq=False)
class Step:
    """One event of the code in one frame; `entered` is the frame of the local function that a call ran."""

    event: Event
    frame: Frame
    entered: Frame | None = None


@dataclass
class Walk:
    """Walks through the modules of a push, for so many steps at most: code may be made to have no end.

    Args:
        modules: The script and its local modules.
        resolver: Of the same modules.
    """

    modules: Sequence[Module]
    resolver: Resolver
    _events: dict[Scope, list[Event]] = field(default_factory=dict)
    _built: set[Scope] = field(default_factory=set)
    _count: int = 0

    def steps(self) -> Iterator[Step]:
        """Yield every call and copy; a function that nothing local calls comes where it is written."""
        for module in self.modules:
            for event in module.events():
                self._events.setdefault(event.scope, []).append(event)
        functions = self.resolver.functions
        for module in self.modules:
            homes = sorted(
                (scope for scope in self._events if scope.module is module), key=lambda one: self._first(one)
            )
            called = [scope for scope in homes if scope in functions.callers or _is_forward(scope)]
            for scope in homes:
                if scope not in called:
                    yield from self._scope(scope, Frame(scope))
        for scope in [one for one in self._events if one not in self._built]:  # they only call each other
            if scope not in self._built:
                yield from self._scope(scope, Frame(scope))

    def _first(self, scope: Scope) -> int:
        return min(scope.module.span(event.node)[0] for event in self._events[scope])

    def _scope(self, scope: Scope, frame: Frame) -> Iterator[Step]:
        self._built.add(scope)
        yield from self._run(self._events.get(scope, []), 0, frame)

    def _run(self, events: Sequence[Event], depth: int, frame: Frame) -> Iterator[Step]:
        """Yield events in order, those of one loop together, once for each of its items."""
        position = 0
        while position < len(events) and self._count <= MOST_STEPS:
            event = events[position]
            if len(event.loops) <= depth:
                yield from self._step(event, frame)
                position += 1
                continue
            loop = event.loops[depth]
            end = position
            while end < len(events) and events[end].loops[depth : depth + 1] == (loop,):
                end += 1
            for turned in self._turns(loop, frame):
                yield from self._run(events[position:end], depth + 1, turned)
            position = end

    def _turns(self, loop: Loop, frame: Frame) -> Iterator[Frame]:
        many = None
        if loop.iterable is not None:
            many = self.resolver.turns(Spot(loop.iterable, loop.scope, frame))
        if not many or many > MOST_TURNS:
            yield frame
            return
        for turn in range(many):
            yield frame.turned(loop, turn)

    def _step(self, event: Event, frame: Frame) -> Iterator[Step]:
        self._count += 1
        function = self.resolver.functions.called(event) if isinstance(event, CallSite) else None
        entered = self._entered(function, event, frame) if function is not None else None
        if entered is not None and function is not None:
            yield from self._scope(function, entered)
            if function.name == "__init__":
                yield from self._forward(function, entered)
        yield Step(event, frame, entered)

    def _entered(self, function: Scope, event: Event, frame: Frame) -> Frame | None:
        if not isinstance(event, CallSite) or frame.of(function) or sum(1 for _ in frame.chain()) > _DEEPEST:
            return None
        functions = self.resolver.functions
        if function in functions.builders:  # every call builds the same model again: once is enough
            if function in self._built:
                return None
            alone = len(functions.callers[function]) == 1
            return Frame(function, event if alone else None, frame.variables, whole=True)
        return Frame(function, event, frame)

    def _forward(self, constructor: Scope, frame: Frame) -> Iterator[Step]:
        """Yield what a subclassed model does with the layers that its constructor made."""
        for scope in self._events:
            if scope.parent is constructor.parent and scope.name in _FORWARD:
                yield from self._scope(scope, Frame(scope, None, frame))


def _is_forward(scope: Scope) -> bool:
    return scope.name in _FORWARD and scope.parent is not None and scope.parent.kind == "class"
