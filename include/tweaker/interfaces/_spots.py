"""What an expression can be resolved to, and the steps of resolving that need no other module."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from include.tweaker.interfaces._frames import Frame
from include.tweaker.interfaces._syntax import CallSite, Scope

NOWHERE = Frame()


@dataclass(frozen=True)
class Token:
    """Where a literal stands: offsets into the normal text of the file at `path`."""

    path: str
    start: int
    end: int


@dataclass(frozen=True)
class Literal:
    """A literal in the pushed code."""

    value: int | float | str
    token: Token


@dataclass(frozen=True)
class Unresolved:
    """No single literal stands behind an expression; `why` completes "it is …"."""

    why: str


@dataclass(frozen=True, eq=False)
class Spot:
    """An expression, and where it stands."""

    node: cst.BaseExpression
    scope: Scope
    frame: Frame


COMPUTED = Unresolved("computed at run time")
SEVERAL = Unresolved("given several values")


def of_self(name: str, spot: Spot) -> Spot | Unresolved:
    """Return what ``self.name`` stands for in a method."""
    home = spot.scope.parent
    if home is None or home.kind != "class":
        return COMPUTED
    assigned = home.attributes.get(f"self.{name}", [])
    if not assigned:
        return only(home.bindings.get(name, []), home, NOWHERE)
    value, scope = assigned[0]
    return Spot(value, scope, spot.frame) if len(assigned) == 1 and value is not None else SEVERAL


def only(bound: list[cst.BaseExpression | None], home: Scope, frame: Frame) -> Spot | Unresolved:
    """Return the only value that a name is given."""
    if len(bound) != 1:
        return SEVERAL if bound else COMPUTED
    return COMPUTED if bound[0] is None else Spot(bound[0], home, frame)


def default_of(name: str, function: Scope) -> Spot | Unresolved:
    """Return the default of a function's parameter."""
    default = function.parameters[name]
    return COMPUTED if default is None else Spot(default, function.parent or function, NOWHERE)


def passed(name: str, function: Scope, call: CallSite) -> cst.BaseExpression | None:
    """Return what a call gives to a parameter of a local function, or None."""
    return argument_of(call.node, name, _position(name, function))


def _position(name: str, function: Scope) -> int:
    """Return a parameter's place among a call's arguments: ``self`` isn't one of them."""
    method = function.parent is not None and function.parent.kind == "class"
    return list(function.parameters).index(name) - int(method and "staticmethod" not in function.decorators)


def home_of(name: str, scope: Scope) -> Scope | None:
    """Return the scope that binds a name; a method doesn't see the names of its class."""
    current: Scope | None = scope
    while current is not None:
        visible = current is scope or current.kind != "class"
        if visible and (name in current.parameters or name in current.bindings):
            return current
        current = current.parent
    return None


def argument_of(call: cst.Call, name: str, position: int) -> cst.BaseExpression | None:
    """Return what a call gives to a parameter, or None."""
    for index, argument in enumerate(call.args):
        if argument.keyword is not None and argument.keyword.value == name:
            return argument.value
        if argument.keyword is None and not argument.star and index == position:
            return argument.value
    return None


def key_of(node: cst.Subscript) -> str | int | None:
    """Return the key of ``table["key"]`` or ``table[0]``."""
    part = node.slice[0].slice if len(node.slice) == 1 else None
    value = part.value if isinstance(part, cst.Index) else None
    if isinstance(value, cst.Integer):
        return value.evaluated_value
    return text_of_string(value) if value is not None else None


def text_of_string(node: cst.BaseExpression) -> str | None:
    """Return the text of a string literal, or None."""
    value = node.evaluated_value if isinstance(node, cst.SimpleString) else None
    return value if isinstance(value, str) else None
