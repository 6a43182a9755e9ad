"""The Docker engine: found, or installed and started where that is possible. Standard library only.

What counts is the engine, not the client: a `docker` command can be there with nothing behind it.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from ops import apt
from ops.commands import Say, run_logged, tail
from ops.errors import OpsError
from ops.paths import LOGS, VAR

_LOG = LOGS / "dockerd.log"
_PID = VAR / "engine.pid"
_SYSTEMD = Path("/run/systemd/system")
_PATIENCE = 60.0


class EngineMissingError(OpsError):
    """There is no Docker engine, and this process may not install one."""


class EngineUnreachableError(OpsError):
    """There is a Docker engine, and this process can't talk to it."""


class EngineNotStartedError(OpsError):
    """The Docker engine was started and did not become ready."""


def engine_version() -> str | None:
    """Ask the engine for its version; None when none answers."""
    return _ask()[0]


def ensure_engine(say: Say, *, pid_file: Path = _PID, log: Path = _LOG, systemd: Path = _SYSTEMD) -> bool:
    """Make sure a Docker engine answers.

    Installs one where this is root on Debian or Ubuntu, starts one that stands still.

    Args:
        say: Where progress goes.
        pid_file: Where the process id of an engine started here is kept for `stop_engine`.
        log: Where such an engine logs.
        systemd: The folder that exists where systemd runs the machine.

    Returns:
        Whether an engine process was started here that `stop_engine` would stop. False as well when
        systemd started it: then it is the machine's.

    Raises:
        EngineMissingError: None is installed and this process may not install one.
        EngineUnreachableError: One is there, and the way to it is closed.
        EngineNotStartedError: It was started and did not answer within a minute.
    """
    version, problem = _ask()
    if version is not None:
        return False
    _refuse_hopeless(problem)
    if shutil.which("dockerd") is None:
        apt.install(["docker.io", "iptables"], say, why="the Docker engine")
    if shutil.which("docker") is None:  # newer Debian splits the client off
        apt.install(["docker-cli"], say, why="the Docker client")
    if systemd.is_dir():
        run_logged(("systemctl", "start", "docker"), log, remedy="Read `journalctl -u docker`")
        _wait_until_ready(None, log, say)
        return False
    process = _start(pid_file, log, say)
    try:
        _wait_until_ready(process, log, say)
    except BaseException:  # also a person's Ctrl-C: nobody would know of it
        stop_engine(say, pid_file=pid_file)
        raise
    return True


def _ask() -> tuple[str | None, str]:
    """Ask for the engine's version; the second part says what went wrong."""
    command = ("docker", "info", "--format", "{{.ServerVersion}}")
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=20)
    except FileNotFoundError:
        return None, "no docker client"
    except subprocess.TimeoutExpired:
        return None, "no answer within 20 s"
    version = answer.stdout.strip()
    return (version, "") if answer.returncode == 0 and version else (None, answer.stderr.strip())


def _refuse_hopeless(problem: str) -> None:
    host = os.environ.get("DOCKER_HOST")
    if host:
        raise EngineUnreachableError(
            f"DOCKER_HOST says {host}, and no engine answers there ({problem})",
            "Start that engine, or unset DOCKER_HOST to use this machine's",
        )
    if "permission denied" in problem.lower():
        raise EngineUnreachableError(
            "This user may not talk to the Docker engine",
            "Add the user to the group docker (sudo usermod -aG docker $USER), log in again",
        )
    if os.geteuid() != 0 and shutil.which("dockerd") is not None:
        raise EngineUnreachableError(
            "The Docker engine is installed and does not run", "Start it: sudo systemctl start docker"
        )
    if shutil.which("dockerd") is None and not apt.can_install():
        raise EngineMissingError(
            "No Docker engine answers and this process may not install one",
            "Install and start Docker (Debian, Ubuntu as root: apt-get install docker.io), run this again",
        )


def _start(pid_file: Path, log: Path, say: Say) -> subprocess.Popen[bytes]:
    """Start `dockerd` in a session of its own: it must outlive this command."""
    say("Docker engine: starting it")
    log.parent.mkdir(parents=True, exist_ok=True)
    pid_file.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as sink:
        process = subprocess.Popen(
            ("dockerd",), stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True, cwd="/"
        )
    pid_file.write_text(str(process.pid))
    return process


def _wait_until_ready(process: subprocess.Popen[bytes] | None, log: Path, say: Say) -> None:
    started = time.monotonic()
    while time.monotonic() - started < _PATIENCE:
        if process is not None and process.poll() is not None:
            break
        version = engine_version()
        if version is not None:
            say(f"Docker engine {version}: ready ({time.monotonic() - started:.0f} s)")
            return
        time.sleep(0.3)
    raise EngineNotStartedError(
        f"The Docker engine did not become ready; its last lines:\n{tail(log)}",
        f"Read {log} and start it by hand",
    )


def stop_engine(say: Say = print, *, pid_file: Path = _PID) -> bool:
    """Stop the engine that `ensure_engine` started; any other one is left alone.

    Args:
        say: Where progress goes.
        pid_file: The same as given to `ensure_engine`.

    Returns:
        Whether there was one to stop.
    """
    try:
        pid = int(pid_file.read_text())
    except (OSError, ValueError):
        return False
    pid_file.unlink()
    if not _is_engine(pid):  # it ended long ago, and the number may be somebody else's now
        return False
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + 30
    while _is_engine(pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    say("Docker engine: stopped")
    return True


def _is_engine(pid: int) -> bool:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text()
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return b"dockerd" in command and fields.rpartition(")")[2].split()[0] != "Z"
