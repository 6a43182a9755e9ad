"""Trains a script of the benchmark with given values, in a fork of a process that has Keras already."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from include.detector.verdict import Verdict
from include.tweaker import SearchSpace, Value, apply

IMAGES = "images.npz"
_HARNESS = Path(__file__).parents[2] / "docker" / "harness"


@dataclass(frozen=True)
class Epoch:
    """One epoch: its validation accuracy as a fraction 0-1, and the seconds it took."""

    accuracy: float
    seconds: float


@dataclass(frozen=True)
class Network:
    """A weak network of the benchmark.

    Args:
        name: Of its script.
        tree: Folder with the script and the images.
        verdict: What the detector says of it.
        space: What all methods may tweak.
        target: Validation accuracy to reach, a fraction 0-1.
    """

    name: str
    tree: Path
    verdict: Verdict
    space: SearchSpace
    target: float

    def source(self, values: Mapping[str, Value]) -> str:
        """The script with these values in it."""
        script = str(self.verdict.script)
        with TemporaryDirectory() as folder:
            launch = apply(
                self.space, values, tree=self.tree, working_directory=Path(folder), verdict=self.verdict
            )
        return launch.files.get(script, (self.tree / script).read_bytes()).decode()


@dataclass(frozen=True)
class Weights:
    """Folders of a training's weights, as the harness reads and writes them in a trial's container.

    Args:
        given: With those that a larger network begins with, if there are any.
        kept: Where those of the trained network go.
    """

    given: Path
    kept: Path


def train(
    network: Network, values: Mapping[str, Value], seed: int, weights: Weights | None = None
) -> Generator[Epoch]:
    """Train with these values; closing the iterator ends the training.

    Args:
        network: Which one.
        values: Hyper-parameters by name.
        seed: Of the first weights and shuffling.
        weights: Where weights come from and go to; None for a start from nothing.

    Yields:
        Each epoch, as it ends.
    """
    receiving, sending = get_context("fork").Pipe(duplex=False)
    process = get_context("fork").Process(target=_run, args=(network, dict(values), seed, weights, sending))
    process.start()
    sending.close()
    try:
        with contextlib.suppress(EOFError):
            while True:
                yield receiving.recv()
    finally:
        process.kill()
        process.join()


def built(source: str, tree: Path) -> tuple[Any, dict[str, Any]]:
    """Run a script up to its `fit`, and return the model and the arguments of that call."""
    import keras

    class _BuiltError(Exception):
        pass

    def stop(model: Any, x: Any = None, y: Any = None, **arguments: Any) -> None:
        raise _BuiltError(model, {"x": x, "y": y, **arguments})

    original, before = keras.Model.fit, Path.cwd()
    keras.Model.fit = stop
    os.chdir(tree)
    try:
        exec(compile(source, "network.py", "exec"), {"__name__": "__main__"})  # noqa: S102 - a script of our own
    except _BuiltError as done:
        model, arguments = done.args
        return model, arguments
    finally:
        keras.Model.fit = original
        os.chdir(before)
    raise ValueError("the script never called fit")


def _run(
    network: Network, values: Mapping[str, Value], seed: int, weights: Weights | None, sending: Connection
) -> None:
    import keras

    keras.utils.set_random_seed(seed)
    model, arguments = built(network.source(values), network.tree)

    class Report(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
            self.began = time.monotonic()

        def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
            sending.send(Epoch(float((logs or {})["val_accuracy"]), time.monotonic() - self.began))

    warm = _warm_start(model, weights) if weights else contextlib.nullcontext()
    with warm:
        model.fit(**arguments, callbacks=[Report()])
    os._exit(0)  # without TensorFlow's clean-up, which a fork does not need


@contextlib.contextmanager
def _warm_start(model: Any, weights: Weights) -> Iterator[None]:
    """Begin with the given weights as the harness does it in a container, and keep the trained ones."""
    sys.path.append(str(_HARNESS.parent))  # it is a package of its own name, as in the image
    from harness.fitting import Fit
    from harness.recording import Recording
    from harness.warm_start import WarmStart, keep

    recording = Recording(weights.kept / "metrics.jsonl", model=model)
    start = WarmStart(weights.given, recording, data=lambda: None, say=lambda _: None)
    start.begins(Fit(number=1, model=model, epochs=0, callbacks=[]))
    yield
    keep(recording, weights.kept)


def images(folder: Path, train_size: int, test_size: int, mnist: Path) -> str:
    """Write the images that the scripts read, and say which they are.

    MNIST where the file is, else scikit-learn's 8x8 digits, enlarged; pixels are scaled to 0-1, in the shape
    (n, 28, 28, 1).
    """
    if mnist.is_file():
        with np.load(mnist) as data:
            x_train, y_train, x_test, y_test = (data[k] for k in ("x_train", "y_train", "x_test", "y_test"))
        scale, name = 255.0, "MNIST"
    else:
        from sklearn.datasets import load_digits

        digits = load_digits()
        enlarged = np.pad(digits.images.repeat(3, axis=1).repeat(3, axis=2), ((0, 0), (2, 2), (2, 2)))
        x_train, y_train = enlarged[:1300], digits.target[:1300]
        x_test, y_test = enlarged[1300:], digits.target[1300:]
        scale, name = 16.0, "digits"
    np.savez(
        folder / IMAGES,
        x_train=(x_train[:train_size, ..., None] / scale).astype("float32"),
        y_train=y_train[:train_size],
        x_test=(x_test[:test_size, ..., None] / scale).astype("float32"),
        y_test=y_test[:test_size],
    )
    return f"{name}, {min(train_size, len(x_train))} to train with, {min(test_size, len(x_test))} to test"
