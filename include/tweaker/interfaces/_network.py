"""Reads the network that a push builds, as far as that is known without running it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from include.tweaker.interfaces._layers import LayerCall
from include.tweaker.interfaces._resolve import Resolver
from include.tweaker.interfaces._spots import Literal, Spot, Token
from include.tweaker.interfaces._structure import HARMLESS, block_end, is_chain, text_of
from include.tweaker.network import Layer, Network

_DATA_SETS = {"fashion_mnist": (28, 1), "mnist": (28, 1), "cifar10": (32, 3), "cifar100": (32, 3)}
_SHAPES = ("target_shape", "input_shape", "shape", "batch_input_shape")
_USUAL_CLASSES = 10
_CHANNELS = (1, 3, 4)


@dataclass(frozen=True)
class Image:
    """What goes into a network; channels are 0 where they aren't known."""

    height: int
    width: int
    channels: int
    dimensions: int = 2


@dataclass(frozen=True)
class Reader:
    """Builds `Network` from layers.

    Args:
        layers: Of the whole push.
        resolver: Of its modules.
        names: The parameter that each token belongs to.
        numbers: Each layer's number among those of its kind.
        heads: Indices of the output layers.
    """

    layers: Sequence[LayerCall]
    resolver: Resolver
    names: Mapping[Token, str]
    numbers: Mapping[int, int]
    heads: set[int]

    def network(self, group: list[int]) -> Network | None:
        """Return the network of the layers in `group`, or None where a size isn't known."""
        image = image_of(self.layers, self.layers[group[0]], self.resolver)
        chain = is_chain(self.layers, group)
        stack: list[Layer] = []
        positions: dict[int, int] = {}
        end, head = block_end(self.layers, group), self._last_head(group)
        for position, index in enumerate(group):
            if chain and index == head:
                stack.append(self._dense_growth(group, position))
            known = self._known(index) if chain else self._reshape(index) or self._known(index)
            if known is None:
                if any(self.layers[i].kind == "conv" for i in group[position:]):
                    return None
                break  # behind the last convolution nothing can become too small
            if self.layers[index].kind == "reshape" and chain:
                stack.clear()  # what follows sees the shape that it makes
            inputs = None if chain else self._inputs(index, positions)
            unknown_shape = self.layers[index].kind == "reshape" and known.kind == "same"
            if not chain and (inputs is None or unknown_shape):
                return None
            if not chain and inputs and self.layers[index].kind in ("flatten", "global"):
                stack.append(replace(self._growth(group), inputs=inputs))
                inputs = (len(stack) - 1,)
            stack.append(replace(known, inputs=inputs))
            positions[index] = len(stack) - 1
            if chain and position == end:
                stack.append(self._growth(group))
        if image is None:
            return None
        return Network(image.height, image.width, tuple(stack), image.channels, image.dimensions)

    def _reshape(self, index: int) -> Layer | None:
        """Return a reshaping inside a branch: its height, width and channels."""
        layer = self.layers[index]
        given = layer.arguments.get("target_shape") if layer.kind == "reshape" else None
        if given is None:
            return None
        spots = self.resolver.parts(given.value, layer.site.scope, layer.frame)
        found = [self.resolver.literal(spot.node, spot.scope, spot.frame) for spot in spots]
        numbers = [one.value for one in found if isinstance(one, Literal) and isinstance(one.value, int)]
        if len(numbers) != 3 or len(found) != 3 or min(numbers) < 1:
            return None
        return Layer("reshape", "", numbers[0], numbers[1], width=numbers[2])

    def _inputs(self, index: int, positions: Mapping[int, int]) -> tuple[int, ...] | None:
        given = self.layers[index].inputs or ()
        return tuple(positions[i] for i in given) if all(i in positions for i in given) else None

    def _last_head(self, group: list[int]) -> int | None:
        return next((index for index in reversed(group) if index in self.heads), None)

    def _growth(self, group: list[int]) -> Layer:
        last = [index for index in group if self.layers[index].kind == "conv"][-1]
        known = self._known(last)
        if known is None:
            return Layer("growth", "", 3)
        same = known.same or not is_chain(self.layers, group)
        return Layer("growth", known.kind, known.size, same=same, width=known.width)

    def _dense_growth(self, group: list[int], position: int) -> Layer:
        hidden = [i for i in group[:position] if self.layers[i].kind == "dense"]
        known = self._known(hidden[-1]) if hidden else None
        return Layer("dense_growth", "", width=known.width if known else 128)

    def _known(self, index: int) -> Layer | None:
        """Return one layer, None where its kind or a size isn't known."""
        layer = self.layers[index]
        kind = layer.kind
        if kind in (*HARMLESS, "reshape", "input"):
            return Layer("same", "")
        if kind in ("flatten", "global", "add", "concat"):
            return Layer(kind, "")
        if kind in ("pad", "crop", "upsample"):
            argument, default = {"upsample": ("size", 2)}.get(
                kind, ("padding" if kind == "pad" else "cropping", 1)
            )
            size, _ = self._size(layer, argument, default)
            return Layer(kind, "", size) if size is not None else None
        name = f"{kind}{self.numbers.get(index, 0)}"
        if kind == "dense":
            units, ref = self._size(layer, "units", 0)
            units = units if units is not None else (_USUAL_CLASSES if index in self.heads else 0)
            return Layer("dense", name, width=units, refs=_refs(units=ref))
        if kind in ("conv", "pool", "depthwise", "transpose"):
            return self._sized(layer, kind, name)
        return None

    def _sized(self, layer: LayerCall, kind: str, name: str) -> Layer | None:
        argument = "pool_size" if kind == "pool" else "kernel_size"
        size, size_ref = self._size(layer, "rows" if "rows" in layer.arguments else argument, 2)
        default = 0 if kind == "pool" else 1
        stride, stride_ref = self._size(layer, "strides", default)
        if size is None or stride is None or "dilation_rate" in layer.arguments:
            return None
        width, width_ref = self._size(layer, "filters", 0)
        kind = "separable" if layer.name.startswith("Separable") else kind
        same = text_of(layer, "padding", self.resolver).lower() in ("same", "causal")
        refs = _refs(filters=width_ref, strides=stride_ref, **{argument: size_ref})
        return Layer(kind, name, size, stride, same, width or 0, refs)

    def _size(self, layer: LayerCall, argument: str, default: int) -> tuple[int | None, str]:
        """Return the largest number of a size, as 3 for ``(3, 1)``, and the parameter that sets it."""
        given = layer.arguments.get(argument)
        if given is None or getattr(given.value, "value", "") == "None":
            return default, ""
        spots = self.resolver.parts(given.value, layer.site.scope, layer.frame)
        if not spots:
            return None, ""
        literals = [
            self.resolver.literal(s.node, s.scope, s.frame) for spot in spots for s in self._flat(spot)
        ]
        numbers = [one.value for one in literals if isinstance(one, Literal) and isinstance(one.value, int)]
        tokens = [one.token for one in literals if isinstance(one, Literal)]
        name = next((self.names[token] for token in tokens if token in self.names), "")
        return (max(numbers), name) if numbers and len(numbers) == len(literals) else (None, name)

    def _flat(self, spot: Spot) -> Iterator[Spot]:
        yield from self.resolver.parts(spot.node, spot.scope, spot.frame)


def _refs(**names: str) -> tuple[tuple[str, str], ...]:
    return tuple((quantity, name) for quantity, name in names.items() if name)


def image_of(layers: Sequence[LayerCall], first: LayerCall, resolver: Resolver) -> Image | None:
    """Return what goes in: from the model's input, else from the name of a data set that everyone knows."""
    home = first.site.scope
    dimensions = next(
        (int(one.name[-2]) for one in layers if one.kind == "conv" and one.name[-2].isdigit()), 2
    )
    for layer in [first, *(one for one in layers if one.site.scope is home), *layers]:
        for argument in _SHAPES:
            if argument in layer.arguments:
                spots = resolver.parts(layer.arguments[argument].value, layer.site.scope, layer.frame)
                found = [resolver.literal(spot.node, spot.scope, spot.frame) for spot in spots]
                numbers = [one.value if isinstance(one, Literal) else None for one in found]
                whole = [number if isinstance(number, int) else None for number in numbers]
                image = _image(whole[1:] if argument.startswith("batch") else whole, dimensions)
                if image is not None:
                    return image
    text = home.module.source.normal.decode()
    known = next((size for name, size in _DATA_SETS.items() if name in text), None)
    return Image(known[0], known[0], known[1], dimensions) if known and dimensions == 2 else None


def _image(shape: list[int | None], dimensions: int) -> Image | None:
    if len(shape) != dimensions + 1:
        return None
    first = shape[0] in _CHANNELS and shape[-1] not in _CHANNELS
    channels = shape[0] if first else shape[-1]
    sides = [side for side in (shape[1:] if first else shape[:-1]) if side is not None]
    if len(sides) != dimensions or min(sides) < 1:
        return None
    return Image(min(sides), max(sides), channels or 0, dimensions)
