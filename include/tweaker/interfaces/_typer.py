"""Reads the command line that typer makes of a function's parameters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from include.tweaker.interfaces._option import Option
from include.tweaker.interfaces._resolve import Resolver
from include.tweaker.interfaces._spots import NOWHERE, Literal, Spot
from include.tweaker.interfaces._syntax import Module, Scope, dotted
from include.tweaker.space import Value


def typer_options(modules: Sequence[Module], resolver: Resolver) -> Iterator[Option]:
    """Yield the options of the only typer command; several commands need a name that nobody here knows."""
    commands = [scope for module in modules if _has_typer(module) for scope in _commands(module)]
    if len(commands) == 1:
        for name in commands[0].parameters:
            option = _option(name, commands[0], resolver)
            if option is not None:
                yield option


def _has_typer(module: Module) -> bool:
    return any(origin.split(".")[0] == "typer" for origin, _ in module.imports.values())


def _commands(module: Module) -> Iterator[Scope]:
    run = {dotted(s.node.args[0].value) for s in module.calls if _last(s.node) == "run" and s.node.args}
    for scope in module.functions:
        if scope.name in run or any(one.endswith(".command") for one in scope.decorators):
            yield scope


def _last(call: cst.Call) -> str:
    return dotted(call.func).rpartition(".")[2]


def _option(name: str, function: Scope, resolver: Resolver) -> Option | None:
    default, kind = function.parameters[name], function.annotations.get(name)
    marker = default if isinstance(default, cst.Call) and _last(default) in ("Option", "Argument") else None
    if isinstance(kind, cst.Subscript) and dotted(kind.value).endswith("Annotated"):
        inside = [e.slice.value for e in kind.slice if isinstance(e.slice, cst.Index)]
        markers = [one for one in inside[1:] if isinstance(one, cst.Call)]
        marker = markers[0] if markers else marker
        kind = inside[0]
        words = [] if marker is None else [a.value for a in marker.args if a.keyword is None]
    elif marker is not None:
        given = [a for a in marker.args if a.keyword is None or a.keyword.value == "default"]
        default = given[0].value if given else None
        words = [a.value for a in given[1:]]
    else:
        words = []
    required = default is None or isinstance(default, cst.Ellipsis)
    literal = None if required or default is None else _literal(default, function, resolver)
    value = literal.value if literal is not None else None
    if not required and value is None:
        return None  # a flag, None, or computed: the script does without it
    flags = [w.evaluated_value for w in words if isinstance(w, cst.SimpleString)]
    flag = next((str(f) for f in flags if str(f).startswith("--")), f"--{name.replace('_', '-')}")
    placed = _last(marker) == "Argument" if marker is not None else required
    choices = _choices(kind, function, resolver)
    token = literal.token if literal is not None else None
    return Option(name, "" if placed else flag, value, _whole(kind, value), choices, token)


def _literal(node: cst.BaseExpression, function: Scope, resolver: Resolver) -> Literal | None:
    if isinstance(node, cst.Attribute) and dotted(node.value) in function.module.classes:  # Kind.adam
        found = function.module.classes[dotted(node.value)].bindings.get(node.attr.value, [])
        node = found[0] if len(found) == 1 and found[0] is not None else node
    literal = resolver.literal(node, function.parent or function, NOWHERE)
    return literal if isinstance(literal, Literal) else None


def _choices(kind: cst.BaseExpression | None, function: Scope, resolver: Resolver) -> tuple[Value, ...]:
    """Return the members of an enumeration, or of ``Literal["adam", "sgd"]``."""
    if isinstance(kind, cst.Subscript) and dotted(kind.value).endswith("Literal"):
        nodes: list[cst.BaseExpression | None] = [
            e.slice.value for e in kind.slice if isinstance(e.slice, cst.Index)
        ]
    else:
        home = function.module.classes.get(dotted(kind)) if kind is not None else None
        if home is None or not any(base.endswith("Enum") for base in home.bases):
            return ()
        nodes = [bound[0] for bound in home.bindings.values() if len(bound) == 1]
    spots = [Spot(node, function, NOWHERE) for node in nodes if node is not None]
    literals = [resolver.literal(spot.node, spot.scope) for spot in spots]
    values = tuple(one.value for one in literals if isinstance(one, Literal))
    return values if len(values) == len(nodes) else ()


def _whole(kind: cst.BaseExpression | None, default: Value | None) -> bool | None:
    name = dotted(kind) if kind is not None else ""
    if name in ("int", "float"):
        return name == "int"
    return isinstance(default, int) if default is not None and not isinstance(default, str) else None
