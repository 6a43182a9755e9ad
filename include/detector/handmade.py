"""Finds convolutions that the push writes itself, with the gradients that make them learn."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from include.detector.reached import Trace, Use
from include.detector.values import Local

HANDMADE = "own code"
"""The library that such a layer is said to come from."""

_CLASS = re.compile(r"_?(?:[A-Z]\w*)?Conv(?:olution(?:al)?|[_\dA-Z]\w*|Layer)?\w*|_?CONV\w*")
_NO_LAYER = re.compile(r"(?i:\w*(?:convert|conversion|converg|convers|convex))\w*")
_FORWARD_METHODS = re.compile(r"_?(?:forward|feed_?forward|fprop|call|__call__|predict|compute|activate)\w*")
_BACKWARD_METHODS = re.compile(r"_?(?:back|bprop|grad|update|learn|train|optimi[sz]e)\w*")
_FORWARD_FUNCTION = re.compile(
    r"(?i:_?(?:\w+_)?conv(?:olution|olve|_?[123]d)?_?(?:layer)?_?(?:forward|fwd|fprop)\w*)"
)
_BACKWARD_FUNCTION = re.compile(
    r"(?i:_?(?:\w+_)?conv\w*_?(?:back|bwd|bprop|grad)\w*|_?(?:back\w*|grad\w*|d)_?conv\w*)"
)


def find_handmade(trace: Trace) -> Iterator[tuple[Use, str]]:
    """Calls of a convolution of the push's own that can learn, each with the name of class or function."""
    called = [(use, local) for use in trace.uses for local in _called(trace, use)]
    names = {local.node.name for _, local in called if isinstance(local.node, ast.FunctionDef)}
    learns = any(_BACKWARD_FUNCTION.fullmatch(name) for name in names)
    for use, local in called:
        match local.node:
            case ast.ClassDef(name=name) if _is_layer(local):
                yield use, name
            case ast.FunctionDef(name=name) if learns and _FORWARD_FUNCTION.fullmatch(name):
                yield use, name


def _called(trace: Trace, use: Use) -> list[Local]:
    if use.call is None or use.how != "called":
        return []
    values = trace.resolver.resolve(use.call.func, use.scope)
    return [value for value in values if isinstance(value, Local) and not isinstance(value.node, ast.Lambda)]


def _is_layer(local: Local) -> bool:
    """A class named like a convolution, with a step forwards and one backwards."""
    node = local.node
    if (
        not isinstance(node, ast.ClassDef)
        or not _CLASS.fullmatch(node.name)
        or _NO_LAYER.fullmatch(node.name)
    ):
        return False
    methods = [one.name for one in node.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
    return any(map(_FORWARD_METHODS.fullmatch, methods)) and any(map(_BACKWARD_METHODS.fullmatch, methods))
