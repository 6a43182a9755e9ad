"""The layers of a network, what an image meets on its way through them, and what that costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from include.tweaker.shapes import DoesNotFitError, Shape, Values, behind, size_of, weight_of

SPATIAL = ("conv", "pool", "pad", "crop", "depthwise", "transpose", "upsample")


@dataclass(frozen=True)
class Layer:
    """One layer that changes the feature map, or the place where growth adds some.

    Args:
        kind: ``conv``, ``separable``, ``depthwise``, ``transpose``, ``pool``, ``pad`` (adds `size` pixels on
            each side), ``crop``, ``upsample``, ``global``, ``flatten``, ``dense``, ``add``, ``concat``,
            ``reshape`` (to `size` × `stride` × `width`), ``same`` (changes nothing), or a place of growth:
            ``growth`` (conv blocks), ``dense_growth``.
        name: Its parameters' prefix, as ``conv1``; empty where nothing of it is tweaked. Of ``growth`` it is
            the kind of what is added, empty for ``conv``.
        size: Kernel or pool size in pixels, as pushed.
        stride: In pixels; 0 means as large as `size` (the rule of pooling layers).
        same: Whether the border is padded so that only the stride shrinks the map.
        width: Filters or units as pushed; 0 where they aren't known.
        refs: Parameters of other names that set it: ``(("filters", "conv1.filters"),)`` where they share it.
        inputs: Positions of the layers that go into it; None means the one before.
    """

    kind: str
    name: str
    size: int = 1
    stride: int = 1
    same: bool = False
    width: int = 0
    refs: tuple[tuple[str, str], ...] = ()
    inputs: tuple[int, ...] | None = None

    def given(self, quantity: str, pushed: int, values: Values) -> int:
        """Return a quantity (``filters``, ``kernel_size``, …) under these values."""
        name = dict(self.refs).get(quantity, f"{self.name}.{quantity}")
        value = values.get(name, pushed)
        return pushed if isinstance(value, str) else int(value)


@dataclass(frozen=True)
class Cost:
    """What a network needs: trainable parameters, and multiply-adds for one image."""

    parameters: int
    macs: int


@dataclass(frozen=True)
class Network:
    """A network behind an image of `height` × `width` pixels.

    Args:
        height: Of the image, in pixels.
        width: Of the image, in pixels.
        layers: From the image to the output, each after those that go into it.
        channels: Of the image; 0 where they aren't known.
        dimensions: 1 for sequences, 2 for images, 3 for volumes.
        caps: The most that a tweaked network may cost; None without a cap.
    """

    height: int
    width: int
    layers: tuple[Layer, ...]
    channels: int = 0
    dimensions: int = 2
    caps: Cost | None = None

    def sides(self, values: Values) -> Iterator[int]:
        """Yield the smaller side of the feature map behind each layer, up to the first that is below 1.

        A layer that can't take what goes into it (branches of different shapes that are added) counts as 0.
        """
        steps = self._steps(values)
        while True:
            try:
                layer, shape, _ = next(steps)
            except StopIteration:
                return
            except DoesNotFitError:
                yield 0
                return
            if not shape.flat and layer.kind not in ("add", "concat", "same"):
                yield shape.side
                if shape.side < 1:
                    return

    def cost(self, values: Values) -> Cost | None:
        """Return what the network needs under these values; None where a width isn't known."""
        parameters = macs = 0
        try:
            for _, _, cost in self._steps(values):
                if cost is None:
                    return None
                parameters, macs = parameters + cost[0], macs + cost[1]
        except DoesNotFitError:
            return None
        return Cost(parameters, macs)

    def fits(self, values: Values) -> bool:
        """Return whether the image gets through every layer at a cost below the caps."""
        if not all(side >= 1 for side in self.sides(values)):
            return False
        cost = self.cost(values) if self.caps is not None else None
        if cost is None or self.caps is None:
            return True
        return cost.parameters <= self.caps.parameters and cost.macs <= self.caps.macs

    def _steps(self, values: Values) -> Iterator[tuple[Layer, Shape, tuple[int, int] | None]]:
        """Yield each actual layer with the shape behind it and its parameters and multiply-adds."""
        image = Shape(self.height, self.width, self.channels, self.dimensions)
        last = image
        outputs: list[Shape] = []
        for layer in self.layers:
            before = [last] if layer.inputs is None else [outputs[index] for index in layer.inputs] or [image]
            shape = before[0]
            for actual in grown(layer, values):
                sizes = size_of(actual, values)
                shape = behind(actual.kind, sizes, before, same=actual.same)
                yield actual, shape, weight_of(actual.kind, sizes, before[0], shape)
                before = [shape]
            outputs.append(shape)
            last = shape

    def to_json(self) -> dict[str, Any]:
        """Return this network as JSON types."""
        return asdict(self) | {"layers": [asdict(layer) for layer in self.layers]}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Network:
        """Return the network that `to_json` wrote."""
        caps = document.get("caps")
        return cls(
            document["height"],
            document["width"],
            tuple(_layer(layer) for layer in document["layers"]),
            document.get("channels", 0),
            document.get("dimensions", 2),
            Cost(**caps) if caps else None,
        )


def _layer(document: Mapping[str, Any]) -> Layer:
    inputs = document.get("inputs")
    return Layer(
        **{
            **document,
            "refs": tuple((quantity, name) for quantity, name in document.get("refs", ())),
            "inputs": tuple(inputs) if inputs is not None else None,
        }
    )


def grown(layer: Layer, values: Values) -> Iterator[Layer]:
    """Yield a layer, or the layers that growth has put in its place."""
    if layer.kind == "growth":
        for number in range(1, _count(values, "growth.conv_layers") + 1):
            name = f"new_conv{number}"
            yield replace(layer, kind=layer.name or "conv", name=name, stride=1, inputs=None)
            yield Layer("pool", name, 1, 0)
    elif layer.kind == "dense_growth":
        for number in range(1, _count(values, "growth.dense_layers") + 1):
            yield replace(layer, kind="dense", name=f"new_dense{number}", inputs=None)
    else:
        yield layer


def _count(values: Values, name: str) -> int:
    value = values.get(name, 0)
    return 0 if isinstance(value, str) else int(value)
