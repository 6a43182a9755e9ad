"""What the calls of a function give to its parameters, as far as the calls can be found."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from include.detector.bindings import Definition, Parameter, Scope
from include.detector.program import Module
from include.detector.values import NOTHING, Literal, Local, Values

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
        name: What is called.
        readable: How many calls the name has, when each of them was understood; else None.
    """

    values: tuple[tuple[ast.expr, Scope], ...] = ()
    left_out: int = 0
    name: str = ""
    readable: int | None = None

    def is_complete(self, modules: Iterable[Module]) -> bool:
        """Whether nothing can call the function otherwise: its name is read for these calls only."""
        return self.readable is not None and self.readable == sum(
            module.mentions()[self.name] for module in modules
        )


def given(resolver: Resolving, parameter: Parameter, scope: Scope) -> Given:
    """Look the parameter up in every call of its function in the modules that the script reaches.

    Args:
        resolver: Resolves what is called.
        parameter: The parameter.
        scope: The function's own scope.
    """
    owner = _callable(parameter, scope)
    if owner is None:
        return Given()
    sites = [site for module in resolver.modules for site in module.scope.calls.get(owner.name, [])]
    calls = [site for site in sites[:_MOST_SITES] if _calls(resolver, site, owner)]
    offset = 1 if isinstance(scope.parent and scope.parent.node, ast.ClassDef) else 0
    found = [(_argument(call, parameter, offset), at) for call, at in calls]
    values = tuple((value, at) for value, at in found if isinstance(value, ast.expr))
    left_out = sum(value is None for value, _ in found)
    readable = len(values) + left_out == len(found) == len(sites)
    return Given(values, left_out, owner.name, len(sites) if readable else None)


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


def default_of_option(resolver: Resolving, name: str) -> Values:
    """The text that a command-line option has when nobody gives it: `add_argument("--a", default="b")`."""
    for module in resolver.modules:
        for call, scope in module.scope.calls.get("add_argument", []):
            defaults = [keyword.value for keyword in call.keywords if keyword.arg == "default"]
            if defaults and name in _destinations(call):
                found = resolver.resolve(defaults[0], scope)
                return frozenset(
                    one for one in found if isinstance(one, Literal) and isinstance(one.value, str)
                )
    return NOTHING


def _destinations(call: ast.Call) -> list[str]:
    named = [keyword.value for keyword in call.keywords if keyword.arg == "dest"]
    texts = (one.value for one in named or call.args if isinstance(one, ast.Constant))
    return [text.lstrip("-").replace("-", "_") for text in texts if isinstance(text, str)]
