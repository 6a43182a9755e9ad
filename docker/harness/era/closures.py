"""Losses that look at tensors of the network beside their arguments, which only TensorFlow 1's graph allows.

The variational autoencoders of the time are written so: `def vae_loss(x, y): … z_log_var …`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

_MAKES_TENSORS = ("Input", "merge", "concatenate", "add")
_PLACES = ("loss", "metrics")


def sees_tensors(text: str) -> bool:
    """Say whether a loss, metric or layer of a program uses a tensor that is not among its arguments.

    Args:
        text: The program; one that can't be parsed uses none.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return False
    tensors, given = _tensors(tree), _given_to_compile(tree)
    if tensors & given:
        return True
    named = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name in given]
    return any(tensors & _free(function) for function in (*named, *_methods_of_layers(tree)))


def _methods_of_layers(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    """The methods of the program's own layers: of classes that have a method `call`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            methods = [one for one in node.body if isinstance(one, ast.FunctionDef)]
            yield from methods if any(one.name == "call" for one in methods) else ()


def _given_to_compile(tree: ast.AST) -> set[str]:
    """The names in what is given to `compile` as loss or metrics."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _callee(node) == "compile"]
    values = [keyword.value for call in calls for keyword in call.keywords if keyword.arg in _PLACES]
    return set().union(*map(_free, [*values, *(value for call in calls for value in call.args[1:3])]))


def _tensors(tree: ast.AST) -> set[str]:
    """The names of what layers and models were called on, and of what was computed from that."""
    assigned = list(_assigned(tree))
    objects = {name for name, value in assigned if _makes_object(value)}
    tensors: set[str] = set()
    while new := {name for name, value in assigned if _is_tensor(value, objects, tensors)} - tensors:
        tensors |= new
    return tensors


def _assigned(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield from ((one.id, node.value) for one in ast.walk(target) if isinstance(one, ast.Name))


def _makes_object(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and _callee(value)[:1].isupper() and _callee(value) != "Input"


def _is_tensor(value: ast.expr, objects: set[str], tensors: set[str]) -> bool:
    if isinstance(value, ast.Call):
        of_layer = isinstance(value.func, ast.Call)
        of_object = isinstance(value.func, ast.Name) and value.func.id in objects
        if of_layer or of_object or _callee(value) in _MAKES_TENSORS:
            return True
    return not _makes_object(value) and bool(_loads(value) & tensors)


def _callee(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _loads(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def _free(node: ast.AST) -> set[str]:
    """The names that a function, or an expression, uses and does not give values itself."""
    arguments = {argument.arg for argument in ast.walk(node) if isinstance(argument, ast.arg)}
    stored = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return _loads(node) - arguments - stored
