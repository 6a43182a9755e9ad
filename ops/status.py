"""`make status`: how components, experiments and the running training are. Needs no Airflow."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from include.experiments.overview import Overview, Training, overviews
from include.report._numbers import against, duration
from include.repositories import Watched, load_repositories
from include.settings import Settings
from ops.connections import load_connections
from ops.engine import engine_version
from ops.stack import Stack, StackConfig
from ops.supervision import ComponentState

LIMIT = 10
_BAR = 28
_STYLES = {
    "running": "bold blue",
    "target_met": "green",
    "budget_spent": "yellow",
    "exhausted": "yellow",
    "not_trainable": "dim",
    "stopped": "dim",
}


@dataclass(frozen=True)
class Status:
    """Everything that is said.

    Args:
        var: State folder of the installation.
        url: The web UI's; None while nothing runs.
        engine: Version of the Docker engine; None when it does not answer.
        components: The supervised programs; empty when nothing runs.
        experiments: The newest and those that run, newest first.
        mails_waiting: Mails that the SMTP server has not taken yet.
        mails_refused: Mails that it refused for good.
        watched: What the configuration says.
    """

    var: Path
    url: str | None
    engine: str | None
    components: tuple[ComponentState, ...]
    experiments: tuple[Overview, ...]
    mails_waiting: int
    mails_refused: int
    watched: Watched

    @property
    def healthy(self) -> bool:
        """Whether every component runs."""
        return bool(self.components) and all(state.state == "RUNNING" for state in self.components)

    def to_json(self) -> dict[str, Any]:
        """The same for scripts; docs/status.md describes the keys."""
        return {
            "healthy": self.healthy,
            "var": str(self.var),
            "url": self.url,
            "engine": self.engine,
            "components": [state.to_json() for state in self.components],
            "repositories": [entry.name for entry in self.watched.repositories],
            "problems": list(self.watched.problems),
            "experiments": [experiment.to_json() for experiment in self.experiments],
            "mails": {"waiting": self.mails_waiting, "refused": self.mails_refused},
        }


def read_status(var: Path, config: Path, environment: dict[str, str], limit: int = LIMIT) -> Status:
    """Look at an installation, running or not; nothing is made or changed.

    Args:
        var: Its state folder.
        config: Folder with `repositories.yaml`.
        environment: The `CNN_*` settings that its components run with, as far as they are known.
        limit: How many experiments.
    """
    stack = Stack(StackConfig(var_dir=var))
    components = tuple(stack.status())
    settings = Settings.from_environment(places_of(var, config, environment))
    return Status(
        var=var,
        url=stack.url if components else None,
        engine=engine_version(),
        components=components,
        experiments=tuple(overviews(settings, limit)),
        mails_waiting=_count(settings.outbox / "pending"),
        mails_refused=_count(settings.outbox / "refused"),
        watched=load_repositories(settings.repositories_file),
    )


def places_of(var: Path, config: Path, environment: dict[str, str]) -> dict[str, str]:
    """The settings of an installation, running or not: what runs wins, then the operator's file."""
    return {"CNN_VAR_DIR": str(var), "CNN_CONFIG_DIR": str(config), **_own(var), **environment}


def _own(var: Path) -> dict[str, str]:
    """Settings of the operator's file; it is not made for the sake of being read."""
    path = var / "secrets" / "connections.env"
    return load_connections(path) if path.exists() else {}


def _count(folder: Path) -> int:
    return sum(1 for _ in folder.iterdir()) if folder.is_dir() else 0


def show(status: Status, console: Console | None = None) -> None:
    """Print a status for a person."""
    console = console or Console(highlight=False)
    for line in _lines(status):
        if console.is_terminal:
            console.print(line, no_wrap=line.no_wrap, overflow=line.overflow)
        else:
            console.print(line, soft_wrap=True)


def print_json(status: Status) -> None:
    """Print a status for a script."""
    print(json.dumps(status.to_json(), indent=2))


def _lines(status: Status) -> Iterator[Text]:
    yield _pair("Docker engine", status.engine or "does not answer", good=status.engine is not None)
    if status.url is None:
        yield Text("Not running; `make up` starts it")
    else:
        yield _pair("Web UI", status.url, good=True)
    for component in status.components:
        yield _component(component)
    for entry in status.watched.repositories:
        branch = entry.branch or "its default branch"
        yield _pair("Watched", f"{entry.name}, {branch}, target {entry.target:g}")
    for problem in status.watched.problems:
        yield _pair("Problem", problem, good=False)
    if not status.watched.repositories:
        yield _pair("Watched", "nothing yet: add a repository to config/repositories.yaml", good=False)
    if status.mails_waiting or status.mails_refused:
        said = f"{status.mails_waiting} waiting, {status.mails_refused} refused (var/outbox)"
        yield _pair("Mails", said, good=False)
    yield from _experiments(status.experiments)


def _pair(label: str, text: str, *, good: bool | None = None) -> Text:
    style = {None: "", True: "green", False: "yellow"}[good]
    return Text.assemble(f"{label:14} ", (text, style))


def _component(state: ComponentState) -> Text:
    running = state.state == "RUNNING"
    since = (
        "" if state.uptime_seconds is None else f"process {state.pid}, for {duration(state.uptime_seconds)}"
    )
    said = Text.assemble(f"{state.name:14} ", (f"{state.state.lower():9} ", "green" if running else "red"))
    return said.append(since, "dim")


def _experiments(experiments: Sequence[Overview]) -> Iterator[Text]:
    yield Text()
    if not experiments:
        yield Text("No experiment yet; a push starts one")
        return
    yield Text("Experiments, newest first", "bold")
    for experiment in experiments:
        yield _experiment(experiment)
        for training in experiment.training:
            yield _training(training, experiment.target)


def _experiment(experiment: Overview) -> Text:
    state = experiment.state.replace("_", " ")
    attempt = experiment.experiment.partition("+")[2]
    name = f"{experiment.repository}@{experiment.sha[:7]}" + (f"+{attempt}" if attempt else "")
    accuracy = experiment.accuracy
    figures = "no accuracy yet" if accuracy is None else against(accuracy, experiment.target)
    met = accuracy is not None and accuracy >= experiment.target
    line = Text.assemble(
        f"{name:32} ",
        (f"{state:14} ", _STYLES.get(experiment.state, "red")),
        (f"{figures:16} ", "green" if met else ""),
        f"{experiment.trials}/{experiment.max_trials} trials  ",
        (f"{_ago(experiment.started_at):10}  {experiment.author or '–'}: {experiment.message or '–'}", "dim"),
    )
    line.no_wrap, line.overflow = True, "ellipsis"
    return line


def _ago(moment: float) -> str:
    seconds = int(max(time.time() - moment, 0.0))
    for unit, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= unit:
            return f"{seconds // unit} {name} ago"
    return f"{seconds} s ago"


def _training(training: Training, target: float) -> Text:
    done, planned = training.epoch or 0, training.epochs or 0
    filled = min(round(_BAR * done / planned), _BAR) if planned else 0
    epochs = f"epoch {done}/{planned}" if planned else f"epoch {done}"
    accuracy = "" if training.accuracy is None else f" · {against(training.accuracy, target)}"
    again = f" · relaunched {training.relaunches} ×" if training.relaunches else ""
    line = Text.assemble(
        f"  trial {training.trial:<4}",
        ("━" * filled, "bold blue"),
        ("─" * (_BAR - filled), "dim"),
        f" {epochs if training.epoch else 'starting'}{accuracy}{again} · {duration(training.seconds)}",
        (f"  {training.reason}", "dim"),
    )
    line.no_wrap, line.overflow = True, "ellipsis"
    return line
