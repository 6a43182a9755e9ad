"""Weights of a trained network for a larger one: wider layers, larger kernels, layers put in between.

Net2Net (Chen, Goodfellow, Shlens: Accelerating Learning via Knowledge Transfer, ICLR 2016): a wider layer
gets copies of old units whose outgoing weights share the old unit's; a layer put in between is the identity;
so the larger network computes what the smaller one did. Shares are uneven: two copies with equal shares
would stay equal for ever. Where the function can't be kept, a layer and all after it keep their first values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

Layer = Mapping[str, Any]
_CONVOLUTIONS = ("Conv1D", "Conv2D", "Conv3D", "Convolution2D")
_PASSING = ("Pooling", "Dropout", "Noise", "Padding", "UpSampling", "ReLU", "ELU", "Activation", "Rescaling")
_NOT_NEGATIVE = ("relu", "relu6", "sigmoid", "softplus", "softmax", "exponential", "hard_sigmoid")


@dataclass(frozen=True)
class Units:
    """What the units at one place of the larger network are in the smaller one.

    Args:
        origin: For each unit, the old unit that it is.
        share: How much of the old unit's outgoing weights it gets.
        not_negative: Whether their values are never negative.
    """

    origin: Any
    share: Any
    not_negative: bool = False

    @property
    def same(self) -> bool:
        """Whether they are the old units, one by one."""
        return bool((self.share == 1).all() and (self.origin == range(len(self.origin))).all())


@dataclass(frozen=True)
class Grown:
    """The first weights of a larger network.

    Args:
        arrays: The weights of each of its layers that gets some, by the layer's position.
        kept: Whether it computes what the smaller one did.
    """

    arrays: dict[int, list[Any]]
    kept: bool


def grow(
    old: Sequence[Layer], old_arrays: Mapping[int, list[Any]], new: Sequence[Layer], seed: int = 0
) -> Grown | None:
    """Return first weights for a network that is larger than a trained one.

    Args:
        old: The trained network's layers in order: ``type``, ``activation``, ``shapes`` of its arrays, ``in``
            (the shape that goes in, without the batch), ``strides`` and ``padding``.
        old_arrays: Their weights by position.
        new: The larger network's layers.
        seed: For the choice of the units that are copied.

    Returns:
        None where the network is not larger, or nothing of the old one can be used.
    """
    import numpy

    pairs = match(old, new)
    if pairs is None or not old or old[0]["in"] != new[0]["in"]:
        return None
    channels = new[0]["in"][-1] if new[0]["in"] else 0
    units: Units | None = Units(numpy.arange(channels), numpy.ones(channels))
    walk = _Walk(old, old_arrays, numpy.random.RandomState(seed))
    arrays: dict[int, list[Any]] = {}
    for at, layer in enumerate(new):
        if units is None:
            break
        given, units = walk.step(layer, pairs.get(at), units)
        if given is not None:
            arrays[at] = given
    copied = any(at in pairs for at in arrays)
    return Grown(arrays, units is not None and walk.exact) if copied else None


def match(old: Sequence[Layer], new: Sequence[Layer]) -> dict[int, int] | None:
    """Match every old layer with weights to a new one of its type, in order, that is not smaller.

    Returns:
        Positions of old layers by those of new ones; None where there is no such match, or nothing has grown.
    """
    olds, news = ([at for at, layer in enumerate(layers) if layer["shapes"]] for layers in (old, new))

    @cache
    def best(i: int, j: int) -> tuple[float, tuple[tuple[int, int], ...]] | None:
        """The best match of the old layers from the i-th with the new ones from the j-th."""
        found = None
        for k in range(j, len(news)):
            if i == len(olds) - 1 and k != len(news) - 1:
                continue  # the output stays the output
            rest = _rest(i, k)
            likeness = _likeness(old[olds[i]], new[news[k]])
            if likeness and rest is not None and (found is None or likeness + rest[0] > found[0]):
                found = (likeness + rest[0], ((news[k], olds[i]), *rest[1]))
        return found

    def _rest(i: int, k: int) -> tuple[float, tuple[tuple[int, int], ...]] | None:
        return (0.0, ()) if i == len(olds) - 1 else best(i + 1, k + 1)

    found = best(0, 0) if olds else None
    if found is None or _output(old[olds[-1]]) != _output(new[news[-1]]):
        return None
    grown = len(news) > len(olds) or found[0] < 2 * len(olds)
    return dict(found[1]) if grown else None


def _likeness(old: Layer, new: Layer) -> float:
    if old["type"] != new["type"] or len(old["shapes"]) != len(new["shapes"]):
        return 0
    if old["type"] not in (*_CONVOLUTIONS, "Dense"):
        return 2 if old["type"] == "BatchNormalization" or old["shapes"] == new["shapes"] else 0
    before, after = _size(old), _size(new)
    if len(before) != len(after) or any(a < b for b, a in zip(before, after, strict=True)):
        return 0
    return 2 if before == after else 1


def _size(layer: Layer) -> list[int]:
    """Kernel and units, without what comes in."""
    kernel = layer["shapes"][0]
    return [*kernel[:-2], kernel[-1]]


def _output(layer: Layer) -> int:
    return int(layer["shapes"][0][-1])


def _keeps_size(layer: Layer) -> bool:
    """Whether a picture is as large after a layer as before it."""
    whole = layer["padding"] in (None, "same") or all(side == 1 for side in layer["shapes"][0][:-2])
    return whole and all(step == 1 for step in layer["strides"] or ())


class _Walk:
    """Goes through the larger network, from its input on."""

    def __init__(self, old: Sequence[Layer], arrays: Mapping[int, list[Any]], random: Any) -> None:
        self._old, self._arrays, self._random = old, arrays, random
        self.exact = True

    def step(self, layer: Layer, source: int | None, units: Units) -> tuple[list[Any] | None, Units | None]:
        """Return a layer's first weights (None for its own), and what its units are (None for unknown)."""
        kind = layer["type"]
        if not layer["shapes"]:
            return None, self._without_weights(layer, units)
        if kind == "BatchNormalization":
            plain = Units(units.origin, units.share)
            self.exact &= source is not None
            return ([a[units.origin] for a in self._arrays[source]] if source is not None else None), plain
        if kind in _CONVOLUTIONS or kind == "Dense":
            weights = self._identity(layer, units) if source is None else self._wider(layer, source, units)
            return weights if weights is not None else (None, None)
        if source is not None and units.same and self._old[source]["shapes"] == layer["shapes"]:
            return self._arrays[source], None
        return None, None

    def _without_weights(self, layer: Layer, units: Units) -> Units | None:
        if layer["type"] == "Flatten":
            return self._flat(layer, units)
        if layer["type"] == "Softmax" and units.same:
            return units
        if not any(name in layer["type"] for name in _PASSING):
            return None
        active = layer["activation"] or ("relu" if layer["type"] == "ReLU" else None)
        signed = layer["type"].endswith(("LeakyReLU", "ELU", "GaussianNoise", "Rescaling"))
        stays = units.not_negative and not signed and active in (None, "linear")
        return Units(units.origin, units.share, stays or active in _NOT_NEGATIVE)

    def _flat(self, layer: Layer, units: Units) -> Units | None:
        """Units by place and channel, where the picture is as large as it was."""
        import numpy

        before = [other["in"] for other in self._old if other["type"] == "Flatten"]
        if len(before) != 1 or list(before[0][:-1]) != list(layer["in"][:-1]):
            return None
        places, channels = int(numpy.prod(layer["in"][:-1], dtype=int)), int(before[0][-1])
        origin = (numpy.arange(places)[:, None] * channels + units.origin[None, :]).reshape(-1)
        return Units(origin, numpy.tile(units.share, places), units.not_negative)

    def _wider(self, layer: Layer, source: int, units: Units) -> tuple[list[Any], Units] | None:
        """The old layer with copies of its units, and zeros around its kernel where that is larger."""
        import numpy

        kernel, *bias = self._arrays[source]
        comes_in, goes_out = layer["shapes"][0][-2:]
        if len(units.origin) != comes_in or int(units.origin.max()) >= kernel.shape[-2]:
            return None
        origin, share = self._copies(kernel.shape[-1], goes_out)
        taken = (kernel[..., units.origin, :] * units.share[:, None])[..., origin]
        larger = numpy.zeros(layer["shapes"][0], dtype=kernel.dtype)
        sides = list(zip(larger.shape[:-2], kernel.shape[:-2], strict=True))
        # Keras puts the smaller half of its padding first.
        starts = [(now - 1) // 2 - (was - 1) // 2 for now, was in sides]
        larger[tuple(slice(at, at + was) for at, (_, was) in zip(starts, sides, strict=True))] = taken
        self.exact &= larger.shape[:-2] == kernel.shape[:-2] or _keeps_size(layer)
        after = Units(origin, share, layer["activation"] in _NOT_NEGATIVE)
        return [larger, *(array[origin] for array in bias)], after

    def _copies(self, before: int, after: int) -> tuple[Any, Any]:
        import numpy

        added = self._random.randint(0, before, after - before)
        origin = numpy.concatenate([numpy.arange(before), added]).astype(int)
        parts = self._random.uniform(0.5, 1.5, after)
        parts[numpy.bincount(origin, minlength=before)[origin] == 1] = 1.0
        whole = numpy.bincount(origin, weights=parts, minlength=before)
        return origin, parts / whole[origin]

    def _identity(self, layer: Layer, units: Units) -> tuple[list[Any], Units] | None:
        """A layer that hands on what it gets, where its activation and its size allow it."""
        import numpy

        shape = layer["shapes"][0]
        comes_in, goes_out = shape[-2:]
        passes = layer["activation"] == "linear" or (layer["activation"] == "relu" and units.not_negative)
        if not (passes and _keeps_size(layer) and goes_out >= comes_in == len(units.origin)):
            return None
        origin, share = self._copies(comes_in, goes_out)
        kernel = numpy.zeros(shape, dtype="float32")
        kernel[(*((side - 1) // 2 for side in shape[:-2]), origin, numpy.arange(goes_out))] = 1.0
        biases = [numpy.zeros(other, dtype="float32") for other in layer["shapes"][1:]]
        return [kernel, *biases], Units(units.origin[origin], units.share[origin] * share, units.not_negative)
