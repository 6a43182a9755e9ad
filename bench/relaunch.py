"""How soon a crashed training goes on: seconds from SIGKILL to the new container, and epochs trained again.

One run of both: an experiment on the whole stack, in which every trial's container is killed once in
mid-training; then the same script by `docker run --restart=on-failure`, killed the same way. The first crash
of a trial is answered after 1 s; later ones of the same trial wait longer, on purpose, and are not measured.
Run as root, because what is killed is the container's first process:

    .venv/bin/python -m bench.relaunch [--kills 20] [--json FILE]
"""

import argparse
import json
import os
import random
import shutil
import signal
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from docker.models.containers import Container
from rich.console import Console
from rich.table import Table

import docker
from bench.fresh import fresh_stage
from include.containers import Engine, read_metrics
from include.containers.state import state_of
from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.records import State
from include.experiments.store import UnknownExperiment
from include.source import commit_folder
from ops.demo.stage import AUTHOR, EXAMPLE, Stage
from ops.engine import ensure_engine
from ops.images import ensure_training_image
from ops.paths import PROJECT_ROOT

VAR = PROJECT_ROOT / "var" / "bench-relaunch"
REPOSITORY = "admin/relaunch"
CPUS, MEMORY_MB, EPOCHS = 2, 2048, 8
KILL_AFTER = 2  # epochs
_SECONDS = 180.0

T = TypeVar("T")


@dataclass(frozen=True)
class Kill:
    """One killed container.

    Args:
        seconds: From SIGKILL to the start of the container that goes on, by the engine's clock.
        begun: Epochs begun before the kill, with the one that was cut off.
        repeated: Of those, the ones that were trained again.
    """

    seconds: float
    begun: int
    repeated: int


def eventually(look: Callable[[], T | None], what: str) -> T:
    """Wait for something; raises TimeoutError naming it when it doesn't happen."""
    deadline = time.monotonic() + _SECONDS
    while (seen := look()) is None:
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {_SECONDS:g} s: {what}")
        time.sleep(0.05)
    return seen


def kill(container: Container) -> float:
    """Kill a container's first process from outside, as no `docker` command would, and return the time."""
    container.reload()
    killed = time.time()
    os.kill(container.attrs["State"]["Pid"], signal.SIGKILL)
    return killed


def started(container: Container) -> float:
    """The time of a running container's last start, POSIX seconds by the engine's clock."""
    container.reload()
    at = state_of(container.attrs).started_at
    if at is None:
        raise ValueError(f"container {container.name} does not run")
    return at


# ---- on the stack


def on_the_stack(stage: Stage, kills: int, say: Callable[[str], None]) -> Iterator[Kill]:
    """Push the script, and kill each trial's container once."""
    with TemporaryDirectory() as folder:
        push = commit_folder(
            stage.github(), REPOSITORY, "main", _script(Path(folder)), "Recognise digits", AUTHOR
        )
    engine = Engine.connect(stage.settings.stack)
    experiment = eventually(lambda: _claimed(stage, f"{REPOSITORY}@{push.sha}"), "the push is seen")
    trial = done = 0
    while done < kills and experiment.state is State.RUNNING:
        trial += 1
        found = _kill_trial(stage, engine, experiment, trial)
        if found is not None:
            done += 1
            say(f"{done} of {kills}: {found.seconds:.2f} s, {found.repeated} epoch(s) again")
            yield found


def _claimed(stage: Stage, experiment: str) -> Experiment | None:
    try:
        return Installation(stage.settings).store.get(experiment)
    except UnknownExperiment:
        return None


def _kill_trial(stage: Stage, engine: Engine, experiment: Experiment, trial: int) -> Kill | None:
    out = stage.settings.trial(str(experiment), trial) / "out"

    def epochs() -> int:
        return len(read_metrics(out))

    def finished() -> bool:
        trials = experiment.trials()
        return len(trials) >= trial and trials[trial - 1].finished

    trains = lambda: epochs() >= KILL_AFTER or finished() or None  # noqa: E731
    eventually(trains, f"trial {trial} trains")
    time.sleep(random.uniform(0, 0.5))  # noqa: S311  # not always at the same place of an epoch
    first = engine.observe(str(experiment), trial)
    container = engine.container(str(first.id)) if first.status == "running" else None
    if container is None or container.status != "running":
        return None
    killed = kill(container)
    container.wait()
    complete = epochs()
    second = eventually(lambda: _next(engine, str(experiment), trial), f"trial {trial} is relaunched")
    start = started(second)
    eventually(lambda: finished() or None, f"trial {trial} ends")
    history = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    again = min((epoch["epoch"] for epoch in history if epoch["at"] > start), default=len(history) + 1)
    return Kill(start - killed, complete + 1, complete + 2 - again)


def _next(engine: Engine, experiment: str, trial: int) -> Container | None:
    state = engine.observe(experiment, trial)
    return engine.container(str(state.id)) if state.relaunch == 1 and state.status == "running" else None


def _script(folder: Path) -> Path:
    shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
    script = folder / "mycode.py"
    script.write_text(script.read_text().replace("epochs=5", f"epochs={EPOCHS}"))
    return folder


# ---- by the engine alone


def by_the_engine(image: str, kills: int, say: Callable[[str], None]) -> Iterator[Kill]:
    """Let the engine restart the script, each kill in a container of its own: its pause doubles as well."""
    client = docker.from_env()
    for number in range(1, kills + 1):
        with TemporaryDirectory() as folder:
            container = client.containers.run(**_plain(image, _script(Path(folder))))
            try:
                found = _kill_plain(container)
            finally:
                container.remove(force=True)
        say(f"--restart=on-failure {number} of {kills}: {found.seconds:.2f} s")
        yield found


def _plain(image: str, work: Path) -> dict[str, Any]:
    return {
        "image": image,
        "command": ["python3", "mycode.py"],
        "detach": True,
        "restart_policy": {"Name": "on-failure"},
        "volumes": {str(work): {"bind": "/mlops", "mode": "rw"}},
        "working_dir": "/mlops",
        "user": "0",
        "environment": {"PYTHONUNBUFFERED": "1"},
        "network_mode": "none",
        "nano_cpus": int(CPUS * 1e9),
        "mem_limit": f"{MEMORY_MB}m",
        "init": True,
    }


def _kill_plain(container: Container) -> Kill:
    def begun() -> int:
        return container.logs().count(f"/{EPOCHS}\n".encode())

    eventually(lambda: begun() > KILL_AFTER or None, "the script trains")
    before = container.attrs["RestartCount"]
    killed = kill(container)
    epochs = begun()

    def restarted() -> bool | None:
        container.reload()
        return (container.attrs["RestartCount"] > before and container.status == "running") or None

    eventually(restarted, "the engine restarts it")
    start = started(container)
    return Kill(start - killed, epochs, epochs)  # it starts from nothing


# ---- both


def measure(kills: int) -> dict[str, list[Kill]]:
    """Kill so many containers on the stack, and so many that the engine restarts."""
    console = Console(stderr=True)
    entry = {
        "name": REPOSITORY,
        "target": 1.0,
        "max_trials": 2 * kills,
        "cpus": CPUS,
        "memory_mb": MEMORY_MB,
        "pruner": "none",
        "warm_start": False,
        "poll_seconds": 2,
    }
    ensure_engine(console.print)
    image = ensure_training_image(console.print)
    stage = fresh_stage(VAR, 8380, [entry])
    with stage.running(console.print, [REPOSITORY.partition("/")[2]]):
        ours = list(on_the_stack(stage, kills, console.print))
    return {
        "better-cnn": ours,
        "docker run --restart=on-failure": list(by_the_engine(image, kills, console.print)),
    }


def show(measured: dict[str, list[Kill]]) -> None:
    """Print the table."""
    table = Table(title="A training whose container is killed")
    for column in (
        "",
        "kills",
        "seconds to the new container: median",
        "most",
        "epochs again: median",
        "most",
    ):
        table.add_column(column, justify="right" if column else "left")
    for name, kills in measured.items():
        seconds, repeated = [k.seconds for k in kills], [k.repeated for k in kills]
        figures = (f"{statistics.median(seconds):.2f}", f"{max(seconds):.2f}")
        again = (f"{statistics.median(repeated):g}", str(max(repeated)))
        table.add_row(name, str(len(kills)), *figures, *again)
    Console().print(table)


def main() -> None:
    """Measure, print, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    measured = measure(options.kills)
    show(measured)
    if options.json:
        document = {name: [asdict(kill) for kill in kills] for name, kills in measured.items()}
        options.json.write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()
