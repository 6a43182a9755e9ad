"""What each kind of statement binds: one small function for each, in a table by the type of the node."""

from __future__ import annotations

import ast
from collections.abc import Callable

from include.detector.bindings import (
    Assigned,
    Binding,
    Defined,
    Definition,
    Function,
    Imported,
    Iterated,
    Opaque,
    Parameter,
    Scope,
)


def bind_parameters(node: ast.AST, inner: Scope) -> None:
    """Bind the parameters of a function or lambda in its own scope, with their defaults."""
    if not isinstance(node, Function) or inner.parent is None:
        return
    arguments = node.args
    names = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(names) - len(arguments.defaults)) + [*arguments.defaults]
    pairs = [
        *zip(names, defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    pairs += [(extra, None) for extra in (arguments.vararg, arguments.kwarg) if extra]
    places = {name: index for index, name in enumerate(names)}
    for name, default in pairs:
        collects = name in {arguments.vararg, arguments.kwarg}
        inner.bind(name.arg, Opaque() if collects else Parameter(node, name.arg, places.get(name)))
        if default is not None:
            inner.bind(name.arg, Assigned(default, inner.parent))


def bind_target(
    target: ast.expr, scope: Scope, make: Callable[[tuple[int, ...]], Binding], position: tuple[int, ...] = ()
) -> None:
    """Bind every name of an assignment's or loop's target; attributes of `self` go to the class."""
    if isinstance(target, ast.Name):
        scope.bind(target.id, make(position))
    elif isinstance(target, ast.Tuple | ast.List):
        for index, item in enumerate(target.elts):
            bind_target(item, scope, make, (*position, index))
    elif isinstance(target, ast.Starred):
        bind_target(target.value, scope, lambda _: Opaque())
    elif (
        isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self"
    ):
        owner = scope.parent
        if owner is not None and isinstance(owner.node, ast.ClassDef):
            owner.bind(target.attr, make(position))


def _assign(node: ast.AST, scope: Scope) -> None:
    assert isinstance(node, ast.Assign)  # noqa: S101 - the table below guarantees it
    for target in node.targets:
        bind_target(target, scope, lambda position: Assigned(node.value, scope, position))


def _assign_one(node: ast.AST, scope: Scope) -> None:
    assert isinstance(node, ast.AnnAssign | ast.NamedExpr)  # noqa: S101
    value = node.value
    if value is not None:
        bind_target(node.target, scope, lambda position: Assigned(value, scope, position))


def _augment(node: ast.AST, scope: Scope) -> None:
    assert isinstance(node, ast.AugAssign)  # noqa: S101
    bind_target(node.target, scope, lambda _: Opaque())


def _loop(node: ast.AST, scope: Scope) -> None:
    assert isinstance(node, ast.For | ast.AsyncFor | ast.comprehension)  # noqa: S101
    bind_target(node.target, scope, lambda position: Iterated(node.iter, scope, position))


def _enter(node: ast.AST, scope: Scope) -> None:
    assert isinstance(node, ast.withitem)  # noqa: S101
    if node.optional_vars is not None:
        bind_target(node.optional_vars, scope, lambda position: Assigned(node.context_expr, scope, position))


def _define(node: ast.AST, scope: Scope) -> None:
    assert isinstance(node, Definition)  # noqa: S101
    scope.bind(node.name, Defined(node))


def _import(node: ast.AST, scope: Scope) -> None:
    assert isinstance(node, ast.Import)  # noqa: S101
    for alias in node.names:
        path = alias.name if alias.asname else alias.name.partition(".")[0]
        scope.bind(alias.asname or path, Imported(path))


def _import_from(node: ast.AST, scope: Scope) -> None:
    assert isinstance(node, ast.ImportFrom)  # noqa: S101
    for alias in node.names:
        binding = Imported(node.module or "", alias.name, node.level)
        if alias.name == "*":
            scope.stars.append(binding)
        else:
            scope.bind(alias.asname or alias.name, binding)


def _declare(node: ast.AST, scope: Scope) -> None:
    assert isinstance(node, ast.Global | ast.Nonlocal)  # noqa: S101
    if isinstance(node, ast.Global):
        scope.outer_names.update(node.names)
    for name in node.names:
        scope.module().bind(name, Opaque())


def _catch(node: ast.AST, scope: Scope) -> None:
    assert isinstance(node, ast.ExceptHandler)  # noqa: S101
    if node.name:
        scope.bind(node.name, Opaque())


def _capture(node: ast.AST, scope: Scope) -> None:
    assert isinstance(node, ast.MatchAs | ast.MatchStar)  # noqa: S101
    if node.name:
        scope.bind(node.name, Opaque())


BINDERS: dict[type[ast.AST], Callable[[ast.AST, Scope], None]] = {
    ast.Assign: _assign,
    ast.AnnAssign: _assign_one,
    ast.NamedExpr: _assign_one,
    ast.AugAssign: _augment,
    ast.For: _loop,
    ast.AsyncFor: _loop,
    ast.comprehension: _loop,
    ast.withitem: _enter,
    ast.FunctionDef: _define,
    ast.AsyncFunctionDef: _define,
    ast.ClassDef: _define,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Global: _declare,
    ast.Nonlocal: _declare,
    ast.ExceptHandler: _catch,
    ast.MatchAs: _capture,
    ast.MatchStar: _capture,
}
