"""The stack of layers of a network, and whether an image gets through it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Layer:
    """One layer that changes the size of the feature map, or the place where growth adds some.

    Args:
        kind: ``conv``, ``pool``, ``pad`` (adds `size` pixels on each side) or ``growth``.
        name: Its parameters' prefix, as ``conv1``; empty where nothing of it is tweaked.
        size: Kernel or pool size in pixels, as pushed.
        stride: In pixels; 0 means as large as `size` (the rule of pooling layers).
        same: Whether the border is padded so that only the stride shrinks the map.
    """

    kind: str
    name: str
    size: int
    stride: int = 1
    same: bool = False

    def shrink(self, side: int) -> int:
        """Return the side of the map behind this layer; below 1 where the layer doesn't fit."""
        if self.kind == "pad":
            return side + 2 * self.size
        stride = self.stride or self.size
        return -(-side // stride) if self.same else (side - self.size) // stride + 1


@dataclass(frozen=True)
class Network:
    """A sequential stack behind an image of `height` × `width` pixels."""

    height: int
    width: int
    layers: tuple[Layer, ...]

    def sides(self, values: Mapping[str, int | float | str]) -> Iterator[int]:
        """Yield the smaller side of the feature map behind each layer, up to the first that is below 1."""
        side = min(self.height, self.width)
        for layer in self.layers:
            for actual in _with_values(layer, values):
                side = actual.shrink(side)
                yield side
                if side < 1:
                    return

    def to_json(self) -> dict[str, Any]:
        """Return this network as JSON types."""
        return asdict(self) | {"layers": [asdict(layer) for layer in self.layers]}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Network:
        """Return the network that `to_json` wrote."""
        layers = tuple(Layer(**layer) for layer in document["layers"])
        return cls(document["height"], document["width"], layers)


def _with_values(layer: Layer, values: Mapping[str, int | float | str]) -> Iterator[Layer]:
    if layer.kind != "growth":
        suffix = "pool_size" if layer.kind == "pool" else "kernel_size"
        size = int(values.get(f"{layer.name}.{suffix}", layer.size))
        yield Layer(layer.kind, layer.name, size, layer.stride, layer.same)
        return
    for number in range(1, int(values.get("growth.conv_layers", 0)) + 1):
        name = f"new_conv{number}"
        yield Layer("conv", name, int(values.get(f"{name}.kernel_size", layer.size)), 1, layer.same)
        yield Layer("pool", name, int(values.get(f"{name}.pool_size", 1)), 0)
