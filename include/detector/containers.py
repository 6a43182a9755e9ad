"""Looks into lists, tuples and dictionaries of layers that the code writes down."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Protocol

from include.detector.bindings import Scope
from include.detector.values import NOTHING, External, Items, Literal, LocalModule, Value, Values


class Resolving(Protocol):
    """What is needed of a resolver here."""

    def resolve(self, node: ast.expr, scope: Scope) -> Values:
        """All that the expression can stand for."""

    def attribute(self, value: Value, name: str) -> Values:
        """What `value.name` stands for."""


def item(resolver: Resolving, value: Value, key: object, scope: Scope | None = None) -> Values:
    """What `value[key]` stands for; every item where the key is unknown (None).

    Args:
        resolver: Resolves the items.
        value: The container.
        key: A literal index or key, or None.
        scope: Where the subscript stands, for `globals()[key]`.
    """
    if isinstance(value, External):
        return _library_item(resolver, value, key, scope)
    if isinstance(value, LocalModule):
        return resolver.attribute(value, key if isinstance(key, str) else "*")
    if not isinstance(value, Items):
        return NOTHING
    chosen = _chosen(value.node, key)
    return _resolved(resolver, chosen, value.scope)


def _library_item(resolver: Resolving, value: External, key: object, scope: Scope | None) -> Values:
    if isinstance(key, str) and value.path.endswith(".__dict__"):
        return resolver.attribute(External(value.path.removesuffix(".__dict__")), key)
    if (
        isinstance(key, str)
        and value.path in {"builtins.globals()", "builtins.locals()"}
        and scope is not None
    ):
        return resolver.resolve(ast.Name(id=key, ctx=ast.Load()), scope)
    if value.path.endswith(".__dict__"):
        return frozenset({External(f"{value.path.removesuffix('.__dict__')}.*")})
    return frozenset({External(f"{value.path}[]")})


def elements(resolver: Resolving, node: ast.expr, scope: Scope, position: tuple[int, ...]) -> Values:
    """What a loop's target stands for: each item, or the item at `position` in each of them."""
    if isinstance(node, ast.Call):
        return _call_elements(resolver, node, scope, position)
    return _spread(resolver, resolver.resolve(node, scope), position)


def _call_elements(resolver: Resolving, node: ast.Call, scope: Scope, position: tuple[int, ...]) -> Values:
    match node.func:
        case ast.Name(id="enumerate") if node.args and position[:1] == (1,):
            return elements(resolver, node.args[0], scope, position[1:])
        case ast.Name(id="zip") if position and position[0] < len(node.args):
            return elements(resolver, node.args[position[0]], scope, position[1:])
        case ast.Attribute(value=owner, attr="items") if position[:1] == (1,):
            return _spread(resolver, resolver.resolve(owner, scope), position[1:])
        case ast.Attribute(value=owner, attr="values"):
            return _spread(resolver, resolver.resolve(owner, scope), position)
    return _spread(resolver, resolver.resolve(node, scope), position)


def _spread(resolver: Resolving, containers: Values, position: tuple[int, ...]) -> Values:
    found: set[Value] = set()
    for container in containers:
        if isinstance(container, Items):
            found |= item(resolver, container, None)
        elif isinstance(container, External):
            found.add(External(f"{container.path}[]"))
    for index in position:
        found = {inner for one in found for inner in item(resolver, one, index)}
    return frozenset(found)


def _chosen(node: ast.expr, key: object) -> list[ast.expr]:
    if isinstance(node, ast.Dict):
        pairs = [(name, value) for name, value in zip(node.keys, node.values, strict=True)]
        exact = [v for n, v in pairs if isinstance(n, ast.Constant) and n.value == key and key is not None]
        return exact[-1:] or [value for _, value in pairs]
    if isinstance(node, ast.ListComp | ast.GeneratorExp):
        return [node.elt]
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        plain = not any(isinstance(one, ast.Starred) for one in node.elts)
        if plain and isinstance(key, int) and -len(node.elts) <= key < len(node.elts):
            return [node.elts[key]]
        return list(node.elts)
    return []


def _resolved(resolver: Resolving, nodes: Iterable[ast.expr], scope: Scope) -> Values:
    found: set[Value] = set()
    for node in nodes:
        found |= resolver.resolve(node, scope)
    return frozenset(found)


def literal(values: Values) -> Literal | None:
    """The one literal among the values, when there is nothing else."""
    if len(values) != 1:
        return None
    (only,) = values
    return only if isinstance(only, Literal) else None
