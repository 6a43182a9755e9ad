"""Folds conditions and texts fixed in the source: `if False:`, `USE_CNN = False`, `BASE + "/a.txt"`."""

from __future__ import annotations

import ast
import posixpath

from include.detector.arguments import given
from include.detector.bindings import Assigned, Binding, Parameter, Scope
from include.detector.containers import literal
from include.detector.names import Resolver
from include.detector.values import External, Literal

_MISSING = object()
_FALSE_PATHS = frozenset({"typing.TYPE_CHECKING", "typing_extensions.TYPE_CHECKING"})
_JOINS = frozenset(
    {"os.path.join", "posixpath.join", "pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath"}
)
_WRAPPERS = frozenset(
    {"builtins.str", "os.path.abspath", "os.path.normpath", "os.path.expanduser", "os.fspath"}
)


def truth(node: ast.expr, scope: Scope, resolver: Resolver, *, is_script: bool) -> bool | None:
    """Whether a condition is fixed in the source, and to what; None when only running the code could tell.

    Args:
        node: The condition.
        scope: Where it stands.
        resolver: Resolves names.
        is_script: The module is the one that is run, so `__name__ == "__main__"` holds.
    """
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = truth(operand, scope, resolver, is_script=is_script)
            return None if inner is None else not inner
        case ast.BoolOp(op=operator, values=parts):
            return _junction(operator, [truth(part, scope, resolver, is_script=is_script) for part in parts])
        case ast.Compare(left=left, ops=[operator], comparators=[right]):
            return _compare(
                fixed(left, scope, resolver, is_script), operator, fixed(right, scope, resolver, is_script)
            )
        case ast.Name() | ast.Attribute() if resolver.paths(node, scope) & _FALSE_PATHS:
            return False
    value = fixed(node, scope, resolver, is_script)
    return None if value is _MISSING else bool(value)


def fixed(node: ast.expr, scope: Scope, resolver: Resolver, is_script: bool) -> object:
    """The literal that the expression always is; a private marker when it is none."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Dict(keys=[]):
            return ()
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            known = tuple(part.value for part in parts if isinstance(part, ast.Constant))
            return known if len(known) == len(parts) else _MISSING
        case ast.Name(id="__name__"):
            return "__main__" if is_script else resolver.program.owner(scope).file
        case ast.Name(id="__debug__"):
            return True
        case ast.Name(id=name):
            return _only_value(name, scope, resolver, is_script)
    return _MISSING


def _only_value(name: str, scope: Scope, resolver: Resolver, is_script: bool) -> object:
    for level in scope.chain():
        match level.bindings.get(name):
            case None:
                continue
            case [Assigned(ast.Constant(value=value), home, ())] if home is level:
                return value
            case [Parameter() as parameter, *defaults] if len(defaults) < 2:
                return _only_argument(parameter, defaults, level, resolver, is_script)
            case _:
                return _MISSING
    return _MISSING


def _only_argument(
    parameter: Parameter, defaults: list[Binding], scope: Scope, resolver: Resolver, is_script: bool
) -> object:
    """What every call gives to the parameter, or its default where every call leaves it out."""
    if scope in resolver.folding:
        return _MISSING  # a function that calls itself
    resolver.folding.append(scope)
    try:
        found = given(resolver, parameter, scope)
        if not found.is_complete(resolver.modules) or (found.left_out and not defaults):
            return _MISSING
        places = [*found.values, *((one.value, one.scope) for one in _assigned(defaults) if found.left_out)]
        values = [fixed(value, at, resolver, is_script) for value, at in places]
    finally:
        resolver.folding.pop()
    same = values and all(type(value) is type(values[0]) and value == values[0] for value in values)
    return values[0] if same else _MISSING


def _assigned(bindings: list[Binding]) -> list[Assigned]:
    return [binding for binding in bindings if isinstance(binding, Assigned)]


def _junction(operator: ast.boolop, parts: list[bool | None]) -> bool | None:
    decisive = isinstance(operator, ast.Or)
    if decisive in parts:
        return decisive
    return None if None in parts else not decisive


def _compare(left: object, operator: ast.cmpop, right: object) -> bool | None:
    if left is _MISSING or right is _MISSING:
        return None
    match operator:
        case ast.Eq() | ast.Is():
            return left == right
        case ast.NotEq() | ast.IsNot():
            return left != right
        case ast.In() if isinstance(right, tuple):
            return left in right
        case ast.NotIn() if isinstance(right, tuple):
            return left not in right
    return None


def text(node: ast.expr, scope: Scope, resolver: Resolver) -> str | None:
    """The text that an expression is; where only its end is known, that end; else None.

    Understands constants, `+`, f-strings, `os.path.join`, `pathlib` and names with one literal value.
    """
    match node:
        case ast.JoinedStr(values=parts):
            return _tail([text(part, scope, resolver) for part in parts], "")
        case ast.FormattedValue(value=inner):
            return text(inner, scope, resolver)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _tail([text(left, scope, resolver), text(right, scope, resolver)], "")
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _tail([text(left, scope, resolver), text(right, scope, resolver)], "/")
        case ast.Call(func=function, args=arguments) if arguments and not isinstance(
            arguments[0], ast.Starred
        ):
            paths = resolver.paths(function, scope)
            if paths & _JOINS:
                return _tail([text(argument, scope, resolver) for argument in arguments], "/")
            return text(arguments[0], scope, resolver) if paths & _WRAPPERS else None
        case ast.Name(id=name) if (assigned := _only_expression(name, scope)) is not None:
            return text(assigned.value, assigned.scope, resolver)
    values = resolver.resolve(node, scope)
    only = literal(values) or _only_literal(values)
    return str(only.value) if only is not None and isinstance(only.value, str | int) else None


def _only_literal(values: frozenset[object]) -> Literal | None:
    texts = [value for value in values if isinstance(value, Literal) and isinstance(value.value, str)]
    others = [value for value in values if isinstance(value, External)]
    return texts[0] if len(texts) == 1 and not others else None


def _only_expression(name: str, scope: Scope) -> Assigned | None:
    for level in scope.chain():
        match level.bindings.get(name):
            case None:
                continue
            case [
                Assigned(ast.Constant() | ast.Call() | ast.BinOp() | ast.JoinedStr(), home, ()) as only
            ] if home is level and not _mentions(only.value, name):
                return only
            case _:
                return None
    return None


def _mentions(node: ast.expr, name: str) -> bool:
    return any(isinstance(inner, ast.Name) and inner.id == name for inner in ast.walk(node))


def _tail(parts: list[str | None], separator: str) -> str | None:
    """Join the parts after the last unknown one; an absolute path drops what was before it."""
    known: list[str] = []
    for part in parts:
        known = [] if part is None else [*known, part]
    if not known or not any(known):
        return None
    return posixpath.join(*known) if separator else "".join(known)
