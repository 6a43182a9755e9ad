"""The whole running system of one state folder: Airflow's components and their companions, supervised."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path

from ops import environment as env
from ops import supervisor_config
from ops.airflow_api import AirflowApi
from ops.commands import Say
from ops.database import ensure_database
from ops.locks import locked
from ops.paths import PROJECT_ROOT, VENV
from ops.ports import any_port, free_port
from ops.readiness import Health, ensure_pool, slots_of, wait_until_healthy
from ops.secrets import ADMIN, ensure_secrets
from ops.supervision import ComponentState, Supervisor
from ops.supervisor_config import Files, Program

DEFAULT_PORT = 8080


@dataclass(frozen=True)
class StackConfig:
    """What makes one stack differ from another.

    Args:
        var_dir: Folder of all its state; two stacks with two folders run side by side.
        config_dir: Folder with `repositories.yaml`; exported as `CNN_CONFIG_DIR`.
        port: Where the web UI should listen on 127.0.0.1; the next free one is taken if it is not free.
        environment: Added to (and winning over) the environment of every component, such as connections.
        programs: What runs beside Airflow's components, such as the GitHub emulator.
    """

    var_dir: Path
    config_dir: Path = PROJECT_ROOT / "config"
    port: int = DEFAULT_PORT
    environment: Mapping[str, str] = field(default_factory=dict)
    programs: tuple[Program, ...] = ()


@dataclass(frozen=True)
class _Running:
    """What a started stack must remember: its ports, and a hash of what it was started with."""

    port: int
    tasks_port: int
    task_logs_port: int
    config: str


class Stack:
    """One installation: starts, stops and asks its components.

    Args:
        config: What makes it differ from others.
    """

    def __init__(self, config: StackConfig) -> None:
        self._config = config
        self._var = config.var_dir.resolve()
        self.id = env.stack_id(self._var)
        self._files = Files(self._var, self.id)
        self._supervisor = Supervisor(self._files)

    # ---- what it is

    @property
    def url(self) -> str:
        """The web UI's and REST API's address."""
        return f"http://127.0.0.1:{self._ports().port}"

    def credentials(self) -> tuple[str, str]:
        """The web UI's user and password."""
        return ADMIN, ensure_secrets(self._var).password()

    def api(self) -> AirflowApi:
        """A REST client, logged in as that user."""
        return AirflowApi(self.url, *self.credentials())

    def logs(self) -> Path:
        """The folder with one log per component."""
        return self._files.logs

    def environment(self) -> dict[str, str]:
        """The full environment of a component, or of an `airflow` command that should talk to this stack."""
        ports = self._ports()
        return {
            **env.inherited(),
            **env.paths(self._var, self._config.config_dir.resolve()),
            **env.addresses(ports.port, ports.tasks_port, ports.task_logs_port),
            **env.secret_settings(ensure_secrets(self._var)),
            **self._config.environment,
        }

    # ---- what it does

    def start(self, say: Say) -> None:
        """Start everything and wait until it works; a stack that runs with the same settings is left alone.

        Args:
            say: Where progress goes.

        Raises:
            OpsError: A subclass for each failure: no free port, migration, a component that keeps dying.
            KeyboardInterrupt: A person had enough; what was started is stopped.
        """
        slots_of(self.environment())
        with locked(self._files.run / "start.lock"):
            if self._supervisor.pid() is not None:
                if self._remembered() and self._ports().config == self._config_hash:
                    say(f"Already running at {self.url}")
                    self._make_ready(say, since=None)  # an earlier start may have given up on the way
                    return
                say("Running with other settings: restarting it")
            self.stop()
            try:
                self._launch(say)
            except KeyboardInterrupt:
                self.stop()
                raise

    def stop(self) -> None:
        """Stop everything; no process and no container of this stack is left."""
        self._supervisor.stop()
        self._running_file.unlink(missing_ok=True)

    def status(self) -> list[ComponentState]:
        """How every program is; an empty list when the stack does not run."""
        return self._supervisor.states()

    def restart(self, name: str) -> None:
        """Stop and start one component (`scheduler`, `triggerer`, …)."""
        self._supervisor.restart(name)

    def supervisor_pid(self) -> int | None:
        """The supervisor's process id: SIGTERM to it stops the stack. None when it does not run."""
        return self._supervisor.pid()

    # ---- details

    def _launch(self, say: Say) -> None:
        self._remember(_Running(free_port(self._config.port), any_port(), any_port(), self._config_hash))
        environment = self.environment()
        ensure_database(environment, say)
        supervisor_config.write(self._files, self._programs())
        started = time.time()
        self._supervisor.start(environment)
        self._make_ready(say, since=started)

    def _make_ready(self, say: Say, *, since: float | None) -> None:
        task_api = f"http://127.0.0.1:{self._ports().tasks_port}/execution/health"
        with self.api() as api:
            health = Health(api, task_api, since)
            wait_until_healthy(self._supervisor, health, self._files.logs, say)
            ensure_pool(api, self.environment())

    def _programs(self) -> tuple[Program, ...]:
        airflow, python = str(VENV / "bin" / "airflow"), sys.executable
        ports = self._ports()
        tasks_port, logs_port = str(ports.tasks_port), str(ports.task_logs_port)
        # Two servers, because one would block itself on SQLite: it writes the audit log of a person's request
        # on its event loop, which then can't end the transaction of a task's request that holds the database.
        serve = (airflow, "api-server", "--apps")
        return (
            Program("janitor", (python, "-m", "ops.janitor"), priority=1, stop_seconds=60),
            Program("task-logs", (python, "-m", "ops.task_logs", logs_port), priority=20),
            *self._config.programs,
            Program("api-server", (*serve, "core"), priority=100, stop_seconds=6),
            Program("task-api", (*serve, "execution", "--port", tasks_port), priority=100, stop_seconds=6),
            Program("scheduler", (airflow, "scheduler", "--skip-serve-logs"), priority=101, stop_seconds=12),
            Program("dag-processor", (airflow, "dag-processor"), priority=102, stop_seconds=6),
            Program("triggerer", (airflow, "triggerer", "--skip-serve-logs"), priority=103, stop_seconds=6),
        )

    @cached_property
    def _config_hash(self) -> str:
        """A hash of everything a running stack would have to be restarted for."""
        parts = {
            "environment": dict(self._config.environment),
            "config_dir": str(self._config.config_dir.resolve()),
            "programs": [asdict(program) for program in self._config.programs],
            "airflow.cfg": (PROJECT_ROOT / "airflow.cfg").read_text(),
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    @property
    def _running_file(self) -> Path:
        return self._files.run / "stack.json"

    def _remembered(self) -> _Running | None:
        with contextlib.suppress(OSError, ValueError, TypeError):
            return _Running(**json.loads(self._running_file.read_text()))
        return None

    def _remember(self, running: _Running) -> None:
        self._files.make()
        self._running_file.write_text(json.dumps(asdict(running)))

    def _ports(self) -> _Running:
        return self._remembered() or _Running(self._config.port, 0, 0, "")
