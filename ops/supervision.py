"""Start, ask and stop the supervisor of a stack."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from ops import processes
from ops.commands import tail
from ops.errors import OpsError
from ops.janitor import remove_containers
from ops.paths import PROJECT_ROOT
from ops.supervisor_config import Files

_STOP_SECONDS = 60.0
_START_SECONDS = 60.0
_ANSWER_SECONDS = 60.0


class SupervisorNotStartedError(OpsError):
    """The supervisor ended or stayed silent right after its start."""


class UnknownComponentError(OpsError):
    """The stack has no program of this name."""


@dataclass(frozen=True)
class ComponentState:
    """How one program of the stack is.

    Args:
        name: Its name, such as `scheduler`.
        state: The supervisor's word: STARTING, RUNNING, BACKOFF, STOPPED, EXITED, FATAL.
        pid: Its process id (not its guard's); None when it does not run.
        uptime_seconds: Since its last start; None when it does not run.
    """

    name: str
    state: str
    pid: int | None
    uptime_seconds: int | None

    def to_json(self) -> dict[str, str | int | None]:
        """Give the fields as a JSON object."""
        return asdict(self)


class Supervisor:
    """The supervisor process of one stack, over its private socket.

    Args:
        files: Where it keeps its files.
    """

    def __init__(self, files: Files) -> None:
        self._files = files

    def pid(self) -> int | None:
        """The running supervisor's process id; None when there is none."""
        process = self._process()
        return process.pid if process else None

    def start(self, environment: Mapping[str, str]) -> None:
        """Start the supervisor in a session of its own and wait until it answers.

        Args:
            environment: What every program of the stack inherits.

        Raises:
            SupervisorNotStartedError: With the end of its log.
        """
        output = self._files.logs / "supervisord.out"
        command = (sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(self._files.config))
        with output.open("w") as sink:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                cwd=PROJECT_ROOT,
                start_new_session=True,
            )
        processes.give_way(process.pid)
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            if self.answers():
                return
            time.sleep(0.05)
        process.terminate()
        process.wait(timeout=10)
        raise SupervisorNotStartedError(
            f"The supervisor did not start:\n{tail(output)}\n{tail(self._files.logs / 'supervisord.log', 5)}",
            f"Read {self._files.logs}/supervisord.log",
        )

    def answers(self) -> bool:
        """Say whether the supervisor can be asked."""
        try:
            self._call("getState")
        except OSError:
            return False
        return True

    def states(self) -> list[ComponentState]:
        """Ask how every program is; an empty list when no supervisor runs."""
        try:
            found = self._call("getAllProcessInfo")
        except OSError:
            return []
        return [_state(entry) for entry in found]

    def restart(self, name: str) -> None:
        """Stop one program and start it again.

        Raises:
            UnknownComponentError: There is none of this name.
        """
        entries = self._call("getAllProcessInfo")
        full = {entry["name"]: f"{entry['group']}:{entry['name']}" for entry in entries}
        if name not in full:
            known = ", ".join(sorted(full))
            raise UnknownComponentError(f"There is no component {name!r}", f"Name one of {known}")
        self._call("stopProcess", full[name])
        self._call("startProcess", full[name], False)

    def stop(self) -> None:
        """Stop everything: politely through the supervisor, then whatever is left of the stack."""
        supervisor = self._process()
        if supervisor is not None:
            below = processes.descendants(supervisor.pid)
            processes.end([supervisor], patience=_STOP_SECONDS)
            processes.end(below, patience=3)
        processes.end(processes.of_stack(self._files.stack), patience=3)
        remove_containers(self._files.stack, self._files.var_dir)
        for file in (self._files.socket, self._files.pid):
            file.unlink(missing_ok=True)

    def _process(self) -> psutil.Process | None:
        try:
            process = psutil.Process(int(self._files.pid.read_text()))
            return process if str(self._files.config) in process.cmdline() else None
        except (OSError, ValueError, psutil.Error):
            return None

    def _call(self, method: str, *arguments: Any) -> Any:
        transport = _UnixTransport(self._files.socket)
        with xmlrpc.client.ServerProxy("http://localhost", transport=transport) as proxy:
            return getattr(proxy.supervisor, method)(*arguments)


def _state(entry: Mapping[str, Any]) -> ComponentState:
    guard = int(entry["pid"])
    uptime = int(entry["now"]) - int(entry["start"]) if guard else None
    return ComponentState(str(entry["name"]), str(entry["statename"]), _guarded(guard), uptime)


def _guarded(guard: int) -> int | None:
    """The program that a guard runs: the oldest of its children (later ones are orphans it took over)."""
    try:
        children = psutil.Process(guard).children() if guard else []
    except psutil.Error:
        return None
    return min(children, key=lambda child: child.create_time()).pid if children else None


class _UnixTransport(xmlrpc.client.Transport):
    """XML-RPC over the supervisor's private socket."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection("localhost")
        connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.sock.settimeout(_ANSWER_SECONDS)
        connection.sock.connect(str(self._path))
        return connection
