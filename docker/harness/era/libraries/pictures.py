"""Pictures as SciPy read and wrote them, by Pillow, and what Pillow itself had until 9."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

from harness.hooks import Patch

_WAYS = {"nearest": 0, "lanczos": 1, "bilinear": 2, "bicubic": 3, "cubic": 3}
_FILTERS = {"ANTIALIAS": "LANCZOS", "LINEAR": "BILINEAR", "CUBIC": "BICUBIC"}


def patches() -> dict[str, Patch]:
    """Return what gives Pillow and SciPy their old functions back."""
    return {"PIL.Image": _filters, "PIL.ImageDraw": _sizes, "scipy.ndimage": _reading}


def scipy_misc(module: ModuleType) -> None:
    """Fill the module `scipy.misc`: pictures as arrays of bytes."""
    import numpy
    from PIL import Image

    special: Any = importlib.import_module("scipy.special")

    def imread(name: Any, flatten: bool = False, mode: str | None = None) -> Any:
        image = Image.open(name)
        wanted = "F" if flatten else mode or image.mode
        return numpy.array(image.convert(wanted))

    def imresize(arr: Any, size: Any, interp: str = "bilinear", mode: str | None = None) -> Any:
        image = toimage(arr, mode=mode)
        width, height = image.size
        if isinstance(size, (tuple, list)):
            height, width = (int(length) for length in size[:2])
        else:
            share = size / 100 if isinstance(size, int) else size
            width, height = int(width * share), int(height * share)
        return numpy.array(image.resize((width, height), _WAYS[interp]))

    def imrotate(arr: Any, angle: float, interp: str = "bilinear") -> Any:
        return numpy.array(toimage(arr).rotate(angle, resample=_WAYS[interp]))

    def toimage(arr: Any, mode: str | None = None, **_: Any) -> Any:
        array = numpy.asarray(arr).squeeze()
        if array.dtype != numpy.uint8:  # as scipy did: the smallest value is black, the largest white
            low, high = float(array.min()), float(array.max())
            array = ((array - low) * (255.0 / ((high - low) or 1.0)) + 0.5).astype(numpy.uint8)
        if array.ndim == 3 and array.shape[0] == 3 and array.shape[2] not in (3, 4):
            array = array.transpose(1, 2, 0)
        return Image.fromarray(array) if mode is None else Image.fromarray(array).convert(mode)

    def imsave(name: Any, arr: Any, format: str | None = None) -> None:
        toimage(arr).save(name, format=format)

    numbers = {name: getattr(special, name) for name in ("comb", "factorial", "logsumexp")}
    vars(module).update(
        imread=imread, imresize=imresize, imrotate=imrotate, toimage=toimage, imsave=imsave, **numbers
    )


def _filters(module: Any) -> None:
    for old, new in _FILTERS.items():
        if not hasattr(module, old):
            setattr(module, old, getattr(module, new))


def _sizes(module: Any) -> None:
    def textsize(self: Any, text: str, font: Any = None, **options: Any) -> tuple[int, int]:
        """Return the width and height of a text."""
        left, top, right, bottom = self.textbbox((0, 0), text, font, **options)
        return right - left, bottom - top

    if not hasattr(module.ImageDraw, "textsize"):
        module.ImageDraw.textsize = textsize


def _reading(module: Any) -> None:
    def imread(fname: Any, flatten: bool = False, mode: str | None = None) -> Any:
        """Return a picture as an array."""
        misc: Any = importlib.import_module("scipy.misc")
        return misc.imread(fname, flatten, mode)

    if not hasattr(module, "imread"):
        module.imread = imread
