"""Follows an expression to its literal: constants, defaults, arguments, loops, imported settings."""

from __future__ import annotations

import ast
from collections.abc import Sequence

import libcst as cst

from include.tweaker.interfaces._frames import Frame, Functions
from include.tweaker.interfaces._spots import (
    COMPUTED,
    NOWHERE,
    SEVERAL,
    Literal,
    Spot,
    Token,
    Unresolved,
    default_of,
    home_of,
    key_of,
    of_self,
    only,
    passed,
    text_of_string,
)
from include.tweaker.interfaces._syntax import Loop, Module, Scope, dotted

_DEPTH = 12
MOST_TURNS = 16


class Resolver:
    """Resolves expressions across the script and the local modules that it imports.

    Args:
        modules: The script first.
        classic: The push is written for Keras 1.
        old: It runs with the defaults of Keras 1 and 2.
    """

    def __init__(self, modules: Sequence[Module], *, classic: bool = False, old: bool = False) -> None:
        self.functions = Functions(modules)
        self.classic = classic
        self.old = old

    def literal(self, node: cst.BaseExpression, scope: Scope, frame: Frame = NOWHERE) -> Literal | Unresolved:
        """Return the literal behind an expression that stands in `scope`."""
        spot = self.follow(Spot(node, scope, frame))
        if isinstance(spot, Unresolved):
            return spot
        if not isinstance(spot.node, (cst.Integer, cst.Float, cst.SimpleString)):
            return COMPUTED
        start, end = spot.scope.module.span(spot.node)
        value = ast.literal_eval(spot.scope.module.source.normal[start:end].decode())
        token = Token(spot.scope.module.source.path, start, end)
        return COMPUTED if isinstance(value, bytes) else Literal(value, token)

    def follow(self, spot: Spot, depth: int = 0) -> Spot | Unresolved:
        """Return what stands behind names, attributes and items; other expressions as they are."""
        if depth > _DEPTH:
            return COMPUTED
        node = spot.node
        if isinstance(node, cst.Name) and node.value not in ("None", "True", "False"):
            found = self._name(node.value, spot.scope, spot.frame)
        elif isinstance(node, cst.Attribute):
            found = self._attribute(node, spot)
        elif isinstance(node, cst.Subscript):
            found = self._item(node, spot, depth)
        else:
            return spot
        return found if isinstance(found, Unresolved) else self.follow(found, depth + 1)

    def parts(self, node: cst.BaseExpression, scope: Scope, frame: Frame = NOWHERE) -> list[Spot]:
        """Return the elements of a tuple or list, also behind a name; else the expression itself."""
        spot = self.follow(Spot(node, scope, frame))
        if isinstance(spot, Spot) and isinstance(spot.node, (cst.Tuple, cst.List)):
            return [Spot(element.value, spot.scope, spot.frame) for element in spot.node.elements]
        return [Spot(node, scope, frame)]

    def _name(self, name: str, scope: Scope, frame: Frame) -> Spot | Unresolved:
        home = home_of(name, scope)
        if home is None:
            return self._imported(name, scope)
        bound = home.bindings.get(name, [])
        if name in home.parameters:
            return SEVERAL if bound else self._parameter(name, home, frame)
        if len(bound) == 1 and len(turned := home.turned.get(name, [])) == 1:
            return self._turned(*turned[0], frame)
        return only(bound, home, frame)

    def _turned(self, loop: Loop, way: tuple[int, ...], frame: Frame) -> Spot | Unresolved:
        """Return the item that a loop variable stands for."""
        at = frame.turn(loop)
        if at is None or loop.iterable is None:
            return COMPUTED
        return self._item_at(Spot(loop.iterable, loop.scope, at[1]), at[0], way)

    def _item_at(self, iterable: Spot, turn: int, way: tuple[int, ...]) -> Spot | Unresolved:
        spot = self.follow(iterable)
        if isinstance(spot, Unresolved):
            return COMPUTED
        if isinstance(spot.node, (cst.List, cst.Tuple)):
            if turn >= len(spot.node.elements):
                return COMPUTED
            item = Spot(spot.node.elements[turn].value, spot.scope, spot.frame)
            return self._item_at(item, way[0], way[1:]) if way else item
        if isinstance(spot.node, cst.Call) and way:
            name, given = dotted(spot.node.func), spot.node.args
            index = {"zip": way[0], "enumerate": way[0] - 1}.get(name, -1)
            if 0 <= index < len(given):
                return self._item_at(Spot(given[index].value, spot.scope, spot.frame), turn, way[1:])
        return COMPUTED

    def turns(self, iterable: Spot) -> int | None:
        """Return how often a loop runs, where that is written out."""
        spot = self.follow(iterable)
        if isinstance(spot, Unresolved):
            return None
        if isinstance(spot.node, (cst.List, cst.Tuple)):
            return len(spot.node.elements)
        name = dotted(spot.node.func) if isinstance(spot.node, cst.Call) else ""
        if not isinstance(spot.node, cst.Call) or not spot.node.args:
            return None
        first = Spot(spot.node.args[0].value, spot.scope, spot.frame)
        if name == "range" and len(spot.node.args) == 1:
            many = self.literal(first.node, first.scope, first.frame)
            return many.value if isinstance(many, Literal) and isinstance(many.value, int) else None
        return self.turns(first) if name in ("enumerate", "zip") else None

    def _parameter(self, name: str, function: Scope, frame: Frame) -> Spot | Unresolved:
        """Return what a function's parameter stands for in this call; else in its only call."""
        here = frame.of(function)
        if here is not None and here.call is not None:
            given = passed(name, function, here.call)
            if given is not None:
                return Spot(given, here.call.scope, here.parent or NOWHERE)
            return default_of(name, function)
        callers = self.functions.callers.get(function, [])
        given_by = [(passed(name, function, call), call) for call in callers]
        found = [(node, call) for node, call in given_by if node is not None]
        if not found:
            return default_of(name, function)
        if len(callers) > 1 or found[0][1].looped:
            return SEVERAL
        return Spot(found[0][0], found[0][1].scope, NOWHERE)

    def _imported(self, name: str, scope: Scope) -> Spot | Unresolved:
        imports = scope.module.imports
        origin, attribute = imports.get(name, ("", None))
        if attribute is not None:
            return self._constant(origin, attribute)
        for star, (origin, _) in imports.items():
            module = self._module(origin) if star.startswith("*") else None
            if module is not None and name in module.scope.bindings:
                return only(module.scope.bindings[name], module.scope, NOWHERE)
        return COMPUTED

    def _module(self, origin: str) -> Module | None:
        return self.functions.modules.get(origin.lstrip("."))

    def _attribute(self, node: cst.Attribute, spot: Spot) -> Spot | Unresolved:
        owner, name = dotted(node.value), node.attr.value
        if owner == "self":
            return of_self(name, spot)
        origin, attribute = spot.scope.module.imports.get(owner, (owner, None))
        classes = spot.scope.module.classes
        if attribute is not None:  # from settings import Config; Config.FILTERS
            module = self._module(origin)
            classes = module.classes if module else {}
            owner = attribute
        if owner in classes:
            return only(classes[owner].bindings.get(name, []), classes[owner], NOWHERE)
        return self._constant(f"{origin}.{attribute}" if attribute else origin, name)

    def _constant(self, origin: str, name: str) -> Spot | Unresolved:
        module = self._module(origin)
        if module is None or name not in module.scope.bindings:
            return COMPUTED
        return only(module.scope.bindings[name], module.scope, NOWHERE)

    def _item(self, node: cst.Subscript, spot: Spot, depth: int) -> Spot | Unresolved:
        """Return what ``config["filters"]`` or ``sizes[0]`` is, for what is written out."""
        table = self.follow(Spot(node.value, spot.scope, spot.frame), depth + 1)
        key = key_of(node)
        if isinstance(table, Unresolved) or key is None:
            return COMPUTED
        values: list[cst.BaseExpression] = []
        if isinstance(table.node, cst.Dict) and isinstance(key, str):
            elements = [one for one in table.node.elements if isinstance(one, cst.DictElement)]
            values = [one.value for one in elements if text_of_string(one.key) == key]
        elif isinstance(table.node, (cst.List, cst.Tuple)) and isinstance(key, int):
            values = [one.value for one in table.node.elements[key : key + 1]]
        return Spot(values[0], table.scope, table.frame) if len(values) == 1 else COMPUTED
