"""Writes a layer's call again with other values, as the developer spells it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import libcst as cst
import libcst.matchers as m

from include.tweaker.interfaces._layers import LayerCall
from include.tweaker.interfaces._resolve import Resolver
from include.tweaker.interfaces._source import Edit
from include.tweaker.interfaces._spots import Literal
from include.tweaker.interfaces._syntax import Module, Scope

_FIRST_LAYER_ONLY = {"name", "input_shape", "batch_input_shape", "input_dim", "batch_size", "dtype"}


class Copier:
    """Copies calls under a trial's values.

    Args:
        resolver: Of the push.
        edits: What the trial changes elsewhere, with the path of the file: copies have it too.
    """

    def __init__(self, resolver: Resolver, edits: Iterable[tuple[str, Edit]]) -> None:
        self._resolver = resolver
        self._edits: dict[str, list[Edit]] = {}
        for path, edit in edits:
            self._edits.setdefault(path, []).append(edit)

    def call(self, layer: LayerCall, replaced: Mapping[str, str], scope: Scope) -> str:
        """Return a layer's call for another place.

        Args:
            layer: What is copied.
            replaced: Arguments by name with their new text; an empty text leaves one out.
            scope: Where the copy goes.
        """
        names = {id(argument): name for name, argument in layer.arguments.items()}
        parts = []
        for argument in layer.site.node.args:
            name = names.get(id(argument), "")
            if name in _FIRST_LAYER_ONLY:
                continue
            text = replaced[name] if name in replaced else self.value(argument.value, layer, scope)
            if text:
                parts.append(f"{_keyword(argument)}{text}")
        return f"{layer.site.module.text(layer.site.node.func)}({', '.join(parts)})"

    def value(self, node: cst.BaseExpression, layer: LayerCall, scope: Scope) -> str:
        """Return an argument's text; what only a helper function knows is written out, or left out."""
        if layer.site.scope is scope or not _local_names(node, layer.site.scope):
            return self.text(node, layer.site.module)
        literal = self._resolver.literal(node, layer.site.scope, layer.frame)
        if not isinstance(literal, Literal):
            return ""
        module = next(one for one in self._resolver.functions.modules.values() if _has(one, literal))
        start, end = literal.token.start, literal.token.end
        return self._spliced(module, start, end)

    def text(self, node: cst.CSTNode, module: Module) -> str:
        """Return the text of a node with the trial's values in it."""
        return self._spliced(module, *module.span(node))

    def _spliced(self, module: Module, start: int, end: int) -> str:
        text = module.source.normal[start:end]
        inside = [e for e in self._edits.get(module.source.path, []) if start <= e.start and e.end <= end]
        for edit in sorted(inside, key=lambda one: one.start, reverse=True):
            text = text[: edit.start - start] + edit.text.encode() + text[edit.end - start :]
        return text.decode()


def _has(module: Module, literal: Literal) -> bool:
    return module.source.path == literal.token.path


def _local_names(node: cst.BaseExpression, scope: Scope) -> bool:
    """Return whether an expression has names that only its own function knows."""
    names = {name.value for name in _names(node)}
    return scope.kind == "function" and any(n in scope.parameters or n in scope.bindings for n in names)


def _names(node: cst.BaseExpression) -> Iterator[cst.Name]:
    if isinstance(node, cst.Name):
        yield node
    for found in m.findall(node, m.Name()):
        if isinstance(found, cst.Name):
            yield found


def callee_is_known(layer: LayerCall, module: Module, scope: Scope) -> bool:
    """Return whether a layer's class can be called by the same name in another function."""
    if layer.site.module is not module:
        return False
    return layer.site.scope is scope or not _local_names(layer.site.node.func, layer.site.scope)


def _keyword(argument: cst.Arg) -> str:
    """Return ``padding = `` with the developer's own spaces."""
    if argument.keyword is None or not isinstance(argument.equal, cst.AssignEqual):
        return ""
    return argument.keyword.value + cst.Module([]).code_for_node(argument.equal)
