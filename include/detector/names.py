"""Finds out what an expression stands for, through every alias, without running anything."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from include.detector.bindings import Imported, Scope
from include.detector.containers import item
from include.detector.lookup import DEEPEST, Lookup
from include.detector.program import Module, Program
from include.detector.values import (
    NOTHING,
    External,
    Instance,
    Items,
    Literal,
    Local,
    LocalModule,
    Value,
    Values,
    bounded,
    union,
)

_LONGEST_NAME = 80
_PASS_THROUGH = frozenset(
    {
        "functools.partial",
        "builtins.list",
        "builtins.tuple",
        "builtins.reversed",
        "builtins.sorted",
        "builtins.iter",
    }
)


class Resolver(Lookup):
    """Resolves expressions of one program; answers are remembered.

    Args:
        program: The pushed files.
    """

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self._known: dict[tuple[ast.expr, Scope], Values] = {}

    def resolve(self, node: ast.expr, scope: Scope) -> Values:
        """All that the expression can stand for; empty when only running the code could tell."""
        key = (node, scope)
        if key in self._known or self._depth > DEEPEST:
            return self._known.get(key, NOTHING)
        self._known[key] = NOTHING
        self._depth += 1
        try:
            self._known[key] = bounded(self._resolve(node, scope))
        finally:
            self._depth -= 1
        return self._known[key]

    def paths(self, node: ast.expr, scope: Scope) -> frozenset[str]:
        """The library paths among the values."""
        return frozenset(value.path for value in self.resolve(node, scope) if isinstance(value, External))

    def texts(self, node: ast.expr, scope: Scope) -> list[str]:
        """The literal texts that the expression can stand for, sorted."""
        found = self.resolve(node, scope)
        return sorted(
            value.value for value in found if isinstance(value, Literal) and isinstance(value.value, str)
        )

    def _resolve(self, node: ast.expr, scope: Scope) -> Iterable[Value]:
        match node:
            case ast.Name(id=name):
                return self._lookup(scope, name)
            case ast.Attribute(value=inner, attr=name):
                return union(self.attribute(value, name) for value in self.resolve(inner, scope))
            case ast.Call():
                return self._call(node, scope)
            case ast.Subscript():
                return self._subscript(node, scope)
            case ast.Constant(value=value):
                return [Literal(value)]
            case ast.List() | ast.Tuple() | ast.Set() | ast.Dict() | ast.ListComp() | ast.GeneratorExp():
                return [Items(node, scope)]
            case ast.IfExp(body=first, orelse=second):
                return self.resolve(first, scope) | self.resolve(second, scope)
            case ast.BoolOp(values=options):
                return union(self.resolve(option, scope) for option in options)
            case ast.NamedExpr(value=inner) | ast.Await(value=inner) | ast.Starred(value=inner):
                return self.resolve(inner, scope)
            case ast.Lambda():
                return [Local(self.program.owner(scope), node)]
            case ast.BinOp(left=first, op=ast.Add(), right=second):
                return self._joined(first, second, scope)
        return NOTHING

    def _joined(self, first: ast.expr, second: ast.expr, scope: Scope) -> Iterator[Value]:
        """`"Conv" + "2D"`; only short texts are names."""
        for start in self.texts(first, scope)[:1]:
            for end in self.texts(second, scope)[:1]:
                if len(start) + len(end) <= _LONGEST_NAME:
                    yield Literal(start + end)

    def _call(self, node: ast.Call, scope: Scope) -> Values:
        return union(self._called(value, node, scope) for value in self.resolve(node.func, scope))

    def _called(self, function: Value, node: ast.Call, scope: Scope) -> Values:
        match function:
            case Local(_, ast.ClassDef()):
                return frozenset({Instance(function)})
            case Local(module, ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda() as inner):
                return self._returned(module, inner)
            case External(path):
                return self._called_library(path, node, scope)
        return NOTHING

    def _called_library(self, path: str, node: ast.Call, scope: Scope) -> Values:
        arguments = node.args
        if path == "builtins.getattr" and len(arguments) >= 2:
            names = self.texts(arguments[1], scope) or ["*"]
            return union(self.attribute(v, n) for v in self.resolve(arguments[0], scope) for n in names)
        if path in {"builtins.__import__", "importlib.import_module"} and arguments:
            names = self.texts(arguments[0], scope)
            return union(self._imported(Imported(name), self.program.owner(scope)) for name in names)
        if path in _PASS_THROUGH and arguments:
            return self.resolve(arguments[0], scope)
        if path in {"builtins.vars", "builtins.globals", "builtins.locals"}:
            whole = not arguments
            return frozenset({External(f"{path}()")}) if whole else _namespaces(self, arguments[0], scope)
        return frozenset({External(f"{path}()")})

    def _returned(self, module: Module, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> Values:
        scope = module.scopes[node]
        if isinstance(node, ast.Lambda):
            return self.resolve(node.body, scope)
        return union(self.resolve(value, scope) for value in _return_values(node))

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Values:
        keys = [value.value for value in self.resolve(node.slice, scope) if isinstance(value, Literal)]
        key = keys[0] if len(keys) == 1 else None
        return union(item(self, value, key, scope) for value in self.resolve(node.value, scope))


def _namespaces(resolver: Resolver, node: ast.expr, scope: Scope) -> Values:
    values = resolver.resolve(node, scope)
    local = {value for value in values if isinstance(value, LocalModule | Instance)}
    return frozenset(External(f"{path}.__dict__") for path in resolver.paths(node, scope)) | local


def _return_values(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.expr]:
    stack: list[ast.AST] = [*node.body]
    while stack:
        inner = stack.pop()
        if isinstance(inner, ast.Return) and inner.value is not None:
            yield inner.value
        elif isinstance(inner, ast.stmt) and not isinstance(
            inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
        ):
            stack.extend(ast.iter_child_nodes(inner))
        elif isinstance(inner, ast.ExceptHandler | ast.match_case):
            stack.extend(inner.body)
