"""What a name can stand for, as far as it shows without running the code."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from include.detector.bindings import Scope
    from include.detector.program import Module


@dataclass(frozen=True)
class External:
    """Something of a library, by its full path; a call adds `()`, an item `[]`.

    `m = keras.Sequential(); m.fit` is `keras.Sequential().fit`.
    """

    path: str


@dataclass(frozen=True)
class Local:
    """A function, lambda or class that the push itself defines."""

    module: Module
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef


@dataclass(frozen=True)
class Instance:
    """An object of a class that the push itself defines."""

    of: Local


@dataclass(frozen=True)
class LocalModule:
    """A module of the push itself."""

    module: Module


@dataclass(frozen=True)
class Literal:
    """A number, text, boolean or None as written."""

    value: object


@dataclass(frozen=True)
class Items:
    """A list, tuple, set, dictionary or comprehension as written, with the scope its names belong to."""

    node: ast.expr
    scope: Scope


Value = External | Local | Instance | LocalModule | Literal | Items
Values = frozenset[Value]
NOTHING: Values = frozenset()

_MOST_VALUES = 48
_LONGEST_PATH = 200


def union(groups: Iterable[Values]) -> Values:
    """All values of all groups, bounded."""
    result: set[Value] = set()
    for group in groups:
        result |= group
    return bounded(result)


def bounded(values: Iterable[Value]) -> Values:
    """At most so many values that following them stays quick, always the same ones."""
    kept = [value for value in values if not isinstance(value, External) or len(value.path) < _LONGEST_PATH]
    if len(kept) > _MOST_VALUES:
        kept.sort(key=place)
    return frozenset(kept[:_MOST_VALUES])


def place(value: Value) -> tuple[str, int, int]:
    """Brings values into an order that is the same each time: libraries' by path, the push's by line."""
    match value:
        case External(path):
            return (path, 0, 0)
        case Literal(constant):
            return (f"~{constant[:80] if isinstance(constant, str) else type(constant).__name__}", 0, 0)
        case Instance(of):
            return place(of)
        case LocalModule(module):
            return (f"~{module.file}", 0, 0)
        case Local(module, node):
            return (f"~{module.file}", node.lineno, node.col_offset)
    return ("~", value.node.lineno, value.node.col_offset)
