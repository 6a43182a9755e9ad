"""The tunable values of layers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import libcst as cst

from include.tweaker.interfaces._finding import Finding, Found, Untouchable, number_at
from include.tweaker.interfaces._keras import CLASSIC_SIDES
from include.tweaker.interfaces._layers import LayerCall
from include.tweaker.interfaces._resolve import Resolver
from include.tweaker.interfaces._spots import Literal, Spot, Token
from include.tweaker.interfaces._syntax import dotted

_TUNED = {
    "conv": (("filters", "filters"), ("kernel_size", "kernel size"), ("strides", "strides")),
    "depthwise": (("kernel_size", "kernel size"),),
    "transpose": (("filters", "filters"),),
    "pool": (("pool_size", "pool size"), ("strides", "strides")),
    "dense": (("units", "units"),),
    "dropout": (("rate", "rate"),),
}
ACTIVATIONS = ("relu", "elu", "gelu", "swish", "tanh")
_HIDDEN = {*ACTIVATIONS, "selu", "silu", "sigmoid", "softplus", "relu6", "leaky_relu", "mish"}
_MODULES = ("nn", "activations")


def numbered(layers: Sequence[LayerCall], outputs: set[int]) -> dict[int, int]:
    """Return each layer's number among those of its kind, output layers left out."""
    counts: dict[str, int] = {}
    numbers: dict[int, int] = {}
    for index, layer in enumerate(layers):
        if index not in outputs:
            numbers[index] = counts[layer.kind] = counts.get(layer.kind, 0) + 1
    return numbers


def of_layers(
    resolver: Resolver, layers: Sequence[LayerCall], outputs: set[int], numbers: Mapping[int, int]
) -> Iterator[Found]:
    """Yield the tunable numbers of every layer but the outputs, in order."""
    for index, layer in enumerate(layers):
        for argument, words in _TUNED.get(layer.kind, ()) if index not in outputs else ():
            name = f"{layer.kind}{numbers[index]}"
            place = (f"{layer.kind} {numbers[index]}",)
            kind = "dropout" if argument == "rate" else argument
            secondary = argument == "strides"
            draft = Finding(f"{name}.{argument}", words, kind, places=place, secondary=secondary)
            if nodes := _nodes(layer, argument):
                spots = [Spot(node, layer.site.scope, layer.frame) for node in nodes]
                yield number_at(resolver, spots, draft)


def _nodes(layer: LayerCall, argument: str) -> list[cst.BaseExpression]:
    if argument == "kernel_size" and "rows" in layer.arguments:  # Keras 1
        return [layer.arguments[side].value for side in CLASSIC_SIDES if side in layer.arguments]
    given = layer.arguments.get(argument)
    return [given.value] if given and dotted(given.value) != "None" else []


def widths(resolver: Resolver, layers: Sequence[LayerCall], outputs: set[int]) -> set[Token]:
    """Return where the widths of the output layers stand: the task gives them."""
    found = set()
    for index in outputs:
        layer = layers[index]
        given = layer.arguments.get("units") or layer.arguments.get("filters")
        literal = resolver.literal(given.value, layer.site.scope, layer.frame) if given else None
        if isinstance(literal, Literal):
            found.add(literal.token)
    return found


def of_activations(resolver: Resolver, layers: Sequence[LayerCall], outputs: set[int]) -> Iterator[Found]:
    """Yield the activation of the hidden layers, where they have one in common."""
    found: dict[str, dict[Token, None]] = {}
    for index, layer in enumerate(layers):
        given = layer.arguments.get("activation")
        if given is None or layer.kind not in ("conv", "depthwise", "transpose", "dense", "activation"):
            continue
        output = index in outputs or (layer.kind == "activation" and outputs.intersection(layer.inputs or ()))
        literal = _activation(resolver, given.value, layer)
        if literal is None or not _is_hidden(layer, literal.value, output=bool(output)):
            continue
        found.setdefault(str(literal.value), {})[literal.token] = None
    if len(found) > 1:
        yield Untouchable(f"activation: hidden layers have different ones ({', '.join(sorted(found))})")
    for value, tokens in found.items() if len(found) == 1 else ():
        choices = ACTIVATIONS if value in ACTIVATIONS else (value, *ACTIVATIONS)
        words = "activation of the hidden layers"
        yield Finding(
            "activation", words, "activation", value, tuple(tokens), choices=choices, secondary=True
        )


def _is_hidden(layer: LayerCall, value: object, *, output: bool) -> bool:
    """Return whether an activation is one that others can stand in for; sigmoid gates of branches aren't."""
    sequential = layer.place is not None and layer.place.style in ("add", "list")
    return not output and value in _HIDDEN and (value != "sigmoid" or sequential)


def _activation(resolver: Resolver, node: cst.BaseExpression, layer: LayerCall) -> Literal | None:
    """Return an activation that is a string, or one like ``tf.nn.relu``, which a string can replace."""
    name = dotted(node)
    owner, _, last = name.rpartition(".")
    if owner.rpartition(".")[2] in _MODULES and last in _HIDDEN:
        module = layer.site.module
        return Literal(last, Token(module.source.path, *module.span(node)))
    literal = resolver.literal(node, layer.site.scope, layer.frame)
    return literal if isinstance(literal, Literal) and isinstance(literal.value, str) else None
