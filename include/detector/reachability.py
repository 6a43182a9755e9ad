"""Which statements of a block can run at all: branches under `if False:` and code after `return` can't."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

Truth = Callable[[ast.expr], bool | None]
_ENDS = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_SIGNS = (ast.expr_context, ast.operator, ast.unaryop)
_EXIT_NAMES = frozenset({"exit", "quit"})
_EXIT_ATTRIBUTES = frozenset({("sys", "exit"), ("os", "_exit"), ("os", "abort")})


def live(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements up to the first one that always leaves the block."""
    for statement in body:
        yield statement
        if isinstance(statement, _ENDS) or _exits(statement):
            return


def _exits(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Name(id=name))):
            return name in _EXIT_NAMES
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=name))):
            return (owner, name) in _EXIT_ATTRIBUTES
        case ast.Assert(test=ast.Constant(value=value)):
            return not value
    return False


def live_children(node: ast.AST, truth: Truth) -> list[ast.AST]:
    """The parts of a statement or expression that can run, in source order.

    Args:
        node: Any node but a function, class or lambda, whose bodies run at another time.
        truth: Says of a condition whether it is fixed.
    """
    match node:
        case ast.If(test=test, body=body, orelse=orelse):
            return [test, *_branches(truth(test), body, orelse)]
        case ast.While(test=test, body=body, orelse=orelse):
            return [test, *(live(orelse) if truth(test) is False else [*live(body), *live(orelse)])]
        case ast.IfExp(test=test, body=then, orelse=other):
            chosen = {True: [then], False: [other], None: [then, other]}[truth(test)]
            return [test, *chosen]
        case ast.BoolOp(op=operator, values=parts):
            return _before_shortcut(parts, isinstance(operator, ast.Or), truth)
    return _all_children(node)


def _branches(outcome: bool | None, body: list[ast.stmt], orelse: list[ast.stmt]) -> list[ast.stmt]:
    then = [] if outcome is False else list(live(body))
    other = [] if outcome is True else list(live(orelse))
    return [*then, *other]


def _before_shortcut(parts: list[ast.expr], stops_at: bool, truth: Truth) -> list[ast.AST]:
    kept: list[ast.AST] = []
    for part in parts:
        kept.append(part)
        if truth(part) is stops_at:
            break
    return kept


def _all_children(node: ast.AST) -> list[ast.AST]:
    children: list[ast.AST] = []
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            statements = value and isinstance(value[0], ast.stmt)
            children.extend(live(value) if statements else (one for one in value if isinstance(one, ast.AST)))
        elif isinstance(value, ast.AST) and not isinstance(value, _SIGNS):
            children.append(value)
    return children
