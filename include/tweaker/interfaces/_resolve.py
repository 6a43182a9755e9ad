"""Follows an expression to the literal behind it: constants, defaults, arguments, imported settings."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import libcst as cst

from include.tweaker.interfaces._syntax import CallSite, Module, Scope, dotted

_DEPTH = 8


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


COMPUTED = Unresolved("computed at run time")
SEVERAL = Unresolved("given several values")


class Resolver:
    """Resolves expressions across the script and the local modules that it imports."""

    def __init__(self, modules: Sequence[Module]) -> None:
        self._modules: dict[str, Module] = {}
        for module in modules:
            name = module.source.path.removesuffix(".py").replace("/", ".")
            for dotted_name in (name, name.rpartition(".")[2]):
                self._modules.setdefault(dotted_name.removesuffix(".__init__"), module)
        self._callers: dict[str, list[CallSite]] = {}
        for module in modules:
            for call in module.calls:
                name = dotted(call.node.func).rpartition(".")[2]
                self._callers.setdefault(name, []).append(call)

    def literal(self, node: cst.BaseExpression, scope: Scope, depth: int = 0) -> Literal | Unresolved:
        """Return the literal behind an expression that stands in `scope`."""
        if depth > _DEPTH:
            return COMPUTED
        if isinstance(node, (cst.Integer, cst.Float, cst.SimpleString)):
            start, end = scope.module.span(node)
            text = scope.module.source.normal[start:end].decode()
            value = ast.literal_eval(text)
            return (
                COMPUTED
                if isinstance(value, bytes)
                else Literal(value, Token(scope.module.source.path, start, end))
            )
        if isinstance(node, cst.Name):
            return self._name(node.value, scope, depth + 1)
        if isinstance(node, cst.Attribute):
            return self._attribute(node, scope, depth + 1)
        if isinstance(node, cst.Subscript):
            return self._item(node, scope, depth + 1)
        return COMPUTED

    def expression(self, node: cst.BaseExpression, scope: Scope) -> tuple[cst.BaseExpression, Scope]:
        """Return what a name that is assigned once stands for, as a shape in a variable; else `node`."""
        if not isinstance(node, cst.Name):
            return node, scope
        home = _home(node.value, scope)
        if home is None or node.value in home.parameters:
            return node, scope
        bound = home.bindings[node.value]
        return (bound[0], home) if len(bound) == 1 and bound[0] is not None else (node, scope)

    def _name(self, name: str, scope: Scope, depth: int) -> Literal | Unresolved:
        home = _home(name, scope)
        if home is None:
            return self._imported(name, scope, depth)
        bound = home.bindings.get(name, [])
        if name in home.parameters:
            return SEVERAL if bound else self._parameter(name, home, depth)
        return self._only(bound, home, depth)

    def _only(self, bound: list[cst.BaseExpression | None], home: Scope, depth: int) -> Literal | Unresolved:
        if len(bound) != 1:
            return SEVERAL
        return COMPUTED if bound[0] is None else self.literal(bound[0], home, depth)

    def _parameter(self, name: str, function: Scope, depth: int) -> Literal | Unresolved:
        """Return what a function's parameter stands for: its default, or the argument of its only call."""
        method = function.parent is not None and function.parent.kind == "class"
        owner = function.parent.name if method and function.parent else ""
        callers = self._callers.get(owner if function.name == "__init__" else function.name, [])
        position = list(function.parameters).index(name) - int(method)
        passed = [_argument(call.node, name, position) for call in callers]
        given = [(arg, call) for arg, call in zip(passed, callers, strict=True) if arg is not None]
        if not given:
            default = function.parameters[name]
            return COMPUTED if default is None else self.literal(default, function.parent or function, depth)
        if len(callers) > 1 or given[0][1].looped:
            return SEVERAL
        return self.literal(given[0][0], given[0][1].scope, depth)

    def _imported(self, name: str, scope: Scope, depth: int) -> Literal | Unresolved:
        imports = scope.module.imports
        origin, attribute = imports.get(name, ("", None))
        if attribute is not None:
            return self._constant(origin, attribute, depth)
        for star, (origin, _) in imports.items():
            module = self._modules.get(origin.lstrip(".")) if star.startswith("*") else None
            if module is not None and name in module.scope.bindings:
                return self._only(module.scope.bindings[name], module.scope, depth)
        return COMPUTED

    def _attribute(self, node: cst.Attribute, scope: Scope, depth: int) -> Literal | Unresolved:
        owner, name = dotted(node.value), node.attr.value
        origin, attribute = scope.module.imports.get(owner, (owner, None))
        classes = scope.module.classes
        if attribute is not None:  # from settings import Config; Config.FILTERS
            module = self._modules.get(origin.lstrip("."))
            classes = module.classes if module else {}
            owner = attribute
        if owner in classes:
            return self._only(classes[owner].bindings.get(name, []), classes[owner], depth)
        return self._constant(origin, name, depth)

    def _constant(self, origin: str, name: str, depth: int) -> Literal | Unresolved:
        module = self._modules.get(origin.lstrip("."))
        if module is None or name not in module.scope.bindings:
            return COMPUTED
        return self._only(module.scope.bindings[name], module.scope, depth)

    def _item(self, node: cst.Subscript, scope: Scope, depth: int) -> Literal | Unresolved:
        """Return what ``config["filters"]`` is, for a dictionary that is written out."""
        table, home = self.expression(node.value, scope)
        key = _key(node)
        if not isinstance(table, cst.Dict) or key is None:
            return COMPUTED
        values = [
            element.value
            for element in table.elements
            if isinstance(element, cst.DictElement) and _text(element.key) == key
        ]
        return self.literal(values[0], home, depth) if len(values) == 1 else COMPUTED


def _home(name: str, scope: Scope) -> Scope | None:
    """Return the scope that binds a name; a method doesn't see the names of its class."""
    current: Scope | None = scope
    while current is not None:
        visible = current is scope or current.kind != "class"
        if visible and (name in current.parameters or name in current.bindings):
            return current
        current = current.parent
    return None


def _argument(call: cst.Call, name: str, position: int) -> cst.BaseExpression | None:
    for index, argument in enumerate(call.args):
        if argument.keyword is not None and argument.keyword.value == name:
            return argument.value
        if argument.keyword is None and not argument.star and index == position:
            return argument.value
    return None


def _key(node: cst.Subscript) -> str | None:
    part = node.slice[0].slice if len(node.slice) == 1 else None
    return _text(part.value) if isinstance(part, cst.Index) else None


def _text(node: cst.BaseExpression) -> str | None:
    value = node.evaluated_value if isinstance(node, cst.SimpleString) else None
    return value if isinstance(value, str) else None


def by_name(arguments: Mapping[str, cst.Arg], *names: str) -> cst.Arg | None:
    """Return the first of these arguments that a call has."""
    return next((arguments[name] for name in names if name in arguments), None)
