"""Begins the training of a larger network with the weights of an earlier one, and keeps its own for later.

The host copies the file that an earlier trial's container wrote; it is only ever read here, in a container.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.fitting import Fit, Observer
from harness.keras_state import Mismatch, build
from harness.net2net import Grown, grow
from harness.recording import Recording

FILE = "warm.npz"
MOST_BYTES = 1024**3


class WarmStart(Observer):
    """Gives the first fit of a script the weights that were put beside it, where its network is larger.

    Args:
        given: Folder with the weights, if there are any.
        recording: What was seen of Keras.
        data: Gives the data of the present fit.
        say: Prints a line.
    """

    def __init__(
        self, given: Path, recording: Recording, data: Callable[[], Any], say: Callable[[str], None]
    ) -> None:
        self._given, self._recording, self._data, self._say = given / FILE, recording, data, say

    def begins(self, fit: Fit) -> None:
        """Put the weights into the model, unless the script has loaded some of its own."""
        recording = self._recording
        if fit.number != 1 or fit.resume is not None or recording.loads_weights or not self._given.exists():
            return
        try:
            grown = self._grown(fit.model)
        except (Mismatch, OSError, ValueError, KeyError, TypeError, IndexError) as error:
            recording.notes.append(f"Started from nothing: the given weights don't fit ({error}).")
            return
        if grown is not None:
            recording.warm_started = True
            how = "it computes what that network did" if grown.kept else "as far as layers correspond"
            self._say(f"starts from the weights of an earlier trial, {how}")

    def _grown(self, model: Any) -> Grown | None:
        build(model, self._data())
        layers = chain(model)
        found = None if layers is None else read(self._given)
        if layers is None or found is None:
            return None
        old, old_arrays = found
        grown = grow(old, old_arrays, [describe(layer) for layer in layers], first_values(layers))
        if grown is not None:
            for at, arrays in grown.arrays.items():
                for weight, array in zip(layers[at].weights, arrays, strict=True):
                    weight.assign(array)
        return grown


def keep(recording: Recording, out: Path) -> None:
    """Write the weights of the only network that the script fitted, for a larger one to start from.

    Args:
        recording: What was seen of Keras.
        out: Where they go.

    Raises:
        OSError: There is no room.
    """
    import numpy

    layers = chain(recording.model) if recording.model is not None and not recording.several_models else None
    if layers is None:
        return
    arrays = {f"{at}.{k}": w.numpy() for at, layer in enumerate(layers) for k, w in enumerate(layer.weights)}
    if sum(array.nbytes for array in arrays.values()) > MOST_BYTES:
        return
    told = json.dumps([describe(layer) for layer in layers]).encode()
    temporary = out / f".{FILE}"
    with temporary.open("wb") as stream:
        numpy.savez(stream, layers=numpy.frombuffer(told, dtype="uint8"), **arrays)
    temporary.replace(out / FILE)


def read(path: Path) -> tuple[list[dict[str, Any]], dict[int, list[Any]]]:
    """Return layers and weights that `keep` wrote.

    Raises:
        OSError: The file can't be read.
        ValueError: It is not such a file.
        KeyError: Something is missing in it.
    """
    import zipfile

    import numpy

    try:
        with numpy.load(path, allow_pickle=False) as loaded:
            layers = json.loads(loaded["layers"].tobytes())
            sizes = [len(layer["shapes"]) for layer in layers]
            return layers, {at: [loaded[f"{at}.{k}"] for k in range(n)] for at, n in enumerate(sizes)}
    except (EOFError, zipfile.BadZipFile) as error:
        raise ValueError("their file is damaged") from error


def chain(model: Any) -> list[Any] | None:
    """Return the layers of a model that has one after the other, None for any other model."""
    layers = [layer for layer in model.layers if type(layer).__name__ != "InputLayer"]
    if not model.built or not layers or any(hasattr(layer, "layers") for layer in layers):
        return None
    if any(getattr(layer, "data_format", None) == "channels_first" for layer in layers):
        return None
    if type(model).__name__ == "Sequential":
        return layers
    if type(model).__name__ != "Functional" or len(model.inputs) != 1 or len(model.outputs) != 1:
        return None
    pairs = itertools.pairwise(layers)
    linked = all(len(after._inbound_nodes) == 1 and after.input is before.output for before, after in pairs)
    return layers if linked else None


def first_values(layers: list[Any]) -> dict[int, list[Any]]:
    """Return the weights of layers by position."""
    return {at: [weight.numpy() for weight in layer.weights] for at, layer in enumerate(layers)}


def describe(layer: Any) -> dict[str, Any]:
    """Return what is to be known of a layer to tell whether another corresponds to it."""
    activation = getattr(layer, "activation", None)
    comes_in = getattr(getattr(layer, "input", None), "shape", ())
    return {
        "type": type(layer).__name__,
        "activation": getattr(activation, "__name__", None),
        "shapes": [list(weight.shape) for weight in layer.weights],
        "in": list(comes_in[1:]),
        "strides": _numbers(getattr(layer, "strides", None)),
        "padding": getattr(layer, "padding", None) if hasattr(layer, "kernel_size") else None,
    }


def _numbers(value: Any) -> list[int] | None:
    return (
        None if value is None else [int(n) for n in (value if isinstance(value, (list, tuple)) else (value,))]
    )
