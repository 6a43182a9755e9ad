"""The image that a script's network is built for, without the network being known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from include.detector.verdict import Verdict


@dataclass(frozen=True)
class Image:
    """Height and width in pixels, channels (0: unknown), and whether every convolution pads its border."""

    height: int
    width: int
    channels: int
    same: bool


def image(tree: Path, verdict: Verdict) -> Image | None:
    """Return what the first layer is told of its input, or the size of a data set that everyone knows."""
    from include.tweaker.interfaces._flow import Flow
    from include.tweaker.interfaces._network import image_of
    from include.tweaker.interfaces._reading import parsed
    from include.tweaker.interfaces._resolve import Resolver
    from include.tweaker.interfaces._structure import text_of

    modules, _ = parsed(tree, verdict)
    resolver = Resolver(modules)
    layers = Flow(modules, resolver).layers
    convolutions = [layer for layer in layers if layer.kind == "conv"]
    found = image_of(layers, convolutions[0], resolver) if convolutions else None
    if found is None:
        return None
    same = all(text_of(layer, "padding", resolver).lower() == "same" for layer in convolutions)
    return Image(found.height, found.width, found.channels, same=same)
