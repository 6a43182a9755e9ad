"""How fast a training starts: seconds until the script's first line, against a plain import of Keras.

All in one run, in turns, in the same image, with the limits and the hardening of a training:

- the interpreter alone, which is what container and Python cost;
- `python3 -c "import keras"`, which is what a script costs that is started without this project;
- the harness, which has Keras imported and watched when the script's first line runs;
- a container that waits for its trial: from its call to the script's first line.

The median of each is shown, and the fastest. Run:

    .venv/bin/python -m bench.startup [--rounds 5] [--json FILE]
"""

import argparse
import json
import os
import shutil
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from include.containers import ContainerSpec, Engine, Limits, training_spec
from include.containers.calling import let_go
from include.containers.files import make_ready
from include.containers.spec import GIB
from include.containers.waiting import start_waiting
from ops.engine import ensure_engine
from ops.images import ensure_training_image
from ops.paths import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "var" / "bench" / "startup"
EXPERIMENT = f"bench/startup@{'0' * 40}"
LIMITS = Limits(memory_bytes=2 * GIB, cpus=2.0)
FIRST_LINE = "import time; print('FIRST LINE', time.time(), flush=True)"
_POLL_SECONDS = 0.05
_PATIENCE_SECONDS = 120.0

NOTHING, PLAIN, COLD, WAITED = (
    "python3, nothing imported",
    'python3 -c "import keras"',
    "harness",
    "harness in a container that waited, from its call",
)


class NoFirstLine(RuntimeError):
    """A container ended, or took far too long, without the line that is waited for."""

    def __init__(self, output: str) -> None:
        super().__init__(
            f"the script's first line did not come; the container said: {output[-500:] or 'nothing'}"
        )


class Launches:
    """Containers as the train task launches them, one after the other.

    Args:
        engine: The engine.
        image: The training image.
    """

    def __init__(self, engine: Engine, image: str) -> None:
        self._engine, self._image, self._number = engine, image, 0

    def plain(self, program: str) -> float:
        """Return the seconds until a program's first line, with all but the harness as in a training."""
        spec, folder = self._next()
        make_ready(folder, spec.user)
        return self._measured(replace(spec, command=("python3", "-c", program)))

    def cold(self) -> float:
        """Return the seconds until the script's first line."""
        spec, folder = self._next()
        self._lay_out(folder)
        make_ready(folder, spec.user)
        return self._measured(spec)

    def waited(self) -> float:
        """Return the seconds from the call of a container that waits to the script's first line."""
        spec, folder = self._next()
        state = start_waiting(self._engine, spec, folder, keras=None)
        try:
            self._said(str(state.id), "waiting for its trial")
            self._lay_out(folder)
            began = time.time()
            let_go(folder)
            return self._first_line(str(state.id)) - began
        finally:
            self._engine.remove(str(state.id))

    def _next(self) -> tuple[ContainerSpec, Path]:
        self._number += 1
        folder = FOLDER / str(self._number)
        folder.mkdir(parents=True)
        options = {"image": self._image, "limits": LIMITS, "stack": self._engine.stack}
        return training_spec(EXPERIMENT, self._number, "bench", folder, **options), folder  # type: ignore[arg-type]

    def _lay_out(self, folder: Path) -> None:
        for name in ("work", "in"):
            (folder / name).mkdir(exist_ok=True)
        (folder / "work" / "script.py").write_text(FIRST_LINE)
        launch = {"script": "script.py", "working_directory": "/mlops", "seed": 0}
        (folder / "in" / "launch.json").write_text(json.dumps(launch))

    def _measured(self, spec: ContainerSpec) -> float:
        began = time.time()
        state = self._engine.launch(spec)
        try:
            return self._first_line(str(state.id)) - began
        finally:
            self._engine.remove(str(state.id))

    def _first_line(self, container_id: str) -> float:
        return float(self._said(container_id, "FIRST LINE").rpartition("FIRST LINE ")[2].split()[0])

    def _said(self, container_id: str, text: str) -> str:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while text not in (output := b"".join(self._engine.logs(container_id)).decode("utf-8", "replace")):
            container = self._engine.container(container_id)
            if container is None or container.status == "exited" or time.monotonic() > deadline:
                raise NoFirstLine(output)
            time.sleep(_POLL_SECONDS)
        return output


def measure(rounds: int) -> dict[str, list[float]]:
    """Return the seconds of each kind of start, one per round."""
    console = Console(stderr=True)
    shutil.rmtree(FOLDER, ignore_errors=True)
    ensure_engine(console.print)
    engine = Engine.connect(f"bench-startup-{os.getpid()}")
    launches = Launches(engine, ensure_training_image(console.print))
    kinds: dict[str, Callable[[], float]] = {
        NOTHING: lambda: launches.plain(FIRST_LINE),
        PLAIN: lambda: launches.plain(f"import keras; {FIRST_LINE}"),
        COLD: launches.cold,
        WAITED: launches.waited,
    }
    launches.plain(f"import keras; {FIRST_LINE}")  # the image's files come from the disk once
    seconds: dict[str, list[float]] = {kind: [] for kind in kinds}
    for number in range(1, rounds + 1):
        console.print(f"round {number} of {rounds}", style="dim")
        for kind, start in kinds.items():
            seconds[kind].append(start())
    engine.close()
    return seconds


def show(seconds: dict[str, list[float]]) -> None:
    """Print the table."""
    table = Table(title=f"Until the script's first line, {len(seconds[PLAIN])} rounds")
    table.add_column("start")
    for column in ("median s", "fastest s", "median / import keras"):
        table.add_column(column, justify="right")
    plain = statistics.median(seconds[PLAIN])
    for kind, values in seconds.items():
        median = statistics.median(values)
        table.add_row(kind, f"{median:.2f}", f"{min(values):.2f}", f"{median / plain:.2f} ×")
    Console().print(table)


def main() -> None:
    """Measure, print, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    seconds = measure(options.rounds)
    show(seconds)
    if options.json:
        medians = {kind: statistics.median(values) for kind, values in seconds.items()}
        options.json.write_text(json.dumps({"seconds": seconds, "median": medians}, indent=2) + "\n")


if __name__ == "__main__":
    main()
