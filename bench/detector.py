"""What the detector costs: time and memory for a typical script, a folder of 500 files, and hostile pushes.

Run:

    .venv/bin/python -m bench.detector [--repeats 5] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
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
    """One measured case.

    Args:
        case: What was inspected.
        median_ms: Median wall time over the repeats.
        worst_ms: The longest of them.
        aim_ms: What it is to stay below.
        memory_mb: Peak resident memory of any one process of an inspection, the calling one included.
        verdict: The kind of verdict.
    """

    case: str
    median_ms: float
    worst_ms: float
    aim_ms: float
    memory_mb: int
    verdict: str


def measure(case: str, path: Path, kind: Kind, repeats: int, aim_ms: float) -> Figure:
    """Inspect a path again and again, in a process of its own so that its peak of memory is known.

    Raises:
        RuntimeError: The verdict is not the expected one, so the figure would say nothing.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        times, verdicts, memory = pool.submit(_inspect_often, path, repeats).result()
    if set(verdicts) != {kind}:
        raise RuntimeError(f"{case}: expected {kind}, got {sorted(set(verdicts))}")
    return Figure(case, round(statistics.median(times), 1), round(max(times), 1), aim_ms, memory, kind.value)


def _inspect_often(path: Path, repeats: int) -> tuple[list[float], list[Kind], int]:
    """Milliseconds, kinds of verdict, and the peak of memory in megabytes."""
    times, verdicts = [], []
    for _ in range(repeats):
        started = time.perf_counter()
        verdicts.append(inspect(path).kind)
        times.append((time.perf_counter() - started) * 1000)
    peaks = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return times, verdicts, max(peaks) // 1024


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


def write_doubling(folder: Path) -> None:
    """40 texts, each twice the one before."""
    lines = "".join(f"a{n + 1} = a{n} + a{n}\n" for n in range(40))
    (folder / "mycode.py").write_text(f"a0 = 'x'\n{lines}open(a40, 'w')\n")


def write_diamonds(folder: Path) -> None:
    """Classes of which each inherits from the two before, in two ways."""
    pairs = [f"class {c}{n}(A{n - 1}, B{n - 1}): pass\n" for n in range(1, 60) for c in "AB"]
    (folder / "mycode.py").write_text("class A0: pass\nclass B0: pass\n" + "".join(pairs) + "A59().fit()\n")


def write_reassigned(folder: Path) -> None:
    """One name with 6,000 values, used 6,000 times."""
    values = "".join(f"x = keras.a{n}\n" for n in range(6_000))
    (folder / "mycode.py").write_text(f"import keras\n{values}" + "x.fit(x)\n" * 6_000)


def write_notebook(folder: Path) -> None:
    """25 MB of JSON that decodes to eight million lists."""
    (folder / "mycode.ipynb").write_text('{"cells": [' + "[]," * 8_000_000 + "[]]}")


def write_cells(folder: Path) -> None:
    """Sixty notebooks with as much code as is read."""
    cell = {"cell_type": "code", "source": "x = 1\n" * 60_000}
    for number in range(60):
        (folder / f"n{number}.ipynb").write_text(json.dumps({"cells": [cell], "nbformat": 4}))


def write_hostile_folder(folder: Path) -> None:
    """200 files of 5 MB that are dense code."""
    for number in range(200):
        (folder / f"train{number}.py").write_text("x.fit();" * (5 * 1024 * 1024 // 8 - 1))


def write_sparse_folder(folder: Path) -> None:
    """1,000 files of a terabyte of null bytes each, which take no room on the disk."""
    for number in range(1_000):
        with (folder / f"train{number}.py").open("wb") as file:
            file.truncate(10**12)


CASES: tuple[tuple[str, Callable[[Path], None], Kind, float], ...] = (
    ("typical script", write_script, Kind.CNN, 50),
    (f"folder of {FILES} files, one trains", write_folder, Kind.CNN, 2000),
    (f"folder of {FILES} files, all train", write_rivals, Kind.CNN, 2000),
    ("a million lines", write_lines, Kind.UNREADABLE, 2000),
    ("10,000 nested brackets", write_deep, Kind.UNREADABLE, 2000),
    ("5 MB of statements", write_dense, Kind.UNREADABLE, 2000),
    ("40 texts that double", write_doubling, Kind.UNREADABLE, 2000),
    ("60 diamonds of classes", write_diamonds, Kind.UNREADABLE, 2000),
    ("a name with 6,000 values", write_reassigned, Kind.UNREADABLE, 2000),
    ("a notebook of 8 million lists", write_notebook, Kind.UNREADABLE, 2000),
    ("60 notebooks full of code", write_cells, Kind.UNREADABLE, 2000),
    ("200 files of 5 MB of statements", write_hostile_folder, Kind.UNREADABLE, 2000),
    ("1,000 files of a terabyte", write_sparse_folder, Kind.UNREADABLE, 2000),
)


def main() -> None:
    """Measure every case and print the table."""
    parser = argparse.ArgumentParser(description="Measure the detector.")
    parser.add_argument("--repeats", type=int, default=5, help="times that each case is inspected")
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
    table = Table("inspect(…) of", "verdict", "median ms", "worst ms", "aim ms", "peak MB", title="Detector")
    for one in figures:
        times = (f"{one.median_ms:g}", f"{one.worst_ms:g}", f"{one.aim_ms:g}")
        table.add_row(one.case, one.verdict, *times, str(one.memory_mb))
    return table


if __name__ == "__main__":
    main()
