"""The commands behind `python -m ops`."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import psutil

from include.repositories import load_repositories
from ops import database
from ops.browser import ensure_chromium
from ops.connections import connections_file, load_connections
from ops.engine import ensure_engine, stop_engine
from ops.errors import OpsError
from ops.images import ensure_training_image
from ops.paths import PROJECT_ROOT, VAR
from ops.stack import DEFAULT_PORT, Stack, StackConfig
from ops.watching import watched_lines

_CONFIG = PROJECT_ROOT / "config"
# What `make clean` keeps: logins and connections were typed or handed out by somebody; data sets are none.
_KEPT = {"secrets"}
_NO_STATE = {"datasets"}


class UnknownLogError(OpsError):
    """There is no log of this name."""


def say(sentence: str) -> None:
    """Tell the person at the terminal."""
    print(sentence, flush=True)


def stack_of(var: Path, port: int = DEFAULT_PORT) -> Stack:
    """The real-use stack of a state folder, with the operator's connections."""
    connections = load_connections(connections_file(var))
    return Stack(StackConfig(var_dir=var, config_dir=_CONFIG, port=port, environment=connections))


def setup(*, chromium: bool = False) -> None:
    """Make sure of engine and training image, and of Chromium where tests need it."""
    ensure_engine(say)
    ensure_training_image(say)
    if chromium:
        ensure_chromium(say)


def up(var: Path, port: int) -> None:
    """Start the installation for real use, and say what it watches and how to look at it."""
    setup()
    stack = stack_of(var, port)
    stack.start(say)
    user, password = stack.credentials()
    say(f"\nWeb UI    {stack.url}   login {user} / {password}")
    watched = load_repositories(_CONFIG / "repositories.yaml")
    for line in watched_lines(watched, stack.environment(), connections_file(var)):
        say(line)
    if not watched.repositories:
        say(f"Watched   nothing yet: add a repository to {_CONFIG / 'repositories.yaml'}")
    say("Stop it with `make down`; `make status` and `make logs` tell how it is.")


def down(var: Path) -> None:
    """Stop the installation, and the engine if it was started here and nobody else uses it."""
    stack = Stack(StackConfig(var_dir=var))
    running = stack.supervisor_pid() is not None
    say("Stopping" if running else "Nothing was running")
    stack.stop()
    stop_idle_engine()
    if running:
        say("Stopped: no process and no container is left")


def stop_idle_engine() -> None:
    """Stop the engine if it was started here and nobody uses it any more."""
    if not _engine_in_use():
        stop_engine(say)


def _engine_in_use() -> bool:
    """Say whether a container runs, or another stack of this project that may start one."""
    if any(_runs(var) for var in _state_folders(VAR)):
        return True
    if shutil.which("docker") is None:
        return False
    return bool(subprocess.run(("docker", "ps", "-q"), capture_output=True).stdout.strip())


def _state_folders(var: Path) -> list[Path]:
    """A state folder and those inside it, such as the demo's."""
    return [var, *sorted(path.parent for path in var.glob("*/run") if path.is_dir())]


def _runs(var: Path) -> bool:
    return Stack(StackConfig(var_dir=var)).supervisor_pid() is not None


def status(var: Path, *, as_json: bool = False) -> int:
    """Print how components and experiments are, the demo's where only that runs.

    Returns:
        0 when every component runs, else 1.
    """
    from ops import status as status_of  # brings in Optuna, which nothing else here needs

    chosen = _that_runs(var)
    found = status_of.read_status(chosen, _CONFIG, _running_settings(chosen))
    (status_of.print_json if as_json else status_of.show)(found)
    return 0 if found.healthy else 1


def mail(var: Path, folder: Path, experiment: str | None, *, pictures: bool = False) -> None:
    """Write the mail of an ended experiment as files, with the operator's templates of today."""
    from ops.mail_pictures import write_pictures
    from ops.mail_preview import write_mail
    from ops.status import places_of

    chosen = _that_runs(var)
    places = places_of(chosen, _CONFIG, _running_settings(chosen))
    page, *_ = write_mail(places, folder, experiment, say, chosen)
    if pictures:
        say(", ".join(map(str, write_pictures(page.read_text(encoding="utf-8"), folder, say))))


def _that_runs(var: Path) -> Path:
    demo = var / "demo"
    return demo if not _runs(var) and _runs(demo) else var


def logs(var: Path, component: str | None, *, follow: bool = False) -> int:
    """Show the end of one component's log, or of all; `follow` goes on until Ctrl-C.

    Raises:
        UnknownLogError: There is no such log.
    """
    folder = Stack(StackConfig(var_dir=var)).logs()
    files = sorted(folder.glob("*.log"))
    if component is not None:
        files = [file for file in files if file.stem == component]
    if not files:
        known = ", ".join(sorted(file.stem for file in folder.glob("*.log"))) or "none yet"
        raise UnknownLogError(
            f"There is no log {component or ''} in {folder}".replace("  ", " "), f"There are: {known}"
        )
    lines = "40" if component else "8"
    command = ("tail", "-n", lines, *(("-F",) if follow else ()), "--", *map(str, files))
    return subprocess.run(command).returncode


def clean(var: Path, *, secrets: bool = False) -> None:
    """Stop every stack under a state folder and remove its state; secrets stay unless asked otherwise."""
    for folder in _state_folders(var):
        Stack(StackConfig(var_dir=folder)).stop()
    down(var)
    kept = _NO_STATE if secrets else _NO_STATE | _KEPT
    for path in var.iterdir() if var.exists() else ():
        if path.name in kept:
            continue
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    say(f"Removed all state in {var} but {', '.join(sorted(kept))}")


def clean_history(var: Path, days: float) -> None:
    """Remove runs older than so many days from Airflow's database; the installation may run."""
    database.clean_history(stack_of(var).environment(), days, say)


def push(var: Path, arguments: Sequence[str]) -> int:
    """Commit a folder with the connections of the running installation, the demo's where only that runs."""
    from ops import push as pushing

    chosen = _that_runs(var)
    os.environ.update(_running_settings(chosen) or load_connections(connections_file(var)))
    return pushing.main(arguments)


def _running_settings(var: Path) -> dict[str, str]:
    """Read connections and places from a running stack's supervisor; empty when it does not run."""
    pid = Stack(StackConfig(var_dir=var)).supervisor_pid()
    try:
        environment = psutil.Process(pid).environ() if pid else {}
    except psutil.NoSuchProcess:  # it ended since
        environment = {}
    return {name: value for name, value in environment.items() if name.startswith(("AIRFLOW_CONN_", "CNN_"))}
