"""The image that a script's network is built for, without the network being known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from include.tweaker.interfaces.base import python_files

if TYPE_CHECKING:
    from include.detector.verdict import Verdict


@dataclass(frozen=True)
class Image:
    """Height and width in pixels, and whether every convolution of the script pads its border."""

    height: int
    width: int
    same: bool


def image(tree: Path, verdict: Verdict) -> Image | None:
    """Return what the first layer is told of its input, or the size of a data set that everyone knows."""
    from include.tweaker.interfaces._layers import layer_calls
    from include.tweaker.interfaces._resolve import Resolver
    from include.tweaker.interfaces._source import UnreadableSourceError, read_source
    from include.tweaker.interfaces._structure import image_sides, is_padded
    from include.tweaker.interfaces._syntax import parse

    modules = []
    for path in python_files(verdict):
        try:
            modules.append(parse(read_source(tree, path)))
        except UnreadableSourceError:  # the literals interface reports it
            continue
    layers = layer_calls(modules)
    convolutions = [layer for layer in layers if layer.kind == "conv"]
    if not convolutions:
        return None
    sides = image_sides(layers, convolutions[0], Resolver(modules))
    return Image(*sides, same=all(is_padded(layer) for layer in convolutions)) if sides else None
