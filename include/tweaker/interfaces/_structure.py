"""Which layers follow each other, which are outputs, and what an image meets on its way through."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import libcst as cst

from include.tweaker.interfaces._layers import LayerCall
from include.tweaker.interfaces._resolve import Literal, Resolver, Unresolved
from include.tweaker.network import Layer, Network

_ENDS = ("flatten", "global", "dense")
_HARMLESS = ("dropout", "activation", "norm", "neutral")
_IMAGE_SIDES = {"fashion_mnist": 28, "mnist": 28, "cifar10": 32, "cifar100": 32}


def chains(layers: Sequence[LayerCall]) -> list[list[int]]:
    """Return the layers of each model by index, where every layer has a known place."""
    owners: dict[object, list[int]] = {}
    for index, layer in enumerate(layers):
        if layer.place is not None:
            owners.setdefault((layer.place.style, layer.place.owner), []).append(index)
    return list(owners.values())


def outputs(layers: Sequence[LayerCall]) -> set[int]:
    """Return the dense layers whose units are given by the task: each model's last, and every softmax."""
    found = {index for index, layer in enumerate(layers) if layer.kind == "dense" and _is_head(layer)}
    grouped = chains(layers)
    for group in (*grouped, list(range(len(layers)))):
        dense = [index for index in group if layers[index].kind == "dense"]
        found.update(dense[-1:])
    for group in grouped:
        found.update(_before_softmax(layers, group))
    return found


def _is_head(layer: LayerCall) -> bool:
    name = _string(layer, "activation")
    functional = layer.place is None or layer.place.style == "functional"
    return name == "softmax" or (name == "sigmoid" and functional)


def _before_softmax(layers: Sequence[LayerCall], group: list[int]) -> Iterator[int]:
    for first, second in pairwise(group):
        softmax = layers[second].kind == "activation" and _string(layers[second], "activation") == "softmax"
        if layers[first].kind == "dense" and softmax:
            yield first


def _string(layer: LayerCall, argument: str) -> str:
    given = layer.arguments.get(argument)
    text = given.value.evaluated_value if given and isinstance(given.value, cst.SimpleString) else ""
    return text if isinstance(text, str) else ""


def conv_chain(layers: Sequence[LayerCall]) -> list[int] | None:
    """Return the only model with convolutions, if its layers simply follow each other."""
    found = [group for group in chains(layers) if any(layers[index].kind == "conv" for index in group)]
    if len(found) != 1 or any(layers[i].kind == "conv" and i not in found[0] for i in range(len(layers))):
        return None
    group = found[0]
    looped = any(layers[index].site.looped for index in group)
    return None if looped or not _linear(layers, group) else group


def _linear(layers: Sequence[LayerCall], group: list[int]) -> bool:
    places = [layers[index].place for index in group]
    previous = None
    for place in places:
        if place is None or (place.style == "functional" and previous and place.source != previous):
            return False
        previous = place.target if place.style == "functional" else None
    return True


def block_end(layers: Sequence[LayerCall], group: list[int]) -> int:
    """Return the position in `group` of the last layer of the last conv block."""
    last = max(position for position, index in enumerate(group) if layers[index].kind == "conv")
    while last + 1 < len(group) and layers[group[last + 1]].kind in (*_HARMLESS, "pool", "pad"):
        last += 1
    return last


def network(layers: Sequence[LayerCall], group: list[int], resolver: Resolver) -> Network | None:
    """Return the stack up to the first flat layer, or None where a size isn't known."""
    side = image_sides(layers, layers[group[0]], resolver)
    stack: list[Layer] = []
    end = block_end(layers, group)
    for position, index in enumerate(group):
        layer = layers[index]
        if layer.kind in _ENDS:
            break
        if layer.kind == "reshape":  # what follows sees the shape that it makes
            stack.clear()
        elif layer.kind in ("conv", "pool", "pad"):
            known = _sized(layer, _number(layers, index), resolver)
            if known is None:
                return None
            stack.append(known)
        elif layer.kind not in (*_HARMLESS, "input"):
            return None
        if position == end:
            stack.append(_growth(layers, group, resolver))
    return Network(*side, tuple(stack)) if side else None


def _growth(layers: Sequence[LayerCall], group: list[int], resolver: Resolver) -> Layer:
    last = max(index for index in group if layers[index].kind == "conv")
    known = _sized(layers[last], 0, resolver)
    return Layer("growth", "", known.size if known else 3, same=bool(known and known.same))


def _number(layers: Sequence[LayerCall], index: int) -> int:
    return sum(layer.kind == layers[index].kind for layer in layers[: index + 1])


def _sized(layer: LayerCall, number: int, resolver: Resolver) -> Layer | None:
    if layer.kind == "pad":
        return Layer("pad", "", _size(layer, "padding", 1, resolver) or 1)
    argument = "kernel_size" if layer.kind == "conv" else "pool_size"
    size = _size(layer, "rows" if "rows" in layer.arguments else argument, 2, resolver)
    default_stride = 1 if layer.kind == "conv" else 0
    stride = _size(layer, "strides", default_stride, resolver)
    if size is None or stride is None or "dilation_rate" in layer.arguments:
        return None
    return Layer(layer.kind, f"{layer.kind}{number}", size, stride, is_padded(layer))


def is_padded(layer: LayerCall) -> bool:
    """Return whether a layer pads the border of its input."""
    return _string(layer, "padding").lower() == "same"


def _size(layer: LayerCall, argument: str, default: int, resolver: Resolver) -> int | None:
    """Return the largest number of a size, as 3 for ``(3, 1)``; None where it is computed."""
    given = layer.arguments.get(argument)
    if given is None or (isinstance(given.value, cst.Name) and given.value.value == "None"):
        return default
    numbers = _numbers(given.value, layer, resolver)
    return max(numbers) if numbers and None not in numbers else None  # type: ignore[type-var]


def _numbers(node: cst.BaseExpression, layer: LayerCall, resolver: Resolver) -> list[int | None]:
    expression, scope = resolver.expression(node, layer.site.scope)
    if isinstance(expression, (cst.Tuple, cst.List)):
        parts = [(element.value, scope) for element in expression.elements]
    else:
        parts = [(node, layer.site.scope)]
    found: list[int | None] = []
    for part, home in parts:
        nested = [e.value for e in part.elements] if isinstance(part, (cst.Tuple, cst.List)) else [part]
        literals = [resolver.literal(one, home) for one in nested]
        found += [_whole(literal) for literal in literals]
    return found


def _whole(literal: Literal | Unresolved) -> int | None:
    value = literal.value if isinstance(literal, Literal) else None
    return value if isinstance(value, int) else None


def image_sides(layers: Sequence[LayerCall], first: LayerCall, resolver: Resolver) -> tuple[int, int] | None:
    """Return the image's height and width: from the model's input, else from the data set's name."""
    home = first.site.scope
    near = [layer for layer in layers if layer.site.scope is home]
    for layer in reversed(near):
        for argument in ("target_shape", "input_shape", "shape", "batch_input_shape"):
            if argument in layer.arguments:
                numbers = _numbers(layer.arguments[argument].value, layer, resolver)
                sides = _sides(numbers[1:] if argument.startswith("batch") else numbers)
                if sides:
                    return sides
    text = home.module.source.normal.decode()
    known = next((side for name, side in _IMAGE_SIDES.items() if f"{name}" in text), None)
    return (known, known) if known else None


def _sides(shape: list[int | None]) -> tuple[int, int] | None:
    if len(shape) < 2:
        return None
    first = shape[0] in (1, 3) and shape[-1] not in (1, 3)
    sides = [side for side in (shape[1:] if first else shape[:-1]) if side is not None]
    if len(sides) != len(shape) - 1 or not sides:
        return None
    return min(sides), max(sides)
