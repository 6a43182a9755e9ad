"""The stack's last program to stop: leaves no container behind, nor a process when the supervisor was killed.

Runs under the supervisor with the lowest priority, so it starts first and is stopped last, after everything
that could start a container. `python -m ops.janitor`; the stack's id comes from `CNN_STACK`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from ops import processes

LABEL = "cnn.stack"
_FORMAT = '{{.ID}}\t{{.Label "cnn.experiment"}}\t{{.Label "cnn.trial"}}'
_GRACE = 20.0  # the guards' own patience is shorter


def main() -> None:
    """Wait for SIGTERM, then clean up."""
    stack = os.environ[processes.STACK_VARIABLE]
    supervisor = psutil.Process().parents()[1]  # [0] is the guard
    signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    _log(f"waiting to clean up after stack {stack}")
    signal.sigwait(signals)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _log(f"removed {_remove_all(stack)} containers")
    if not processes.alive(supervisor):
        _log("the supervisor was killed; ending what it left")
        _end_leftovers(stack)
        _log(f"removed {_remove_all(stack)} more containers")


def _end_leftovers(stack: str) -> None:
    """Give the components, which got SIGTERM when the supervisor died, time to end by themselves."""
    deadline = time.monotonic() + _GRACE
    while processes.of_stack(stack) and time.monotonic() < deadline:
        time.sleep(0.5)
    for name in processes.end(processes.of_stack(stack), patience=1.0):
        _log(f"ended {name}")


def _remove_all(stack: str) -> int:
    var = Path(os.environ["CNN_VAR_DIR"])
    return remove_containers(stack, var) + sum(_remove_there(stack, var, url) for url in _other_engines())


def _remove_there(stack: str, var: Path, url: str) -> int:
    try:
        return remove_containers(stack, var, url)
    except subprocess.TimeoutExpired as silent:
        _log(f"the engine at {url} does not answer, its containers may go on: {silent}")
        return 0


def _other_engines() -> tuple[str, ...]:
    # Imported only now: a process that waits all its life should be small.
    from include.experiments.engines import configured_engines
    from include.repositories import load_repositories
    from include.settings import Settings

    watched = load_repositories(Settings.from_environment().repositories_file)
    return tuple(url for url in configured_engines(watched.repositories) if url is not None)


def remove_containers(stack: str, var: Path, url: str | None = None) -> int:
    """Force-remove a stack's containers, each with a record that this is no crash; then their network.

    Args:
        stack: The value of their label `cnn.stack`.
        var: The stack's state folder.
        url: The engine's URL, None for the one of `DOCKER_HOST`.

    Returns:
        How many there were; 0 where there is no engine to ask.
    """
    if shutil.which("docker") is None:
        return 0
    docker = ("docker", *(("--host", url) if url else ()))
    listing = (*docker, "ps", "-a", "--no-trunc", "--filter", f"label={LABEL}={stack}", "--format", _FORMAT)
    lines = subprocess.run(listing, capture_output=True, text=True, timeout=30).stdout.splitlines()
    found = [line.split("\t") for line in lines]
    for _, experiment, trial in found:
        _put_on_record(var, experiment, trial)
    if found:
        ids = [container for container, _, _ in found]
        subprocess.run((*docker, "rm", "-f", "-v", *ids), capture_output=True, timeout=60)
    if url is None:
        _remove_network(stack)
    return len(found)


def _put_on_record(var: Path, experiment: str, trial: str) -> None:
    from include.containers.stopping import Interruption, record_interruption
    from include.settings import Settings

    if experiment and trial.isdigit():
        folder = Settings.from_environment({"CNN_VAR_DIR": str(var)}).trial(experiment, int(trial))
        if folder.is_dir():
            why = "The installation was stopped and started again."
            try:
                record_interruption(folder, Interruption(time.time(), why))
            except OSError as error:  # such as a full disk, which is no reason to leave a container
                _log(f"trial {trial} of {experiment} will count a crash: {error}")


def _remove_network(stack: str) -> None:
    """Remove the bridge of trainings that may reach the internet, and its rules in the host's firewall."""
    listing = ("docker", "network", "ls", "-q", "--filter", f"label={LABEL}={stack}")
    found = subprocess.run(listing, capture_output=True, text=True, timeout=30).stdout.split()
    if found:
        from include.containers.firewall import open_again
        from include.containers.network import bridge_name

        subprocess.run(("docker", "network", "rm", *found), capture_output=True, timeout=60)
        open_again(bridge_name(stack))


def _log(sentence: str) -> None:
    with contextlib.suppress(BrokenPipeError):  # the supervisor that read this is gone
        print(f"{time.strftime('%Y-%m-%dT%H:%M:%S')} janitor: {sentence}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
