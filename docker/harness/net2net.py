"""Weights of a trained network for a larger one: wider layers, larger kernels, layers put in between.

The idea is Net2Net's (Chen, Goodfellow, Shlens: Accelerating Learning via Knowledge Transfer, ICLR 2016): the
larger network first computes what the smaller one did. A layer put in between is the identity. The new units
of a wider layer are no copies, which learn to differ from their originals slowly, but keep their own first
values, with outgoing weights of zero (as in Wei et al.: Network Morphism, ICML 2016). Where the function is
not kept, a layer and all after it keep their first values.
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
        origin: For each unit, the old unit that it is, or -1 for a new one.
        not_negative: Whether their values are never negative.
    """

    origin: Any
    not_negative: bool = False

    @property
    def same(self) -> bool:
        """Whether they are the old units, one by one."""
        return bool((self.origin == range(len(self.origin))).all())


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
    old: Sequence[Layer],
    old_arrays: Mapping[int, list[Any]],
    new: Sequence[Layer],
    new_arrays: Mapping[int, list[Any]],
) -> Grown | None:
    """Return first weights for a network that is larger than a trained one.

    Args:
        old: The trained network's layers in order: ``type``, ``activation``, ``shapes`` of its arrays, ``in``
            (the shape that goes in, without the batch), ``strides`` and ``padding``.
        old_arrays: Their weights by position.
        new: The larger network's layers.
        new_arrays: The first values that they have by themselves.

    Returns:
        None where the network is not larger, or nothing of the old one can be used.
    """
    import numpy

    pairs = match(old, new)
    if pairs is None or not old or old[0]["in"] != new[0]["in"]:
        return None
    units: Units | None = Units(numpy.arange(new[0]["in"][-1] if new[0]["in"] else 0))
    walk = _Walk(old, old_arrays)
    arrays: dict[int, list[Any]] = {}
    for at, layer in enumerate(new):
        if units is None:
            break
        given, units = walk.step(layer, pairs.get(at), units, new_arrays[at])
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

    def __init__(self, old: Sequence[Layer], arrays: Mapping[int, list[Any]]) -> None:
        self._old, self._arrays = old, arrays
        self.exact = True

    def step(
        self, layer: Layer, source: int | None, units: Units, own: list[Any]
    ) -> tuple[list[Any] | None, Units | None]:
        """Return a layer's first weights (None for its own), and what its units are (None for unknown)."""
        kind = layer["type"]
        if not layer["shapes"]:
            return None, self._without_weights(layer, units)
        if kind == "BatchNormalization":
            self.exact &= source is not None
            return self._normalized(source, units, own), Units(units.origin)
        if kind in _CONVOLUTIONS or kind == "Dense":
            grown = (
                self._identity(layer, units, own)
                if source is None
                else self._wider(layer, source, units, own)
            )
            return grown if grown is not None else (None, None)
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
        return Units(units.origin, stays or active in _NOT_NEGATIVE)

    def _flat(self, layer: Layer, units: Units) -> Units | None:
        """Units by place and channel, where the picture is as large as it was."""
        import numpy

        before = [other["in"] for other in self._old if other["type"] == "Flatten"]
        if len(before) != 1 or list(before[0][:-1]) != list(layer["in"][:-1]):
            return None
        places, channels = int(numpy.prod(layer["in"][:-1], dtype=int)), int(before[0][-1])
        origin = numpy.arange(places)[:, None] * channels + units.origin[None, :]
        return Units(numpy.where(units.origin[None, :] < 0, -1, origin).reshape(-1), units.not_negative)

    def _normalized(self, source: int | None, units: Units, own: list[Any]) -> list[Any] | None:
        if source is None:
            return None
        known = units.origin >= 0
        arrays = [array.copy() for array in own]
        for array, trained in zip(arrays, self._arrays[source], strict=True):
            array[known] = trained[units.origin[known]]
        return arrays

    def _wider(
        self, layer: Layer, source: int, units: Units, own: list[Any]
    ) -> tuple[list[Any], Units] | None:
        """The old layer first and new units after it, and zeros around its kernel where that is larger."""
        import numpy

        kernel, *biases = self._arrays[source]
        known = units.origin >= 0
        if len(units.origin) != layer["shapes"][0][-2] or kernel.shape[-2] != known.sum():
            return None
        before, after = kernel.shape[-1], layer["shapes"][0][-1]
        arrays = [array.copy() for array in own]
        arrays[0][..., :before] = 0.0
        sides = list(zip(arrays[0].shape[:-2], kernel.shape[:-2], strict=True))
        # Keras puts the smaller half of its padding first.
        starts = [(now - 1) // 2 - (was - 1) // 2 for now, was in sides]
        middle = arrays[0][tuple(slice(at, at + was) for at, (_, was) in zip(starts, sides, strict=True))]
        for unit in numpy.flatnonzero(known):
            middle[..., unit, :before] = kernel[..., units.origin[unit], :]
        for array, trained in zip(arrays[1:], biases, strict=True):
            array[:before] = trained
        self.exact &= all(now == was for now, was in sides) or _keeps_size(layer)
        return arrays, Units(_old_then_new(numpy.arange(before), after), layer["activation"] in _NOT_NEGATIVE)

    def _identity(self, layer: Layer, units: Units, own: list[Any]) -> tuple[list[Any], Units] | None:
        """A layer that hands on what it gets, where its activation and its size allow it."""
        import numpy

        shape = layer["shapes"][0]
        comes_in, goes_out = shape[-2:]
        passes = layer["activation"] == "linear" or (layer["activation"] == "relu" and units.not_negative)
        if not (passes and _keeps_size(layer) and goes_out >= comes_in == len(units.origin)):
            return None
        arrays = [array.copy() for array in own]
        same = numpy.arange(comes_in)
        arrays[0][..., :comes_in] = 0.0
        arrays[0][(*((side - 1) // 2 for side in shape[:-2]), same, same)] = 1.0
        for array in arrays[1:]:
            array[:comes_in] = 0.0
        return arrays, Units(_old_then_new(units.origin, goes_out), units.not_negative)


def _old_then_new(origin: Any, count: int) -> Any:
    import numpy

    return numpy.concatenate([origin, numpy.full(count - len(origin), -1)]).astype(int)
