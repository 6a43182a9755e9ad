"""Which names each function, class and module binds, and to what: one flat pass, without recursion."""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Iterator

from include.detector import limits
from include.detector.binders import BINDERS, bind_parameters
from include.detector.bindings import Definition, Scope


class TooManyNodesError(Exception):
    """A module has more syntax nodes than are analysed."""


def build_scopes(tree: ast.Module) -> dict[ast.AST, Scope]:
    """Scopes of the module and of every class, function and lambda in it, by their node.

    Raises:
        TooManyNodesError: The module is beyond `limits.NODES`.
    """
    top = Scope(tree, None)
    count = 0
    scopes: dict[ast.AST, Scope] = {tree: top}
    queue: deque[tuple[ast.AST, Scope]] = deque((statement, top) for statement in tree.body)
    while queue:
        node, scope = queue.popleft()
        count += 1
        if count > limits.NODES:
            raise TooManyNodesError
        if binder := BINDERS.get(type(node)):
            binder(node, scope)
        elif isinstance(node, ast.Call):
            top.calls.setdefault(_called_name(node), []).append((node, scope))
        inner = scope
        if isinstance(node, Definition | ast.Lambda):
            inner = scopes[node] = Scope(node, scope)
            bind_parameters(node, inner)
        queue.extend(_children(node, scope, inner))
    return scopes


def _children(node: ast.AST, outer: Scope, inner: Scope) -> Iterator[tuple[ast.AST, Scope]]:
    for name in node._fields:
        value = getattr(node, name, None)
        scope = inner if name == "body" else outer
        for child in value if isinstance(value, list) else (value,):
            if isinstance(child, ast.AST) and type(child) not in _LEAVES:
                yield child, scope


def _called_name(node: ast.Call) -> str:
    match node.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


_LEAVES: frozenset[type] = frozenset(
    {
        ast.Name,
        ast.Constant,
        ast.alias,
        ast.Load,
        ast.Store,
        ast.Del,
        str,
        int,
        bool,
        bytes,
        float,
        type(None),
    }
    | {*ast.operator.__subclasses__(), *ast.cmpop.__subclasses__(), *ast.unaryop.__subclasses__()}
)
"""What binds no name and has no parts that do; most of a syntax tree."""
