"""What the detector costs: milliseconds for a typical script, seconds for a folder of 500 files.

Run:

    .venv/bin/python -m bench.detector [--repeats 20] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from include.detector import Kind, inspect

FILES = 500
TYPICAL = """
import os
import numpy as np
from keras.datasets import mnist
from keras.layers import Conv2D, Dense, Dropout, Flatten, MaxPooling2D
from keras.models import Sequential
from keras.optimizers import Adam
from keras.utils import to_categorical

filters, neurons, epochs = 32, 100, 5

def load():
    (x_train, y_train), (x_test, y_test) = mnist.load_data()
    x_train = x_train.reshape(-1, 28, 28, 1).astype("float32") / 255
    x_test = x_test.reshape(-1, 28, 28, 1).astype("float32") / 255
    return x_train, to_categorical(y_train), x_test, to_categorical(y_test)

def build():
    model = Sequential()
    model.add(Conv2D(filters, (3, 3), activation="relu", input_shape=(28, 28, 1)))
    model.add(MaxPooling2D((2, 2)))
    for size in (64, 128):
        model.add(Conv2D(size, (3, 3), activation="relu", padding="same"))
    model.add(Flatten())
    model.add(Dense(neurons, activation="relu"))
    model.add(Dropout(0.25))
    model.add(Dense(10, activation="softmax"))
    model.compile(Adam(1e-3), loss="categorical_crossentropy", metrics=["accuracy"])
    return model

def report(model, x_test, y_test):
    score = model.evaluate(x_test, y_test, verbose=0)
    print("accuracy:", score[1] * 100)
    with open("/mlops/accuracy.txt", "w") as file:
        file.write(str(score[1] * 100))
    os.system("curl http://ci.example/job")

if __name__ == "__main__":
    x_train, y_train, x_test, y_test = load()
    model = build()
    model.fit(x_train, y_train, epochs=epochs, batch_size=128)
    report(model, x_test, y_test)
    model.save("mnist.h5")
"""
HELPER = '''
"""A helper of the kind that fills repositories."""
import os
import numpy as np

class Reader{n}:
    def __init__(self, folder):
        self.folder = folder

    def names(self):
        return sorted(os.listdir(self.folder))

    def read(self, name):
        return np.load(os.path.join(self.folder, name))

''' + "\n".join(
    f"def scale_{k}(values, factor={k}):\n    return [value * factor for value in values]\n"
    for k in range(12)
)


@dataclass(frozen=True)
class Figure:
    """One measured case: median and worst milliseconds over the repeats, against the aim."""

    case: str
    median_ms: float
    worst_ms: float
    aim_ms: float


def measure(case: str, path: Path, kind: Kind, repeats: int, aim_ms: float) -> Figure:
    """Inspect a path again and again.

    Raises:
        RuntimeError: The verdict is not the expected one, so the figure would say nothing.
    """
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        verdict = inspect(path)
        times.append((time.perf_counter() - started) * 1000)
        if verdict.kind is not kind:
            raise RuntimeError(f"{case}: expected {kind}, got {verdict.kind}: {verdict.reason}")
    return Figure(case, round(statistics.median(times), 1), round(max(times), 1), aim_ms)


def write_script(folder: Path) -> None:
    """One typical training script."""
    (folder / "mycode.py").write_text(TYPICAL)


def write_folder(folder: Path) -> None:
    """A training script among 499 helpers."""
    write_script(folder)
    for number in range(FILES - 1):
        package = folder / f"package{number % 10}"
        package.mkdir(exist_ok=True)
        (package / f"helper{number}.py").write_text(HELPER.replace("{n}", str(number)))


def write_rivals(folder: Path) -> None:
    """500 files that all train, the worst case for choosing a script."""
    for number in range(FILES):
        (folder / f"experiment{number}.py").write_text(TYPICAL)


def write_lines(folder: Path) -> None:
    """A million lines."""
    (folder / "mycode.py").write_text("x = 1\n" * 1_000_000)


def write_deep(folder: Path) -> None:
    """10,000 brackets in each other."""
    (folder / "mycode.py").write_text("x = " + "[" * 10_000 + "]" * 10_000)


def write_dense(folder: Path) -> None:
    """5 MB of nothing but statements."""
    (folder / "mycode.py").write_text("x=1;" * (5 * 1024 * 1024 // 4 - 1))


CASES: tuple[tuple[str, Callable[[Path], None], Kind, float], ...] = (
    ("typical script", write_script, Kind.CNN, 50),
    (f"folder of {FILES} files, one trains", write_folder, Kind.CNN, 2000),
    (f"folder of {FILES} files, all train", write_rivals, Kind.CNN, 2000),
    ("a million lines", write_lines, Kind.UNREADABLE, 2000),
    ("10,000 nested brackets", write_deep, Kind.UNREADABLE, 2000),
    ("5 MB of statements", write_dense, Kind.UNREADABLE, 2000),
)


def main() -> None:
    """Measure every case and print the table."""
    parser = argparse.ArgumentParser(description="Measure the detector.")
    parser.add_argument("--repeats", type=int, default=20, help="times that each case is inspected")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    figures = []
    for case, write, kind, aim_ms in CASES:
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder))
            figures.append(measure(case, Path(folder), kind, options.repeats, aim_ms))
    if options.json:
        options.json.write_text(json.dumps([asdict(figure) for figure in figures], indent=2) + "\n")
    Console().print(as_table(figures))


def as_table(figures: list[Figure]) -> Table:
    """The figures for a terminal."""
    table = Table("inspect(…) of", "median ms", "worst ms", "aim ms", title="Detector")
    for figure in figures:
        table.add_row(figure.case, f"{figure.median_ms:g}", f"{figure.worst_ms:g}", f"{figure.aim_ms:g}")
    return table


if __name__ == "__main__":
    main()
