"""What orchestration costs: seconds between two trials' trainings, and the experiment against a plain loop.

One run of both: the bundled example is pushed and trained for a fixed number of trials, then exactly the same
trials are run again by a shell loop of `docker run`, with the same image, processors and memory: a round.
A machine trains a fifth faster at one minute than at another, so there are several rounds, and medians count.

What counts is the whole time, from the first container's start to the last one's end, against the loop's. The
gaps say where it goes. A training begins when its container starts or, where that was started ahead of its
trial (`warm_containers`), when it is called; from then on a cold one imports Keras first. The gap until the
script's first line has both, and is the one to compare with `--cold`, which starts no container ahead. Run:

    .venv/bin/python -m bench.overhead [--trials 5] [--rounds 3] [--cold] [--json FILE]
"""

import argparse
import json
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

import docker
from bench.fresh import fresh_stage
from include.containers.calling import called_at
from include.containers.naming import STACK, TRIAL
from include.experiments.experiment import Experiment
from include.source import commit_folder
from ops.demo.follow import Ended, Patience, follow
from ops.demo.stage import AUTHOR, EXAMPLE, Stage
from ops.engine import ensure_engine
from ops.images import ensure_training_image
from ops.paths import PROJECT_ROOT

VAR = PROJECT_ROOT / "var" / "bench"
REPOSITORY = "admin/bench"
CPUS, MEMORY_MB = 2, 2048


@dataclass(frozen=True)
class Measured:
    """Figures of one round, in seconds.

    Args:
        trials: Trainings done.
        gaps: From the end of each trial's container to the beginning of the next training.
        gaps_to_script: From the end of each trial's container to the first line of the next one's script.
        ahead: Trainings whose container was started ahead.
        push_to_start: From the push to the start of the first container.
        experiment: From the start of the first container to the end of the last.
        whole: From the push to the end of the experiment.
        loop: The plain shell loop over the same trials.
    """

    trials: int
    gaps: tuple[float, ...]
    gaps_to_script: tuple[float, ...]
    ahead: int
    push_to_start: float
    experiment: float
    whole: float
    loop: float

    @property
    def ratio(self) -> float:
        """The experiment against the loop, from the first container's start to the last one's end."""
        return self.experiment / self.loop

    @property
    def ratio_with_push(self) -> float:
        """The same from the push to the experiment's end."""
        return self.whole / self.loop


class Times:
    """When each trial's last container started and ended, as the engine's event stream tells it."""

    def __init__(self, stack: str) -> None:
        self.starts: dict[int, float] = {}
        self.ends: dict[int, float] = {}
        client = docker.from_env()
        self._stream = client.events(decode=True, filters={"label": f"{STACK}={stack}", "type": "container"})
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        kinds = {"start": self.starts, "die": self.ends}
        for event in self._stream:
            trial = event["Actor"]["Attributes"].get(TRIAL)
            if (times := kinds.get(event["Action"])) is not None and trial is not None:
                times[int(trial)] = event["timeNano"] / 1e9


def measure(var: Path, trials: int, *, ahead: bool = True) -> Measured:
    """Push the example, let it be trained, and run the same trials in a plain loop, when nothing else runs.

    Args:
        var: Folder of the stack's state, one that this process has not used.
        trials: Trials of the experiment.
        ahead: Whether containers are started ahead of their trial.
    """
    console = Console(stderr=True)
    entry = {"name": REPOSITORY, "target": 1.0, "max_trials": trials, "cpus": CPUS, "memory_mb": MEMORY_MB}
    entry["warm_containers"] = ahead
    ensure_engine(console.print)
    image = ensure_training_image(console.print)
    stage = fresh_stage(var, 8280, [entry])
    with stage.running(console.print, [REPOSITORY.partition("/")[2]]):
        times = Times(stage.settings.stack)
        pushed, ended, experiment = _experiment(stage, console)
    console.print(f"the plain loop over the same {trials} trials")
    folders = list(_folders(stage, experiment))
    loop = _plain_loop([folder / "work" for folder in folders], image)
    called = [called_at(folder) for folder in folders]
    begun = [at or times.starts[number] for number, at in enumerate(called, start=1)]
    gaps = [began - times.ends[number] for number, began in enumerate(begun[1:], start=1)]
    return Measured(
        trials=len(folders),
        gaps=tuple(gaps),
        gaps_to_script=tuple(gap + _startup(folder) for gap, folder in zip(gaps, folders[1:], strict=True)),
        ahead=sum(at is not None for at in called),
        push_to_start=times.starts[1] - pushed,
        experiment=times.ends[len(folders)] - times.starts[1],
        whole=ended - pushed,
        loop=loop,
    )


def _experiment(stage: Stage, console: Console) -> tuple[float, float, Experiment]:
    github = stage.github()
    push = commit_folder(github, REPOSITORY, "main", EXAMPLE, "Recognise handwritten digits", AUTHOR)
    pushed = time.time()
    for event in follow(stage.settings, f"{REPOSITORY}@{push.sha}", Patience(1800)):
        console.print(type(event).__name__, style="dim")
        if isinstance(event, Ended):
            return pushed, time.time(), event.experiment
    raise AssertionError("follow ends with Ended or raises")


def _folders(stage: Stage, experiment: Experiment) -> Iterator[Path]:
    for trial in experiment.trials():
        yield stage.settings.trial(str(experiment), trial.number)


def _startup(folder: Path) -> float:
    """The seconds from the beginning of a training to the first line of its script."""
    document = json.loads((folder / "out" / "result.json").read_text(encoding="utf-8"))
    return float(document["startup_seconds"])


def _plain_loop(works: list[Path], image: str) -> float:
    mounts = " ".join(str(work) for work in works)
    script = (
        f"for work in {mounts}; do docker run --rm --user 0 --cpus {CPUS} --memory {MEMORY_MB}m "
        f'-v "$work":/mlops -w /mlops {image} python3 mycode.py || exit 1; done'
    )
    began = time.monotonic()
    subprocess.run(["bash", "-c", script], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began


def show(rounds: Sequence[Measured]) -> None:
    """Print the table."""
    ahead = f"{sum(each.ahead for each in rounds)} in containers started ahead"
    table = Table(title=f"{rounds[0].trials} trials of examples/mnist_cnn, {len(rounds)} rounds, {ahead}")
    for column in ("what", "median", "rounds"):
        table.add_column(column, justify="left" if column == "what" else "right")
    for what, each in ROWS.items():
        figures = [each(measured) for measured in rounds]
        table.add_row(what, f"{median(figures):.2f}", " ".join(f"{figure:.2f}" for figure in figures))
    Console().print(table)


ROWS: dict[str, Callable[[Measured], float]] = {
    "push to the first container's start, s": lambda measured: measured.push_to_start,
    "end of a container to the next training, median, s": lambda measured: median(measured.gaps),
    "end of a container to the next training, most, s": lambda measured: max(measured.gaps),
    "end of a container to the next script, median, s": lambda measured: median(measured.gaps_to_script),
    "end of a container to the next script, most, s": lambda measured: max(measured.gaps_to_script),
    "first container's start to last container's end, s": lambda measured: measured.experiment,
    "push to the experiment's end, s": lambda measured: measured.whole,
    "plain loop of docker run, s": lambda measured: measured.loop,
    "first start to last end / plain loop": lambda measured: measured.ratio,
    "push to end / plain loop": lambda measured: measured.ratio_with_push,
}


def main() -> None:
    """Measure, print, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--trials", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3, help="experiments, each with its plain loop")
    parser.add_argument("--cold", action="store_true", help="start no container ahead of its trial")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    shutil.rmtree(VAR, ignore_errors=True)
    folders = [VAR / f"round-{number}" for number in range(1, options.rounds + 1)]
    rounds = [measure(folder, options.trials, ahead=not options.cold) for folder in folders]
    show(rounds)
    if options.json:
        document = {
            "ratio": median(each.ratio for each in rounds),
            "ratio_with_push": median(each.ratio_with_push for each in rounds),
            "rounds": [
                {**asdict(each), "ratio": each.ratio, "ratio_with_push": each.ratio_with_push}
                for each in rounds
            ],
        }
        options.json.write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()
