"""Reads the command line that a script defines: argparse, click, typer, absl, sys.argv."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from include.tweaker.interfaces._absl import absl_options
from include.tweaker.interfaces._calls import callee
from include.tweaker.interfaces._option import Option
from include.tweaker.interfaces._resolve import Resolver
from include.tweaker.interfaces._spots import Literal
from include.tweaker.interfaces._syntax import CallSite, Module, dotted
from include.tweaker.interfaces._typer import typer_options
from include.tweaker.space import Value

_FLAGS = {"store_true", "store_false", "store_const", "append", "count", "help", "version"}


def options(modules: Sequence[Module]) -> list[Option]:
    """Return the options of a script, then its positional arguments in order; none if it can't be told."""
    resolver = Resolver(modules)
    sites = [site for module in modules for site in module.calls]
    if any(callee(site.node, site.module) == "parse_args" and site.node.args for site in sites):
        return []  # it parses a list of its own, not the command line
    named: dict[str, Option] = {}
    for site in sites:
        option = _declared(site, resolver)
        if option is not None:
            named.setdefault(option.name, option)
    for option in (*typer_options(modules, resolver), *absl_options(modules, resolver)):
        named.setdefault(option.name, option)
    placed = dict(_places(sites, resolver))
    if sorted(placed) != list(range(1, len(placed) + 1)):
        placed = {}
    flagged = [option for option in named.values() if option.flag]
    positional = [option for option in named.values() if not option.flag]
    return [*flagged, *positional, *(placed[position] for position in sorted(placed))]


def _declared(site: CallSite, resolver: Resolver) -> Option | None:
    name = callee(site.node, site.module)
    if name not in ("add_argument", "option", "argument"):
        return None
    words = [text for text in (_string(a.value) for a in site.node.args if a.keyword is None) if text]
    keywords = {a.keyword.value: a.value for a in site.node.args if a.keyword is not None}
    if not words or keywords.keys() & {"is_flag", "count", "multiple"}:
        return None
    if (_string(keywords["action"]) if "action" in keywords else "store") in _FLAGS or "nargs" in keywords:
        return None
    flag = next((word for word in words if word.startswith("--")), words[0] if words[0][:1] == "-" else "")
    destination = _string(keywords["dest"]) if "dest" in keywords else ""
    return _option(
        destination or (flag or words[0]).lstrip("-").replace("-", "_"), flag, keywords, site, resolver
    )


def _option(
    name: str, flag: str, keywords: dict[str, cst.BaseExpression], site: CallSite, resolver: Resolver
) -> Option | None:
    literal = _literal(keywords.get("default"), site, resolver)
    default = literal.value if literal is not None else None
    required = _is_true(keywords.get("required")) or (not flag and "default" not in keywords)
    kind = keywords.get("type")
    if default is None and not required:
        return None  # nothing, None, or computed: the script does without it
    choices = _choices(kind, site, resolver) or _choices(keywords.get("choices"), site, resolver)
    token = literal.token if literal is not None else None
    return Option(name, flag, None if required else default, _whole(kind, default), choices, token)


def _whole(kind: cst.BaseExpression | None, default: Value | None) -> bool | None:
    name = dotted(kind) if kind is not None else ""
    if name in ("int", "float"):
        return name == "int"
    return isinstance(default, int) if default is not None and not isinstance(default, str) else None


def _choices(node: cst.BaseExpression | None, site: CallSite, resolver: Resolver) -> tuple[Value, ...]:
    """Return ``choices=[…]`` of argparse or ``type=click.Choice([…])``."""
    if isinstance(node, cst.Call) and callee(node, site.module) == "Choice" and node.args:
        node = node.args[0].value
    if not isinstance(node, (cst.List, cst.Tuple, cst.Set)):
        return ()
    values = [_value(element.value, site, resolver) for element in node.elements]
    return tuple(value for value in values if value is not None) if None not in values else ()


def _places(sites: Sequence[CallSite], resolver: Resolver) -> Iterator[tuple[int, Option]]:
    """Yield ``filters = int(sys.argv[1])`` and its like, with or without ``if len(sys.argv) > 1 else 32``."""
    for site in sites:
        name = dotted(site.node.func)
        position = _argv(site.node.args[0].value) if name in ("int", "float") and site.node.args else None
        small = site.statement.body[0] if site.statement is not None else None
        if position is None or not isinstance(small, cst.Assign):
            continue
        target = dotted(small.targets[0].target)
        if isinstance(small.value, cst.IfExp) and small.value.body is site.node:
            default = _literal(small.value.orelse, site, resolver)
            value, token = (default.value, default.token) if default is not None else (None, None)
            yield position, Option(target, "", value, name == "int", token=token)
        elif small.value is site.node:
            yield position, Option(target, "", None, name == "int")


def _argv(node: cst.BaseExpression) -> int | None:
    if not isinstance(node, cst.Subscript) or dotted(node.value) not in ("sys.argv", "argv"):
        return None
    part = node.slice[0].slice
    index = part.value if isinstance(part, cst.Index) else None
    return int(index.value) if isinstance(index, cst.Integer) else None


def _value(node: cst.BaseExpression | None, site: CallSite, resolver: Resolver) -> Value | None:
    literal = _literal(node, site, resolver)
    return literal.value if literal is not None else None


def _literal(node: cst.BaseExpression | None, site: CallSite, resolver: Resolver) -> Literal | None:
    literal = resolver.literal(node, site.scope) if node is not None else None
    return literal if isinstance(literal, Literal) else None


def _string(node: cst.BaseExpression) -> str:
    text = node.evaluated_value if isinstance(node, cst.SimpleString) else ""
    return text if isinstance(text, str) else ""


def _is_true(node: cst.BaseExpression | None) -> bool:
    return isinstance(node, cst.Name) and node.value == "True"
