"""What the calls of a function give to its parameters, as far as the calls can be found."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from include.detector.bindings import Definition, Imported, Parameter, Scope
from include.detector.program import Module
from include.detector.values import Local, Values

_MOST_SITES = 16
_BOUND_TO_CLASS = frozenset({"staticmethod"})


class Resolving(Protocol):
    """What is needed of a resolver here."""

    modules: list[Module]

    def resolve(self, node: ast.expr, scope: Scope) -> Values:
        """All that the expression can stand for."""


@dataclass(frozen=True)
class Given:
    """What a parameter gets.

    Args:
        values: The arguments of the calls, each with the scope it stands in.
        left_out: How many calls leave it to the default.
        complete: These are all calls there are, and all of them could be read.
    """

    values: tuple[tuple[ast.expr, Scope], ...]
    left_out: int
    complete: bool


def given(resolver: Resolving, parameter: Parameter, scope: Scope) -> Given:
    """Look the parameter up in every call of its function in the modules that the script reaches.

    Args:
        resolver: Resolves what is called.
        parameter: The parameter.
        scope: The function's own scope.
    """
    owner = _callable(parameter, scope)
    if owner is None:
        return Given((), 0, complete=False)
    sites = [site for module in resolver.modules for site in module.scope.calls.get(owner.name, [])]
    calls = [site for site in sites[:_MOST_SITES] if _calls(resolver, site, owner)]
    offset = 1 if isinstance(scope.parent and scope.parent.node, ast.ClassDef) else 0
    found = [(_argument(call, parameter, offset), at) for call, at in calls]
    values = tuple((value, at) for value, at in found if isinstance(value, ast.expr))
    left_out = sum(value is None for value, _ in found)
    readable = len(values) + left_out == len(found) == len(sites)
    return Given(
        values, left_out, complete=readable and _mentions(resolver.modules, owner.name) == len(sites)
    )


def _callable(parameter: Parameter, scope: Scope) -> Definition | None:
    """What is called to call the parameter's function: itself, or for `__init__` its class."""
    node = parameter.node
    if isinstance(node, ast.Lambda) or any(_hides(decorator) for decorator in node.decorator_list):
        return None
    outer = scope.parent.node if scope.parent else None
    if isinstance(outer, ast.ClassDef):
        if parameter.position == 0:
            return None  # self
        return outer if node.name == "__init__" else node
    return node


def _hides(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Name) and decorator.id in _BOUND_TO_CLASS


def _calls(resolver: Resolving, site: tuple[ast.Call, Scope], owner: Definition) -> bool:
    call, scope = site
    return any(
        isinstance(value, Local) and value.node is owner for value in resolver.resolve(call.func, scope)
    )


def _argument(call: ast.Call, parameter: Parameter, offset: int) -> ast.expr | str | None:
    """The argument; None when the call leaves it out, a text when only running the code could tell."""
    for keyword in call.keywords:
        if keyword.arg == parameter.name:
            return keyword.value
    if parameter.position is not None:
        place = parameter.position - offset
        before = call.args[: place + 1]
        if any(isinstance(argument, ast.Starred) for argument in before):
            return "unpacked"
        if place < len(call.args):
            return call.args[place]
    return "unpacked" if any(keyword.arg is None for keyword in call.keywords) else None


def _mentions(modules: Iterable[Module], name: str) -> int:
    """How often the name is read, counting an import under another name as one reading too many."""
    return sum(_mentions_in(module, name) for module in modules)


def _mentions_in(module: Module, name: str) -> int:
    renamed = sum(
        isinstance(binding, Imported) and binding.name == name and bound != name
        for bound, bindings in module.scope.bindings.items()
        for binding in bindings
    )
    return module.mentions()[name] + renamed
