"""What each kind of layer makes of a feature map, and what that costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from include.tweaker.network import Layer

Values = Mapping[str, int | float | str]


class DoesNotFitError(Exception):
    """Feature maps of different shapes meet where they must be equal."""


@dataclass(frozen=True)
class Shape:
    """A feature map; a flat one has only channels. Unknown channels are 0."""

    height: int
    width: int
    channels: int
    dimensions: int = 2
    flat: bool = False

    @property
    def side(self) -> int:
        """Return the smaller side in pixels."""
        return min(self.height, self.width)

    @property
    def area(self) -> int:
        """Return how many places the map has; the depth of a volume counts as its width."""
        if self.flat:
            return 1
        area = self.height if self.dimensions == 1 else self.height * self.width
        return area * self.width if self.dimensions == 3 else area


@dataclass(frozen=True)
class Sizes:
    """What a layer is under a trial's values: kernel or pool size, stride, filters or units."""

    size: int
    stride: int
    width: int


def size_of(layer: Layer, values: Values) -> Sizes:
    """Return a layer's sizes under these values."""
    size = layer.given("pool_size" if layer.kind == "pool" else "kernel_size", layer.size, values)
    stride = layer.given("strides", layer.stride, values)
    width = layer.given("units" if layer.kind == "dense" else "filters", layer.width, values)
    return Sizes(size, max(stride or size, 1), width)


def behind(kind: str, sizes: Sizes, before: Sequence[Shape], *, same: bool) -> Shape:
    """Return the shape behind a layer.

    Args:
        kind: As `Layer.kind`.
        sizes: Of the layer.
        before: The shapes that go into it.
        same: Whether it pads its border.

    Raises:
        DoesNotFitError: The shapes that go into it must be equal and aren't.
    """
    first = before[0]
    if kind in ("add", "concat"):
        return _merged(kind, before)
    if kind == "reshape":
        return _reshaped(first, sizes)
    if kind == "dense":
        return _with(first, first.height, first.width, sizes.width)
    if kind in ("flatten", "global"):
        channels = first.channels if kind == "global" or first.flat else first.channels * first.area
        return Shape(1, 1, channels, first.dimensions, flat=True)
    if first.flat or kind == "same":
        return first
    height, width = (_side(kind, sizes, side, same=same) for side in (first.height, first.width))
    channels = sizes.width if kind in ("conv", "separable", "transpose") else first.channels
    return _with(first, height, width, channels)


def _with(shape: Shape, height: int, width: int, channels: int) -> Shape:
    return Shape(height, width, channels, shape.dimensions, shape.flat)


def _reshaped(first: Shape, sizes: Sizes) -> Shape:
    """Return the map that a flat one is put into; `sizes` holds its height, width and channels."""
    if first.channels and first.channels * first.area != sizes.size * sizes.stride * sizes.width:
        raise DoesNotFitError
    return Shape(sizes.size, sizes.stride, sizes.width, first.dimensions)


def _merged(kind: str, before: Sequence[Shape]) -> Shape:
    first = before[0]
    sides = {(shape.height, shape.width, shape.flat) for shape in before}
    channels = {shape.channels for shape in before if shape.channels > 1}  # one channel is broadcast
    spread = kind == "add" and any(shape.side == 1 for shape in before)  # so is one pixel, and a flat gate
    if (len(sides) > 1 and not spread) or (kind == "add" and len(channels) > 1):
        raise DoesNotFitError
    largest = max(before, key=lambda shape: shape.height)
    many = (
        sum(shape.channels for shape in before) if kind == "concat" else max(channels, default=first.channels)
    )
    return _with(largest, largest.height, largest.width, many)


def _side(kind: str, sizes: Sizes, side: int, *, same: bool) -> int:
    if kind == "pad":
        return side + 2 * sizes.size
    if kind == "crop":
        return side - 2 * sizes.size
    if kind == "upsample":
        return side * sizes.size
    if kind == "transpose":
        return side * sizes.stride + (0 if same else max(sizes.size - sizes.stride, 0))
    return -(-side // sizes.stride) if same else (side - sizes.size) // sizes.stride + 1


def weight_of(kind: str, sizes: Sizes, before: Shape, after: Shape) -> tuple[int, int] | None:
    """Return a layer's parameters and multiply-adds for one image; None where a width isn't known."""
    if kind not in ("conv", "separable", "depthwise", "transpose", "dense"):
        return 0, 0
    wide = before.channels if kind == "depthwise" else sizes.width
    if not before.channels or not wide:
        return None
    if kind == "dense":
        inside = before.channels * wide
        return inside + wide, inside * before.area
    kernel = sizes.size**before.dimensions
    inside = kernel * before.channels * (1 if kind in ("depthwise", "separable") else wide)
    if kind == "separable":
        inside += before.channels * wide
    places = before.area if kind == "transpose" else after.area
    return inside + wide, inside * max(places, 0)
