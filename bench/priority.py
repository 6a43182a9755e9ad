"""What the idle stack leaves of the processors to a training that wants all of them.

A container like a training's counts the processor time that it gets for a while, as a share of all
processors: on a machine with nothing else, beside a stack that has nothing to do but to look, and beside the
same stack without its niceness (`ops/processes.py`). In turns; medians count. On a slow machine the stack's
looking takes a larger share, and the niceness matters more. Run:

    .venv/bin/python -m bench.priority [--rounds 3] [--seconds 15] [--json FILE]
"""

import argparse
import json
import os
import statistics
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

import docker
from bench.fresh import fresh_stage
from ops import processes
from ops.demo.stage import Stage
from ops.engine import ensure_engine
from ops.images import ensure_training_image
from ops.paths import PROJECT_ROOT

VAR = PROJECT_ROOT / "var" / "bench"
REPOSITORY = "admin/bench"
ALONE, NICE, NOT_NICE = "no stack", "idle stack", "idle stack, not nice"
_SETTLING_SECONDS = 20.0
SPIN = """
import os, sys, time
end, count = time.monotonic() + float(sys.argv[1]), os.cpu_count()
for _ in range(count):
    if os.fork() == 0:
        while time.monotonic() < end:
            pass
        os._exit(0)
for _ in range(count):
    os.wait()
used = os.times()
print((used.children_user + used.children_system) / count / float(sys.argv[1]))
"""


def measure(rounds: int, seconds: float) -> dict[str, list[float]]:
    """Return the shares of all processors that a container got, by what ran beside it.

    Args:
        rounds: How often.
        seconds: How long each time.
    """
    console = Console(stderr=True)
    ensure_engine(console.print)
    image = ensure_training_image(console.print)
    shares: dict[str, list[float]] = {ALONE: [], NICE: [], NOT_NICE: []}
    for _ in range(rounds):
        shares[ALONE].append(_share(image, seconds))
        stage = fresh_stage(VAR, 8280, [{"name": REPOSITORY}])
        with stage.running(console.print, [REPOSITORY.partition("/")[2]]):
            time.sleep(_SETTLING_SECONDS)  # the first runs of monitor and maintenance
            for name, niceness in ((NICE, processes.NICENESS), (NOT_NICE, 0)):
                _make(stage, niceness)
                shares[name].append(_share(image, seconds))
    return shares


def _make(stage: Stage, niceness: int) -> None:
    """Give all processes of the stack a niceness; only root may take one away."""
    for process in processes.of_stack(stage.stack.id):
        process.nice(niceness)
        group = Path(f"/proc/{process.pid}/autogroup")
        if group.exists():
            group.write_text(str(niceness), encoding="ascii")


def _share(image: str, seconds: float) -> float:
    client = docker.from_env()
    command = ["python3", "-c", SPIN, str(seconds)]
    output = client.containers.run(image, command, remove=True, network_mode="none")
    return float(output)


def show(shares: dict[str, list[float]]) -> None:
    """Print the table."""
    table = Table(title=f"Share of {os.cpu_count()} processors that a container gets which wants all")
    for column in ("beside it", "median", "rounds"):
        table.add_column(column, justify="left" if column == "beside it" else "right")
    for name, found in shares.items():
        table.add_row(name, f"{statistics.median(found):.0%}", " ".join(f"{share:.0%}" for share in found))
    Console().print(table)


def main() -> None:
    """Measure, print, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if os.geteuid() != 0:
        parser.error("only root can take the niceness away for the comparison")
    shares = measure(options.rounds, options.seconds)
    show(shares)
    if options.json:
        options.json.write_text(json.dumps({"processors": os.cpu_count(), **shares}, indent=2) + "\n")


if __name__ == "__main__":
    main()
