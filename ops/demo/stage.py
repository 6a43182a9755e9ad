"""What the demo runs on: a stack of its own with a GitHub emulator and an SMTP server beside Airflow."""

import json
import signal
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from github import Auth, Github

from include.settings import Settings
from include.source import client_for, create_repository
from ops import emulator, mail_server
from ops.commands import Say
from ops.paths import PROJECT_ROOT
from ops.ports import any_port
from ops.stack import Stack, StackConfig
from ops.supervisor_config import Program

REPOSITORY = "admin/mnist"
EXAMPLE = PROJECT_ROOT / "examples" / "mnist_cnn"
_EMULATOR_SECONDS = 120.0  # it starts after the database was made
AUTHOR = ("Ada Developer", "ada@example.com")


@dataclass(frozen=True)
class Stage:
    """A stack with GitHub and mail on this machine.

    Args:
        stack: The supervised components.
        var: Folder of all its state.
        config: Folder with `repositories.yaml`.
        github_port: The GitHub emulator's port.
    """

    stack: Stack
    var: Path
    config: Path
    github_port: int

    @property
    def mails(self) -> Path:
        """The mailbox of everybody."""
        return self.var / "mails"

    @property
    def settings(self) -> Settings:
        """The stack's places, as its components see them."""
        return Settings.from_environment(self.stack.environment())

    def start(self, say: Say, repositories: Iterable[str]) -> None:
        """Start the stack, with empty repositories on its GitHub before Airflow asks for them.

        Args:
            say: Where progress goes.
            repositories: Their names, without the owner.
        """
        over = Event()
        with ThreadPoolExecutor(1) as pool:
            made = pool.submit(self._make_repositories, tuple(repositories), over)
            try:
                self.stack.start(say)
                made.result()
            finally:
                over.set()  # or the pool would wait for an emulator that never comes

    @contextmanager
    def running(self, say: Say, repositories: Iterable[str]) -> Iterator[None]:
        """Start the stack as `start` does, and stop it at the end, also when this process is asked to end.

        Args:
            say: Where progress goes.
            repositories: Their names, without the owner.
        """
        # SIGTERM ends a process without any of its clean-up, SIGINT with it
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            self.start(say, repositories)
            yield
        finally:
            self.stack.stop()
            signal.signal(signal.SIGTERM, before)

    def _make_repositories(self, names: tuple[str, ...], over: Event) -> None:
        emulator.wait_until_ready(self.github_port, seconds=_EMULATOR_SECONDS, over=over)
        for name in names:
            create_repository(self.github(), name)

    def github(self) -> Github:
        """A client of the GitHub emulator, as its `admin`."""
        return client_for(Auth.Token(emulator.TOKEN), emulator.base_url(self.github_port))


def make_stage(
    var: Path,
    config: Path,
    port: int,
    environment: dict[str, str] | None = None,
    connections: Mapping[str, str] | None = None,
) -> Stage:
    """Describe a stack whose GitHub and mail are on this machine; nothing is started.

    Args:
        var: Folder of all its state.
        config: Folder with `repositories.yaml`.
        port: Where the web UI should listen.
        environment: Further variables for every component.
        connections: Further connections to the same GitHub, by ID, each with a token of its own: the
            emulator allows a token 5,000 requests an hour, as GitHub does.
    """
    github_port, mail_port = any_port(), any_port()
    tokens = {"github_default": emulator.TOKEN, **(connections or {})}
    seed = emulator.write_seed(var / "github.yaml", tokens.values())
    variables = {
        **{f"AIRFLOW_CONN_{name.upper()}": _github(github_port, token) for name, token in tokens.items()},
        "AIRFLOW_CONN_SMTP_DEFAULT": json.dumps(
            {
                "conn_type": "smtp",
                "host": "127.0.0.1",
                "port": mail_port,
                "extra": {
                    "disable_ssl": True,
                    "disable_tls": True,
                    "from_email": "better-cnn <better-cnn@example.com>",
                    "retry_limit": 0,
                },
            }
        ),
    }
    programs = (
        Program("github", emulator.command(github_port, seed=seed), priority=10),
        Program("mail", mail_server.command(mail_port, var / "mails"), priority=10),
    )
    stack = Stack(
        StackConfig(
            var_dir=var,
            config_dir=config,
            port=port,
            environment={**variables, **(environment or {})},
            programs=programs,
        )
    )
    return Stage(stack, var, config, github_port)


def _github(port: int, token: str) -> str:
    return json.dumps({"conn_type": "github", "host": emulator.base_url(port), "password": token})


def failed_task(stack: Stack, dag_id: str) -> str | None:
    """Name the newest failed task of a DAG's newest run, or None."""
    with stack.api() as api:
        runs = api.get(f"dags/{dag_id}/dagRuns", {"order_by": "-id", "limit": 1})["dag_runs"]
        if not runs or runs[0]["state"] != "failed":
            return None
        tasks = api.get(f"dags/{dag_id}/dagRuns/{runs[0]['dag_run_id']}/taskInstances")["task_instances"]
    failed = [task["task_id"] for task in tasks if task["state"] == "failed"]
    return f"task {', '.join(failed)} of run {runs[0]['dag_run_id']} failed"
