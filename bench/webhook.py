"""How soon a push starts its run: told by GitHub's webhook, and seen by polling.

Pushes that are no networks, so that nothing is trained, go to two repositories in turns. Run:

    .venv/bin/python -m bench.webhook [--pushes 10] [--json FILE]
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from secrets import token_hex

from github import Github
from rich.console import Console
from rich.table import Table

from bench.fresh import fresh_stage
from include.source import commit_folder
from ops import emulator
from ops.airflow_api import AirflowApi
from ops.demo.stage import AUTHOR, Stage
from ops.engine import ensure_engine
from ops.paths import PROJECT_ROOT

VAR = PROJECT_ROOT / "var" / "bench-webhook"
HOOKED, POLLED = "hooked", "polled"
CONNECTION = "github_hooked"
POLL_SECONDS = 10
_PATIENCE_SECONDS = 120.0


def measure(pushes: int) -> dict[str, list[float]]:
    """Push to both repositories; returns the seconds from each push to its run's start.

    Args:
        pushes: How many to each.
    """
    console = Console(stderr=True)
    hooked = {"name": f"admin/{HOOKED}", "poll_seconds": 3600, "connection": CONNECTION}
    polled = {"name": f"admin/{POLLED}", "poll_seconds": POLL_SECONDS}
    ensure_engine(console.print)
    stage = fresh_stage(VAR, 8290, [hooked, polled])
    with stage.running(console.print, [HOOKED, POLLED]), stage.stack.api() as api:
        _hook(stage, api)
        alternate(api, stage.github(), 1, console)  # the first ones meet empty repositories
        return alternate(api, stage.github(), pushes, console)


def _hook(stage: Stage, api: AirflowApi) -> None:
    """Make the connection with the secret, and the webhook that signs with it."""
    secret = token_hex(32)
    connection = {
        "connection_id": CONNECTION,
        "conn_type": "github",
        "host": emulator.base_url(stage.github_port),
        "password": emulator.TOKEN,
        "extra": json.dumps({"webhook_secret": secret}),
    }
    api.post("connections", connection)
    config = {
        "url": f"{stage.stack.url}/better-cnn/github/webhook",
        "content_type": "json",
        "secret": secret,
    }
    stage.github().get_repo(f"admin/{HOOKED}").create_hook("web", config, ["push"], active=True)


def alternate(api: AirflowApi, github: Github, pushes: int, console: Console) -> dict[str, list[float]]:
    """Push in turns; returns seconds to the run's start by repository."""
    seconds: dict[str, list[float]] = {HOOKED: [], POLLED: []}
    for number in range(1, pushes + 1):
        for name, found in seconds.items():
            found.append(_push(api, github, name, number))
            console.print(f"{name} {number}: {found[-1]:.2f} s", style="dim")
    return seconds


def _push(api: AirflowApi, github: Github, name: str, number: int) -> float:
    path = f"dags/train_cnn__admin__{name}/dagRuns"
    known = _started(api, path)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "notes.py").write_text(f"print({number})\n")
        commit_folder(github, f"admin/{name}", "main", Path(folder), f"Note {number}", AUTHOR)
    pushed = time.time()
    while not (new := {run: at for run, at in _started(api, path).items() if run not in known}):
        if time.time() - pushed > _PATIENCE_SECONDS:
            raise TimeoutError(f"no run for push {number} to {name} within {_PATIENCE_SECONDS:.0f} s")
        time.sleep(0.1)
    return min(new.values()) - pushed


def _started(api: AirflowApi, path: str) -> dict[str, float]:
    runs = api.get(path, {"order_by": "-id", "limit": 50})["dag_runs"]
    started = {run["dag_run_id"]: run["start_date"] for run in runs if run["start_date"]}
    return {run: datetime.fromisoformat(at).timestamp() for run, at in started.items()}


def show(seconds: Mapping[str, list[float]]) -> None:
    """Print the table."""
    table = Table(title=f"Seconds from a push to its run's start, {len(seconds[HOOKED])} pushes each")
    for column in ("noticed by", "median", "most"):
        table.add_column(column, justify="left" if column == "noticed by" else "right")
    labels = {HOOKED: "webhook", POLLED: f"polling every {POLL_SECONDS} s"}
    for name, label in labels.items():
        table.add_row(label, f"{statistics.median(seconds[name]):.2f}", f"{max(seconds[name]):.2f}")
    Console().print(table)


def main() -> None:
    """Measure, print, and write the figures if asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pushes", type=int, default=10)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    seconds = measure(arguments.pushes)
    show(seconds)
    if arguments.json:
        arguments.json.write_text(json.dumps(seconds, indent=2) + "\n")


if __name__ == "__main__":
    main()
