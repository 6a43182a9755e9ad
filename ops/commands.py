"""Run a long command: every line into a log, a few of them to the person. Standard library only."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ops.errors import OpsError

Say = Callable[[str], None]


class CommandFailedError(OpsError):
    """A command of the set-up ended with another exit code than 0."""


def tail(log: Path, lines: int = 12) -> str:
    """Read the end of a log, for an error message."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def run_logged(
    command: Sequence[str],
    log: Path,
    *,
    remedy: str,
    on_line: Callable[[str], None] | None = None,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> float:
    """Run a command, append all it prints to a log.

    Args:
        command: Program and arguments; no shell is involved.
        log: The file that gets the whole output; made with its folder.
        remedy: What to tell the person to do when the command fails.
        on_line: Sees every line as it comes, for progress.
        environment: Added to this process's environment.
        cwd: Working directory.

    Returns:
        Seconds it took.

    Raises:
        CommandFailedError: With the end of its output.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with log.open("a") as sink:
        sink.write(f"\n$ {' '.join(command)}\n")
        code = _stream(command, sink.write, on_line, {**os.environ, **(environment or {})}, cwd)
    if code != 0:
        cause = f"`{' '.join(command[:4])}` ended with exit code {code}; the end of {log}:\n{tail(log)}\n"
        raise CommandFailedError(cause.rstrip("."), remedy)
    return time.monotonic() - started


def _stream(
    command: Sequence[str],
    write: Callable[[str], object],
    on_line: Callable[[str], None] | None,
    environment: Mapping[str, str],
    cwd: Path | None,
) -> int:
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=dict(environment),
            cwd=cwd,
        )
    except FileNotFoundError:
        write(f"{command[0]}: no such program\n")
        return 127
    with process:
        assert process.stdout is not None  # noqa: S101 - told to mypy: PIPE was asked for
        for line in process.stdout:
            write(line)
            if on_line is not None:
                on_line(line.rstrip())
    return process.returncode


def steps(say: Say, label: str, texts: Mapping[str, str]) -> Callable[[str], None]:
    """Make an `on_line` that tells a person which step of a known command has begun.

    Args:
        say: Where the sentences go.
        label: What the steps belong to; leads every sentence.
        texts: Part of an output line → sentence; each is said once.

    Returns:
        The function to give to `run_logged`.
    """
    started = time.monotonic()
    left = dict(texts)

    def on_line(line: str) -> None:
        for part in [part for part in left if part in line]:
            say(f"{label}: {left.pop(part)} ({time.monotonic() - started:.0f} s)")

    return on_line
