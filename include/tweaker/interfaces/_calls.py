"""Which Keras layer a call makes, through aliases, partial functions and Keras' older spellings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import libcst as cst

from include.tweaker.interfaces._keras import ALIASES, CLASSIC_SIDES, KERAS_1, SIGNATURES, Signature
from include.tweaker.interfaces._resolve import Resolver
from include.tweaker.interfaces._syntax import CallSite, Module, Scope, dotted


class Known(NamedTuple):
    """A Keras layer: what it is, its arguments by present-day names, and what Keras calls it."""

    signature: Signature
    arguments: dict[str, cst.Arg]
    name: str


def callee(call: cst.Call, module: Module) -> str:
    """Return the last part of a called name, through ``import … as``: ``Conv2D`` for ``layers.Conv2D``."""
    return _last(dotted(call.func), module)


def _last(name: str, module: Module) -> str:
    if "." not in name:
        origin = module.imports.get(name, ("", None))[1]
        return origin or name
    return name.rpartition(".")[2]


def signature(site: CallSite, resolver: Resolver) -> Known | None:
    """Return which Keras layer a call makes, or None."""
    if dotted(site.node.func).startswith(("self.", "cls.")):
        return None  # a method that somebody called as Keras calls its layer
    name, before = _followed(site.node.func, site.scope)
    if name in site.module.classes:
        bases = site.module.classes[name].bases
        if resolver.functions.called(site) is not None or not bases:
            return None
        name = _last(bases[0], site.module)
    elif resolver.functions.called(site) is not None:
        return None
    known = SIGNATURES.get(name)
    if known is None:
        return None
    given = sorted((*before, *site.node.args), key=lambda argument: argument.keyword is not None)
    positions = known.positions
    if known.kind == "conv" and _is_spelled_as_in_keras_1(site, resolver):
        positions = ("filters", *CLASSIC_SIDES[: int(name[-2])])
    return Known(known, dict(_named(given, positions)), name)


def _is_spelled_as_in_keras_1(site: CallSite, resolver: Resolver) -> bool:
    """Return whether a convolution is ``Convolution2D(32, 3, 3)``; today's third position is the strides.

    Three plain numbers mean that where anything else in the push is of that era.
    """
    if is_classic(site.node):
        return True
    plain = [a.value for a in site.node.args if a.keyword is None]
    return resolver.classic and len(plain) >= 3 and all(not isinstance(one, cst.Tuple) for one in plain[:3])


def _followed(func: cst.BaseExpression, scope: Scope) -> tuple[str, tuple[cst.Arg, ...]]:
    """Follow ``Conv = layers.Conv2D`` and ``Conv = partial(Conv2D, padding="same")``."""
    module = scope.module
    for _ in range(4):
        value = _bound(func, scope)
        if isinstance(value, cst.Call) and callee(value, module) == "partial" and value.args:
            return _last(dotted(value.args[0].value), module), tuple(value.args[1:])
        if value is None or not dotted(value):
            break
        func = value
    return _last(dotted(func), module), ()


def _bound(func: cst.BaseExpression, scope: Scope) -> cst.BaseExpression | None:
    if not isinstance(func, cst.Name):
        return None
    home: Scope | None = scope
    while home is not None and func.value not in home.bindings:
        home = home.parent
    found = home.bindings[func.value] if home is not None else []
    return found[0] if len(found) == 1 else None


def is_classic(call: cst.Call) -> bool:
    """Return whether a call has arguments that only Keras 1 had."""
    return bool(KERAS_1 & {argument.keyword.value for argument in call.args if argument.keyword is not None})


def _named(given: Sequence[cst.Arg], positions: tuple[str, ...]) -> Iterator[tuple[str, cst.Arg]]:
    for index, argument in enumerate(given):
        if argument.star:
            return
        if argument.keyword is not None:
            yield ALIASES.get(argument.keyword.value, argument.keyword.value), argument
        elif index < len(positions):
            yield positions[index], argument
