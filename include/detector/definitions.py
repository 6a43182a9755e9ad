"""What runs at once where a function, class or lambda is defined."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from include.detector.bindings import Scope
from include.detector.program import Module
from include.detector.reachability import live


def definition_parts(node: ast.AST, module: Module, scope: Scope) -> list[tuple[ast.AST, Scope]]:
    """What runs with a definition: decorators, defaults, bases; the body too of a class or lambda."""
    inner = module.scopes[node]
    match node:
        case ast.Lambda(args=arguments, body=body):
            return [*_defaults(arguments, scope), (body, inner)]
        case ast.ClassDef(bases=bases, keywords=keywords, decorator_list=decorators, body=statements):
            outside: list[ast.AST] = [*decorators, *bases, *(keyword.value for keyword in keywords)]
            return [*((part, scope) for part in outside), *((part, inner) for part in live(statements))]
        case (
            ast.FunctionDef(args=arguments, decorator_list=decorators)
            | ast.AsyncFunctionDef(args=arguments, decorator_list=decorators)
        ):
            return [*((part, scope) for part in decorators), *_defaults(arguments, scope)]
    return []


def _defaults(arguments: ast.arguments, scope: Scope) -> list[tuple[ast.AST, Scope]]:
    values = [*arguments.defaults, *(value for value in arguments.kw_defaults if value is not None)]
    return [(value, scope) for value in values]


def passed(call: ast.Call) -> Iterator[ast.Name | ast.Attribute]:
    """Names that are given to a call as they are, also in lists and dictionaries: `f([("conv", Conv2D)])`."""
    stack: list[ast.expr] = [*call.args, *(keyword.value for keyword in call.keywords)][::-1]
    while stack:
        match stack.pop():
            case ast.Name() | ast.Attribute() as name:
                yield name
            case ast.Starred(value=inner):
                stack.append(inner)
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Dict(values=parts):
                stack.extend(reversed(parts))


def own_name(node: ast.expr) -> str:
    """The last name of a chain: `Conv2D` of `keras.layers.Conv2D`; empty for anything else."""
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""
