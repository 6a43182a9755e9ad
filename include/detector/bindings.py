"""What a name is bound to, as the code spells it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(frozen=True)
class Imported:
    """`import path`, `from path import name`; level counts the dots of a relative import."""

    path: str
    name: str | None = None
    level: int = 0


@dataclass(frozen=True)
class Assigned:
    """The name gets the value of the expression, or its item at `position` (nested for nested targets)."""

    value: ast.expr
    scope: Scope
    position: tuple[int, ...] = ()


@dataclass(frozen=True)
class Iterated:
    """The name gets, in turn, each item of the expression, or each item's item at `position`."""

    value: ast.expr
    scope: Scope
    position: tuple[int, ...] = ()


@dataclass(frozen=True)
class Defined:
    """`def` or `class`."""

    node: Definition


@dataclass(frozen=True)
class Parameter:
    """A parameter, which gets what the calls of its function give it.

    Args:
        node: The function.
        name: Its name.
        position: Place among the positional parameters from 0, None for one that is given by name only.
    """

    node: Function
    name: str
    position: int | None


@dataclass(frozen=True)
class Opaque:
    """Bound to something that only running the code can tell: an exception, `*args`, `x += 1`."""


Binding = Imported | Assigned | Iterated | Defined | Parameter | Opaque


@dataclass(eq=False)
class Scope:
    """The names of one module, class or function body.

    Args:
        node: The module, class, function or lambda.
        parent: The scope around it, None for a module.
        calls: For a module, every call in it by the last name of what is called, with its scope.
    """

    node: ast.AST
    parent: Scope | None
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    stars: list[Imported] = field(default_factory=list)
    outer_names: set[str] = field(default_factory=set)
    calls: dict[str, list[tuple[ast.Call, Scope]]] = field(default_factory=dict)

    def bind(self, name: str, binding: Binding) -> None:
        """Add one more thing that the name can stand for; `global` names go to the module's scope."""
        home = self.module() if name in self.outer_names else self
        home.bindings.setdefault(name, []).append(binding)

    def module(self) -> Scope:
        """The scope of the module around."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def chain(self) -> Iterator[Scope]:
        """This scope and those around it in which Python looks a name up (classes only from inside)."""
        yield self
        scope = self.parent
        while scope is not None:
            if not isinstance(scope.node, ast.ClassDef):
                yield scope
            scope = scope.parent
