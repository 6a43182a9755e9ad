"""What the variables of a push hold while it is followed: tensors, and layers that wait to be used."""

from __future__ import annotations

import libcst as cst

from include.tweaker.interfaces._frames import Frame
from include.tweaker.interfaces._spots import passed
from include.tweaker.interfaces._syntax import CallSite, Scope, dotted


class Tensor(tuple[int, ...]):
    """The layers that a tensor comes from."""

    __slots__ = ()


class Waiting(int):
    """A layer that waits in a variable until it is used."""


Value = Tensor | Waiting | None


class Variables:
    """The variables of every function in every call, and the results of calls by call and frame."""

    def __init__(self) -> None:
        self.results: dict[tuple[int, Frame], Value] = {}
        self._values: dict[tuple[object, str], Value] = {}

    def returned(self, site: CallSite, entered: Frame) -> Value:
        """Return what a local function returns in this call."""
        function = entered.scope
        if function is None or not function.returns:
            return None
        return self.value(function.returns[-1], function, entered)

    def assign(self, name: str, scope: Scope, frame: Frame, value: Value) -> None:
        """Give a variable a value."""
        self._values[self.key(name, scope, frame)] = value

    def key(self, name: str, scope: Scope, frame: Frame) -> tuple[object, str]:
        """Return what tells a variable from those of other functions and calls."""
        if name.startswith("self.") and scope.kind == "function":
            return (id(scope.parent), name)
        here = frame.of(scope) if scope.kind == "function" else None
        return (here.variables if here is not None else id(scope), name)

    def value(self, node: cst.BaseExpression, scope: Scope, frame: Frame) -> Value:
        """Return what an expression stands for."""
        if isinstance(node, cst.Call):
            return self.results.get((id(node), frame))
        if isinstance(node, (cst.List, cst.Tuple)):
            parts = [self.value(element.value, scope, frame) for element in node.elements]
            tensors = [part for part in parts if isinstance(part, Tensor)]
            return (
                Tensor(i for part in tensors for i in part)
                if tensors and len(tensors) == len(parts)
                else None
            )
        name = dotted(node)
        return self._variable(name, scope, frame) if name else None

    def _variable(self, name: str, scope: Scope, frame: Frame) -> Value:
        key = self.key(name, scope, frame)
        if key in self._values:
            return self._values[key]
        here = frame.of(scope)
        if name in scope.parameters and here is not None and here.call is not None:
            given = passed(name, scope, here.call)
            return self.value(given, here.call.scope, here.parent or frame) if given is not None else None
        if scope.parent is not None and name not in scope.parameters and scope.kind == "function":
            outer = frame.of(scope.parent)
            return self._variable(name, scope.parent, outer or Frame(scope.parent))
        return None
