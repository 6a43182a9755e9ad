"""Looks names up where the code binds them: scopes, imports, star imports, class bodies."""

from __future__ import annotations

import ast
import builtins
from abc import ABC, abstractmethod
from collections.abc import Iterable

from include.detector.arguments import default_of_option, given
from include.detector.bindings import Assigned, Binding, Defined, Imported, Iterated, Parameter, Scope
from include.detector.containers import elements, item
from include.detector.program import Module, Program
from include.detector.values import NOTHING, External, Instance, Local, LocalModule, Value, Values, union

_MOST_BINDINGS = 48
_MOST_STARS = 12
DEEPEST = 50
_PARSED = ("ArgumentParser().parse_args()", "ArgumentParser().parse_known_args()[]")
_BUILTINS = frozenset(dir(builtins))
_FORGOTTEN_IMPORTS = {"keras": "keras", "tf": "tensorflow", "tensorflow": "tensorflow", "torch": "torch"}
"""What these names mean where nothing binds them: in a fragment, or below a cell that was left out."""


class Lookup(ABC):
    """The part of a resolver that finds what a name is bound to.

    Args:
        program: The pushed files.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.modules: list[Module] = []
        self.folding: list[Scope] = []
        self._looked_up: dict[tuple[Scope, str], Values] = {}
        self._depth = 0

    @abstractmethod
    def resolve(self, node: ast.expr, scope: Scope) -> Values:
        """All that the expression can stand for; empty when only running the code could tell."""

    def attribute(self, value: Value, name: str) -> Values:
        """What `value.name` stands for; every function and class of a module where the name is `*`."""
        match value:
            case External(path):
                if path.endswith(_PARSED) and (default := default_of_option(self, name)):
                    return default
                local = self.program.find(f"{path}.{name}", "") if "(" not in path else None
                return frozenset({LocalModule(local) if local else External(f"{path}.{name}")})
            case LocalModule() if name == "__dict__":
                return frozenset({value})
            case LocalModule(module):
                return self._exports(module) if name == "*" else self._exported(module, name)
            case Instance(Local(module, ast.ClassDef() as node)) | Local(module, ast.ClassDef() as node):
                return self._bound(module.scopes[node], name) or self._inherited(module, node, name)
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
        if name in _BUILTINS:
            return frozenset({External(f"builtins.{name}")})
        return frozenset({External(_FORGOTTEN_IMPORTS.get(name, f"unbound.{name}"))})

    def _starred(self, scope: Scope, name: str) -> Values:
        if name in _BUILTINS or name.startswith("_"):
            return NOTHING
        module = self.program.owner(scope)
        stars = [star for level in scope.chain() for star in level.stars]
        return union(self._from_star(star, module, name) for star in stars[:_MOST_STARS])

    def _from_star(self, star: Imported, module: Module, name: str) -> Values:
        local = self.program.find(star.path, module.file, star.level)
        if local is not None:
            return self._exported(local, name) if local is not module else NOTHING
        return frozenset({External(f"{star.path}.{name}")}) if not star.level else NOTHING

    def _exports(self, module: Module) -> Values:
        names = [name for name in module.scope.bindings if not name.startswith("_")][:_MOST_BINDINGS]
        found = union(self._exported(module, name) for name in names)
        stars = [self.program.find(star.path, module.file, star.level) for star in module.scope.stars]
        deeper = [local for local in stars[:_MOST_STARS] if local is not None and local is not module]
        if self._depth <= DEEPEST:
            self._depth += 10
            found |= union(self._exports(local) for local in deeper)
            self._depth -= 10
        return frozenset(value for value in found if isinstance(value, Local))

    def _exported(self, module: Module, name: str) -> Values:
        if name in module.scope.bindings:
            return self._bound(module.scope, name)
        folder = module.file.rpartition("/")[0]
        if module.file.endswith("__init__.py"):
            local = self.program.find(name, f"{folder}/x" if folder else "x", 1)
            if local is not None:
                return frozenset({LocalModule(local)})
        if self._depth > DEEPEST:
            return NOTHING
        self._depth += 1
        try:
            return self._starred(module.scope, name)
        finally:
            self._depth -= 1

    def _bound(self, scope: Scope, name: str) -> Values:
        bindings = scope.bindings.get(name, [])
        return union(self._binding(binding, scope) for binding in bindings[:_MOST_BINDINGS])

    def _binding(self, binding: Binding, scope: Scope) -> Values:
        match binding:
            case Imported():
                return self._imported(binding, self.program.owner(scope))
            case Assigned(value, home, position):
                return self._items(self.resolve(value, home), position)
            case Iterated(value, home, position):
                return elements(self, value, home, position)
            case Defined(node):
                return frozenset({Local(self.program.owner(scope), node)})
            case Parameter():
                return union(self.resolve(value, home) for value, home in given(self, binding, scope).values)
        return NOTHING

    def _items(self, values: Values, position: Iterable[int]) -> Values:
        for index in position:
            values = union(item(self, one, index) for one in values)
        return values

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
        if self._depth > DEEPEST:
            return NOTHING
        self._depth += 1
        try:
            scope = module.scopes[node].parent or module.scope
            bases = union(self.resolve(base, scope) for base in node.bases)
            return union(self.attribute(_instance(base), name) for base in bases)
        finally:
            self._depth -= 1


def _instance(value: Value) -> Value:
    if isinstance(value, External):
        return External(f"{value.path}()")
    return Instance(value) if isinstance(value, Local) and isinstance(value.node, ast.ClassDef) else value
