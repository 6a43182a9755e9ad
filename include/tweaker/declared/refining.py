"""Refines a discovered search space by what is declared of its parameters."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from include.tweaker.declared.distributions import declared_distribution
from include.tweaker.declared.model import Declared, DeclaredParameter
from include.tweaker.errors import DeclarationError
from include.tweaker.space import Parameter, SearchSpace
from include.tweaker.values import contains

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution


def refine(space: SearchSpace, declared: Declared, operator: Declared | None = None) -> SearchSpace:
    """Return a space as it is declared: ranges replaced, conditions set, fixed parameters left out.

    Args:
        space: What was discovered.
        declared: The developer's file.
        operator: An operator's file for the same repository. It is applied first, and what it says of a
            parameter `declared` may narrow, never widen.

    Raises:
        DeclarationError: A name isn't in the space, or a range is impossible or without the developer's own
            value. It names file, key and the nearest valid name or value, for every mistake at once.
    """
    if operator is not None:
        space = refine(space, operator)
    held = set(operator.parameters) if operator is not None else set()
    problems: list[str] = []
    parameters = list(space.parameters)
    for name, entry in declared.parameters.items():
        found = next((p for p in parameters if p.name == name), None)
        if found is None:
            problems.append(_unknown(f"parameters.{name}", name, space))
            continue
        refined = _refined(found, entry, space, problems, held=name in held)
        parameters[parameters.index(found)] = refined
    dropped = {name for pattern in declared.fixed for name in _fixed(pattern, space, problems)}
    if problems:
        raise DeclarationError(declared.source, problems)
    kept = [p for p in parameters if p.name not in dropped]
    kept = [p for p in kept if p.active_if is None or p.active_if[0] not in dropped]
    ordered = _ordered(kept)
    if len(ordered) < len(kept):
        circle = next(p for p in kept if p not in ordered)
        raise DeclarationError(
            declared.source,
            [f"`parameters.{circle.name}.only_if`: parameters depend on each other in a circle"],
        )
    return replace(space, parameters=tuple(ordered))


def _refined(
    parameter: Parameter, entry: DeclaredParameter, space: SearchSpace, problems: list[str], *, held: bool
) -> Parameter:
    distribution = parameter.distribution
    key = f"parameters.{parameter.name}"
    try:
        distribution = declared_distribution(parameter, entry, space.interface, held=held)
        _check_default(parameter, distribution)
    except ValueError as error:
        problems.append(f"`{key}`: {error}")
    condition = parameter.active_if
    for name, least in (entry.only_if or {}).items():
        if name == parameter.name or name not in {p.name for p in space.parameters}:
            problems.append(_unknown(f"{key}.only_if", name, space))
        elif condition is not None and (name, least) != condition:
            problems.append(
                f"`{key}.only_if`: it counts only while {condition[0]} ≥ {condition[1]}; remove the key"
            )
        else:
            condition = (name, least)
    return replace(parameter, distribution=distribution, active_if=condition)


def _check_default(parameter: Parameter, distribution: BaseDistribution) -> None:
    if not contains(distribution, parameter.default):
        raise ValueError(
            f"your own value {parameter.default} isn't among the declared ones, and trial 1 is always yours; "
            "widen the range, or push a value inside it"
        )


def _fixed(pattern: str, space: SearchSpace, problems: list[str]) -> list[str]:
    names = [p.name for p in space.parameters if fnmatchcase(p.name, pattern)]
    if not names:
        problems.append(_unknown("fixed", pattern, space))
    return names


def _unknown(key: str, name: str, space: SearchSpace) -> str:
    names = [p.name for p in space.parameters]
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.0)
    hint = f"the nearest is `{near[0]}`; " if near else ""
    return f"`{key}`: no hyper-parameter is called {name!r}; {hint}there are: {', '.join(names)}"


def _ordered(parameters: list[Parameter]) -> list[Parameter]:
    """Return each parameter behind the one that it depends on; those in a circle are left out."""
    done: dict[str, Parameter] = {}

    def ready(parameter: Parameter) -> bool:
        return parameter.active_if is None or parameter.active_if[0] in done

    def add() -> Iterator[bool]:
        for parameter in parameters:
            if parameter.name not in done and ready(parameter):
                done[parameter.name] = parameter
                yield True

    while any(list(add())):
        pass
    return list(done.values())
