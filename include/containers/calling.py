"""The files by which a container waits for its trial and is called: the host's half of the protocol.

``in/wait.json`` asks the harness to wait (docker/harness/waiting.py), ``in/go.json`` calls it. A trial
without ``in/wait.json`` begins at once, and so does one that is launched again after its call.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from include.containers.files import read_json, write_json
from include.containers.state import ContainerState

_WAIT, _GO = Path("in", "wait.json"), Path("in", "go.json")


def ask_to_wait(trial_dir: Path, keras: str | None, seconds: float) -> None:
    """Have the container that is started next wait for its call.

    Args:
        trial_dir: The trial's folder.
        keras: The Keras that it imports meanwhile, as ``launch.json`` names it.
        seconds: After which it ends by itself.
    """
    _write(trial_dir / _WAIT, {"keras": keras, "seconds": seconds})


def let_go(trial_dir: Path) -> None:
    """Call the trial's container, unless it does not wait or was called before."""
    if (trial_dir / _WAIT).exists() and not (trial_dir / _GO).exists():
        _write(trial_dir / _GO, {"at": time.time()})


def called_at(trial_dir: Path) -> float | None:
    """Return when the container that waited was called, seconds since the epoch; None where none waited."""
    document = read_json(trial_dir / _GO)
    return None if document is None else float(document["at"])


def since_call(state: ContainerState, trial_dir: Path) -> ContainerState:
    """Return a container's state with its training's start: for one that waited, when it was called."""
    called = called_at(trial_dir)
    if called is None or state.started_at is None:
        return state
    return replace(state, started_at=max(state.started_at, called))


def forget_call(trial_dir: Path) -> None:
    """Forget request and call, because the trial is launched in a container that does not wait."""
    for name in (_WAIT, _GO):
        (trial_dir / name).unlink(missing_ok=True)


def _write(path: Path, document: object) -> None:
    write_json(path, document, mode=0o644)  # the container's user reads it, whatever the umask here
