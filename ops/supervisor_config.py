"""What the supervisor is told: one section and one launch file per program."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ops.errors import OpsError
from ops.paths import PROJECT_ROOT

_SOCKET_LIMIT = 100  # AF_UNIX allows 107 bytes; the supervisor adds a suffix while it makes the socket
_GUARD = PROJECT_ROOT / "ops" / "guard.py"


class UnusablePathError(OpsError):
    """The state folder's path can't be written into the supervisor's configuration, or isn't ours."""


@dataclass(frozen=True)
class Program:
    """One program that the supervisor keeps running.

    Args:
        name: Its name in `status` and `logs`; letters, digits, `-`.
        command: Program and arguments; no shell is involved.
        environment: Added to the stack's environment.
        priority: Lower starts earlier and stops later. Below 100: before Airflow's components.
        stop_seconds: How long it may take to end by itself after SIGTERM.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    priority: int = 50
    stop_seconds: int = 10


@dataclass(frozen=True)
class Files:
    """Where a stack's supervisor keeps its files.

    Args:
        var_dir: The stack's state folder.
        stack: Its id.
    """

    var_dir: Path
    stack: str

    @property
    def run(self) -> Path:
        """The folder of everything that only matters while the stack runs; mode 0700."""
        return self.var_dir / "run"

    @property
    def config(self) -> Path:
        """The supervisor's configuration."""
        return self.run / "supervisord.conf"

    @property
    def pid(self) -> Path:
        """The supervisor's process id."""
        return self.run / "supervisord.pid"

    @property
    def logs(self) -> Path:
        """One log per program, rotated by the supervisor."""
        return self.var_dir / "logs"

    @property
    def socket(self) -> Path:
        """The control socket: in the state folder, or in a short private one where that path is too long."""
        usual = self.run / "supervisor.sock"
        if len(os.fsencode(usual)) <= _SOCKET_LIMIT:
            return usual
        return Path(f"/tmp/cnn-{os.getuid()}-{self.stack}/supervisor.sock")  # noqa: S108 - made private, checked

    def make(self) -> None:
        """Make the folders, private where they must be.

        Raises:
            UnusablePathError: Somebody else owns the socket's folder, or the path has a sign that
                the supervisor's configuration can't hold.
        """
        if set(str(self.var_dir)) & set('\n\r";#%'):
            raise UnusablePathError(
                f"The path {self.var_dir} has a sign that a configuration file can't hold",
                "Use a plainer path",
            )
        for folder in (self.logs, self.run, self.run / "programs", self.socket.parent):
            folder.mkdir(parents=True, exist_ok=True)
        for folder in (self.run, self.socket.parent):
            found = folder.lstat()
            if folder.is_symlink() or found.st_uid != os.getuid():
                raise UnusablePathError(
                    f"{folder} belongs to user {found.st_uid}", "Remove it, or use another folder"
                )
            folder.chmod(0o700)


def write(files: Files, programs: Iterable[Program]) -> None:
    """Write the configuration and the launch files, for their owner only."""
    files.make()
    kept = tuple(programs)
    for program in kept:
        launch = {
            "command": program.command,
            "environment": dict(program.environment),
            "stop_seconds": program.stop_seconds,
        }
        _write_private(_launch_file(files, program), json.dumps(launch, indent=1))
    _write_private(files.config, render(files, kept))


def render(files: Files, programs: Iterable[Program]) -> str:
    """Compose the supervisor's configuration; commands and secrets stay in the launch files."""
    kept = tuple(programs)
    components = [program for program in kept if program.priority >= 100]
    sections = [_head(files), *(_section(files, program) for program in kept)]
    if components:  # one group: its programs are stopped together, not one after the other
        names = ",".join(program.name for program in components)
        sections.append(f"[group:airflow]\nprograms={names}\npriority=100\n")
    return "\n".join(sections)


def _head(files: Files) -> str:
    # The supervisor warns when it runs as root without having been told so.
    user = "user=root\n" if os.getuid() == 0 else ""
    return f"""\
[unix_http_server]
file={files.socket}
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisord]
logfile={files.logs / "supervisord.log"}
logfile_maxbytes=5MB
logfile_backups=1
pidfile={files.pid}
childlogdir={files.logs}
directory={PROJECT_ROOT}
nodaemon=true
silent=true
{user}"""


def _section(files: Files, program: Program) -> str:
    launch = shlex.join((sys.executable, "-I", "-S", str(_GUARD), str(_launch_file(files, program))))
    return f"""\
[program:{program.name}]
command={launch}
priority={program.priority}
autostart=true
autorestart=true
startsecs=3
startretries=30
stopsignal=TERM
stopwaitsecs={program.stop_seconds + 10}
killasgroup=true
redirect_stderr=true
stdout_logfile={files.logs / program.name}.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=1
"""


def _launch_file(files: Files, program: Program) -> Path:
    return files.run / "programs" / f"{program.name}.json"


def _write_private(path: Path, content: str) -> None:
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(content)
