"""Which layers belong together, which are outputs, and which simply follow each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from include.tweaker.interfaces._layers import LayerCall
from include.tweaker.interfaces._resolve import Resolver
from include.tweaker.interfaces._spots import Literal

HARMLESS = ("dropout", "activation", "norm", "neutral")
WEIGHTED = ("conv", "depthwise", "transpose", "dense")
_PIXELS = ("sigmoid", "tanh", "softmax")


def models(layers: Sequence[LayerCall]) -> list[list[int]]:
    """Return the layers of each model by index, each after those that go into it."""
    root = list(range(len(layers)))

    def find(index: int) -> int:
        while root[index] != index:
            index = root[index]
        return index

    for index, layer in enumerate(layers):
        for before in layer.inputs or ():
            root[find(index)] = find(before)
    found: dict[int, list[int]] = {}
    for index in range(len(layers)):
        found.setdefault(find(index), []).append(index)
    return [_sorted(layers, group) for group in found.values()]


def _sorted(layers: Sequence[LayerCall], group: list[int]) -> list[int]:
    """Return layers behind those that go into them; what goes in circles stays in its order."""
    done: dict[int, None] = {}
    for start in group:
        stack, entered = [start], {start}
        while stack:
            waiting = [i for i in layers[stack[-1]].inputs or () if i not in done and i not in entered]
            if waiting:
                entered.add(waiting[0])
                stack.append(waiting[0])
            else:
                done[stack.pop()] = None
    return list(done)


def outputs(layers: Sequence[LayerCall], resolver: Resolver) -> set[int]:
    """Return the layers whose width is given by the task: each model's last, and every softmax."""
    dense = [index for index, layer in enumerate(layers) if layer.kind == "dense"]
    found = {index for index in dense if _is_head(layers[index], resolver)}
    for group in models(layers):
        weighted = [index for index in group if layers[index].kind in WEIGHTED]
        found.update(_images(layers, group, weighted, resolver))
        if dense:
            weighted = [index for index in weighted if layers[index].kind == "dense"]
        elif len(weighted) < 2:
            continue
        feeding = _feeding(layers, weighted)
        found.update(index for index in weighted if index not in feeding and layers[index].applied)
        found.update(_before_softmax(layers, group, resolver))
    return found or set(dense[-1:])


def _images(
    layers: Sequence[LayerCall], group: Sequence[int], weighted: Sequence[int], resolver: Resolver
) -> Iterator[int]:
    """Yield the convolutions whose output is an image, as of an autoencoder beside a classifier.

    A last convolution is one where it is squashed to the range of pixels; else it may be what a classifier
    elsewhere goes on from, or layers that aren't known here do.
    """
    feeding = _feeding(layers, weighted)
    for index in weighted:
        if layers[index].kind in ("conv", "transpose") and index not in feeding:
            behind = [layers[one] for one in group if layers[one].inputs == (index,)]
            if any(text_of(one, "activation", resolver) in _PIXELS for one in (layers[index], *behind)):
                yield index


def _feeding(layers: Sequence[LayerCall], weighted: Sequence[int]) -> set[int]:
    """Return the layers that others of these come after."""
    before: set[int] = set()
    for index in weighted:
        stack = list(layers[index].inputs or ())
        while stack:
            one = stack.pop()
            if one not in before:
                before.add(one)
                stack += layers[one].inputs or ()
    return before


def _is_head(layer: LayerCall, resolver: Resolver) -> bool:
    name = text_of(layer, "activation", resolver)
    sequential = layer.place is not None and layer.place.style in ("add", "list")
    return name == "softmax" or (name == "sigmoid" and not sequential)


def _before_softmax(layers: Sequence[LayerCall], group: list[int], resolver: Resolver) -> Iterator[int]:
    for index in group:
        layer = layers[index]
        softmax = layer.kind == "activation" and text_of(layer, "activation", resolver) == "softmax"
        if softmax or layer.name == "Softmax":
            yield from (before for before in layer.inputs or () if layers[before].kind == "dense")


def text_of(layer: LayerCall, argument: str, resolver: Resolver) -> str:
    """Return an argument that is a string, as ``relu``; an empty string where it isn't one."""
    given = layer.arguments.get(argument)
    literal = resolver.literal(given.value, layer.site.scope, layer.frame) if given else None
    return literal.value if isinstance(literal, Literal) and isinstance(literal.value, str) else ""


def conv_model(layers: Sequence[LayerCall]) -> list[int] | None:
    """Return the only model with convolutions, if it is known how each of its layers is used."""
    found: dict[frozenset[cst.Call], list[int]] = {}
    for group in models(layers):
        convolutions = frozenset(layers[index].site.node for index in group if layers[index].kind == "conv")
        if convolutions:
            found.setdefault(convolutions, group)  # built twice from the same code, it is one model
    if len(found) != 1:
        return None
    group = next(iter(found.values()))
    return group if all(_is_settled(layers[index]) for index in group) else None


def _is_settled(layer: LayerCall) -> bool:
    """Return whether it is known that and how often a layer is used."""
    if layer.inputs is None or (layer.applied != 1 and layer.kind not in ("input", "add", "concat")):
        return False
    site, frame = layer.site, layer.frame
    while True:
        if site.conditional or any(loop not in frame.turns for loop in site.loops):
            return False
        if frame.call is None or frame.parent is None or frame.whole:
            return True
        site, frame = frame.call, frame.parent


def is_chain(layers: Sequence[LayerCall], group: Sequence[int]) -> bool:
    """Return whether each layer has the one before it as its only input."""
    return all(
        layers[index].inputs == ((group[position - 1],) if position else ())
        for position, index in enumerate(group)
    )


def block_end(layers: Sequence[LayerCall], group: list[int]) -> int:
    """Return the position in `group` of the last layer of the last conv block."""
    last = max(position for position, index in enumerate(group) if layers[index].kind == "conv")
    while last + 1 < len(group) and layers[group[last + 1]].kind in (*HARMLESS, "pool", "pad"):
        last += 1
    return last
