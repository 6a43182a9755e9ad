"""Leaves out networks that are defined and never built: nothing names their function or class."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from include.tweaker.interfaces._layers import LayerCall
from include.tweaker.interfaces._syntax import Module, Scope

_CALLED_BY_KERAS = re.compile(r"__\w+__|call|forward|build")


def used(layers: Sequence[LayerCall], modules: Sequence[Module]) -> list[LayerCall]:
    """Return the layers that may be built; all of them where no convolution would be left.

    Args:
        layers: Of the whole push.
        modules: The script and its local modules.
    """
    texts = [module.source.normal.decode() for module in modules]

    @cache
    def is_named(name: str) -> bool:
        found = (len(re.findall(rf"\b{re.escape(name)}\b", text)) for text in texts)
        return sum(found) > 1  # once is its definition

    kept = [index for index, layer in enumerate(layers) if all(is_named(name) for name in _names(layer))]
    if len(kept) == len(layers) or not any(layers[index].kind == "conv" for index in kept):
        return list(layers)
    return _renumbered(layers, kept)


def _names(layer: LayerCall) -> list[str]:
    """Return what must be named somewhere for a layer to be built: its outermost function, and its class."""
    *_, outermost = layer.frame.chain()
    scope: Scope | None = outermost.scope
    if scope is None or scope.kind != "function" or scope.decorators:
        return []
    home = scope.parent if scope.parent is not None and scope.parent.kind == "class" else None
    names = [] if home is not None and _CALLED_BY_KERAS.fullmatch(scope.name) else [scope.name]
    return [*names, home.name] if home is not None else names


def _renumbered(layers: Sequence[LayerCall], kept: Sequence[int]) -> list[LayerCall]:
    places = {index: place for place, index in enumerate(kept)}
    return [_with_inputs(layers[index], places) for index in kept]


def _with_inputs(layer: LayerCall, places: dict[int, int]) -> LayerCall:
    if layer.inputs is None:
        return layer
    known = all(index in places for index in layer.inputs)
    return replace(layer, inputs=tuple(places[index] for index in layer.inputs) if known else None)
