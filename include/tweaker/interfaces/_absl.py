"""Reads flags of absl, which TensorFlow 1 had too: ``flags.DEFINE_integer("filters", 32, "…")``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from include.tweaker.interfaces._option import Option
from include.tweaker.interfaces._resolve import Resolver
from include.tweaker.interfaces._spots import Literal
from include.tweaker.interfaces._syntax import CallSite, Module, dotted
from include.tweaker.space import Value

_WHOLE = {"DEFINE_integer": True, "DEFINE_float": False, "DEFINE_string": None, "DEFINE_enum": None}


def absl_options(modules: Sequence[Module], resolver: Resolver) -> Iterator[Option]:
    """Yield the flags of a script that have a default, and those that it insists on."""
    sites = [site for module in modules for site in module.calls]
    required = {
        name for site in sites if _last(site) == "mark_flag_as_required" for name in _texts(site, resolver)
    }
    for site in sites:
        kind = _last(site)
        if kind not in _WHOLE or not (name := next(_texts(site, resolver), "")):
            continue
        literal = _literal(_given(site, "default", 1), site, resolver)
        default = literal.value if literal is not None else None
        choices = _choices(_given(site, "enum_values", 2), site, resolver) if kind == "DEFINE_enum" else ()
        if default is not None or name in required or _is_true(site, "required"):
            whole, token = _WHOLE[kind], literal.token if literal is not None else None
            value = float(default) if whole is False and default else default
            yield Option(name, f"--{name}", value, whole, choices, token)


def _last(site: CallSite) -> str:
    return dotted(site.node.func).rpartition(".")[2]


def _given(site: CallSite, name: str, position: int) -> cst.BaseExpression | None:
    for index, argument in enumerate(site.node.args):
        if (argument.keyword.value if argument.keyword else None) == name:
            return argument.value
        if argument.keyword is None and index == position:
            return argument.value
    return None


def _texts(site: CallSite, resolver: Resolver) -> Iterator[str]:
    value = _value(_given(site, "name", 0), site, resolver)
    if isinstance(value, str):
        yield value


def _value(node: cst.BaseExpression | None, site: CallSite, resolver: Resolver) -> Value | None:
    literal = _literal(node, site, resolver)
    return literal.value if literal is not None else None


def _literal(node: cst.BaseExpression | None, site: CallSite, resolver: Resolver) -> Literal | None:
    literal = resolver.literal(node, site.scope) if node is not None else None
    return literal if isinstance(literal, Literal) else None


def _choices(node: cst.BaseExpression | None, site: CallSite, resolver: Resolver) -> tuple[Value, ...]:
    if node is None:
        return ()
    found = [_value(spot.node, site, resolver) for spot in resolver.parts(node, site.scope)]
    known = tuple(value for value in found if value is not None)
    return known if len(known) == len(found) else ()


def _is_true(site: CallSite, name: str) -> bool:
    node = _given(site, name, -1)
    return node is not None and dotted(node) == "True"
