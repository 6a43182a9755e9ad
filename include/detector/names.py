"""Finds out what an expression stands for, through every alias, without running anything."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator

from include.detector.bindings import Assigned, Binding, Defined, Imported, Iterated, Scope
from include.detector.containers import elements, item
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
)

_MOST_VALUES = 48
_MOST_STARS = 12
_LONGEST_PATH = 200
_DEEPEST = 60
_BUILTINS = frozenset(dir(builtins))
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


class Resolver:
    """Resolves expressions of one program; answers are remembered.

    Args:
        program: The pushed files.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self._known: dict[tuple[ast.expr, Scope], Values] = {}
        self._looked_up: dict[tuple[Scope, str], Values] = {}
        self._depth = 0

    def resolve(self, node: ast.expr, scope: Scope) -> Values:
        """All that the expression can stand for; empty when only running the code could tell."""
        key = (node, scope)
        if key in self._known or self._depth > _DEEPEST:
            return self._known.get(key, NOTHING)
        self._known[key] = NOTHING
        self._depth += 1
        try:
            self._known[key] = _bounded(self._resolve(node, scope))
        finally:
            self._depth -= 1
        return self._known[key]

    def paths(self, node: ast.expr, scope: Scope) -> frozenset[str]:
        """The library paths among the values."""
        return frozenset(value.path for value in self.resolve(node, scope) if isinstance(value, External))

    def attribute(self, value: Value, name: str) -> Values:
        """What `value.name` stands for."""
        match value:
            case External(path):
                local = self.program.find(f"{path}.{name}", "") if "(" not in path else None
                return frozenset({LocalModule(local) if local else External(f"{path}.{name}")})
            case LocalModule(module):
                return self._exported(module, name)
            case Instance(Local(module, ast.ClassDef() as node)) | Local(module, ast.ClassDef() as node):
                return self._bound(module.scopes[node], name) or self._inherited(module, node, name)
        return NOTHING

    def _resolve(self, node: ast.expr, scope: Scope) -> Iterable[Value]:
        match node:
            case ast.Name(id=name):
                return self._lookup(scope, name)
            case ast.Attribute(value=inner, attr=name):
                return _union(self.attribute(value, name) for value in self.resolve(inner, scope))
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
                return _union(self.resolve(option, scope) for option in options)
            case ast.NamedExpr(value=inner) | ast.Await(value=inner) | ast.Starred(value=inner):
                return self.resolve(inner, scope)
            case ast.Lambda():
                return [Local(self.program.owner(scope), node)]
        return NOTHING

    def _lookup(self, scope: Scope, name: str) -> Values:
        key = (scope, name)
        if key not in self._looked_up:
            self._looked_up[key] = NOTHING  # a name that is defined by itself adds nothing
            self._looked_up[key] = self._look_up(scope, name)
        return self._looked_up[key]

    def _look_up(self, scope: Scope, name: str) -> Values:
        for level in scope.chain():
            if name == "self" and level.parent and isinstance(level.parent.node, ast.ClassDef):
                return frozenset({Instance(Local(self.program.owner(scope), level.parent.node))})
            if name in level.bindings:
                return self._bound(level, name)
        if found := self._starred(scope, name):
            return found
        return frozenset({External(f"builtins.{name}" if name in _BUILTINS else f"unbound.{name}")})

    def _starred(self, scope: Scope, name: str) -> Values:
        if name in _BUILTINS or name.startswith("_"):
            return NOTHING
        module = self.program.owner(scope)
        stars = [star for level in scope.chain() for star in level.stars]
        return _union(self._from_star(star, module, name) for star in stars[:_MOST_STARS])

    def _from_star(self, star: Imported, module: Module, name: str) -> Values:
        local = self.program.find(star.path, module.file, star.level)
        if local is not None:
            return self._exported(local, name) if local is not module else NOTHING
        return frozenset({External(f"{star.path}.{name}")}) if not star.level else NOTHING

    def _exported(self, module: Module, name: str) -> Values:
        if name in module.scope.bindings:
            return self._bound(module.scope, name)
        folder = module.file.rpartition("/")[0]
        if module.file.endswith("__init__.py"):
            local = self.program.find(name, f"{folder}/x" if folder else "x", 1)
            if local is not None:
                return frozenset({LocalModule(local)})
        if self._depth > _DEEPEST:
            return NOTHING
        self._depth += 1
        try:
            return self._starred(module.scope, name)
        finally:
            self._depth -= 1

    def _bound(self, scope: Scope, name: str) -> Values:
        bindings = scope.bindings.get(name, [])
        return _union(self._binding(binding, scope) for binding in bindings[:_MOST_VALUES])

    def _binding(self, binding: Binding, scope: Scope) -> Values:
        match binding:
            case Imported():
                return self._imported(binding, self.program.owner(scope))
            case Assigned(value, home, position):
                found = self.resolve(value, home)
                for index in position:
                    found = _union(item(self, one, index) for one in found)
                return found
            case Iterated(value, home, position):
                return elements(self, value, home, position)
            case Defined(node):
                return frozenset({Local(self.program.owner(scope), node)})
        return NOTHING

    def _imported(self, binding: Imported, module: Module) -> Values:
        whole = (
            f"{binding.path}.{binding.name}"
            if binding.path and binding.name
            else binding.path or binding.name
        )
        local = self.program.find(binding.path, module.file, binding.level) if binding.path else None
        if binding.name is None:
            return frozenset({LocalModule(local) if local else External(binding.path)})
        if local is not None and local is not module and (found := self._exported(local, binding.name)):
            return found
        submodule = self.program.find(str(whole), module.file, binding.level)
        if submodule is not None:
            return frozenset({LocalModule(submodule)})
        return NOTHING if local or binding.level else frozenset({External(str(whole))})

    def _inherited(self, module: Module, node: ast.ClassDef, name: str) -> Values:
        if self._depth > _DEEPEST:
            return NOTHING
        self._depth += 1
        try:
            scope = module.scopes[node].parent or module.scope
            bases = _union(self.resolve(base, scope) for base in node.bases)
            return _union(self.attribute(_instance(base), name) for base in bases)
        finally:
            self._depth -= 1

    def _call(self, node: ast.Call, scope: Scope) -> Values:
        return _union(self._called(value, node, scope) for value in self.resolve(node.func, scope))

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
            return _union(self.attribute(v, n) for v in self.resolve(arguments[0], scope) for n in names)
        if path in {"builtins.__import__", "importlib.import_module"} and arguments:
            names = self.texts(arguments[0], scope)
            return _union(self._imported(Imported(name), self.program.owner(scope)) for name in names)
        if path in _PASS_THROUGH and arguments:
            return self.resolve(arguments[0], scope)
        if path in {"builtins.vars", "builtins.globals", "builtins.locals"}:
            return (
                frozenset({External(f"{path}()")})
                if not arguments
                else _namespaces(self, arguments[0], scope)
            )
        return frozenset({External(f"{path}()")})

    def texts(self, node: ast.expr, scope: Scope) -> list[str]:
        """The literal texts that the expression can stand for, sorted."""
        found = self.resolve(node, scope)
        return sorted(
            value.value for value in found if isinstance(value, Literal) and isinstance(value.value, str)
        )

    def _returned(self, module: Module, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> Values:
        scope = module.scopes[node]
        if isinstance(node, ast.Lambda):
            return self.resolve(node.body, scope)
        return _union(self.resolve(value, scope) for value in _return_values(node))

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Values:
        keys = [value.value for value in self.resolve(node.slice, scope) if isinstance(value, Literal)]
        key = keys[0] if len(keys) == 1 else None
        return _union(item(self, value, key, scope) for value in self.resolve(node.value, scope))


def _namespaces(resolver: Resolver, node: ast.expr, scope: Scope) -> Values:
    return frozenset(External(f"{path}.__dict__") for path in resolver.paths(node, scope))


def _instance(value: Value) -> Value:
    if isinstance(value, External):
        return External(f"{value.path}()")
    return Instance(value) if isinstance(value, Local) and isinstance(value.node, ast.ClassDef) else value


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


def _union(groups: Iterable[Values]) -> Values:
    result: set[Value] = set()
    for group in groups:
        result |= group
    return _bounded(result)


def _bounded(values: Iterable[Value]) -> Values:
    kept = [value for value in values if not isinstance(value, External) or len(value.path) < _LONGEST_PATH]
    if len(kept) > _MOST_VALUES:
        kept.sort(key=lambda value: value.path if isinstance(value, External) else "~")
    return frozenset(kept[:_MOST_VALUES])
