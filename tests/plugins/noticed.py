"""An installation that tells notifiers, and a real HTTP server that they reach."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.records import Goals, State
from include.source.push import Push

SHA = "0123456789abcdef0123456789abcdef01234567"


MESSAGE = "{{ 7 * 191 }} <!channel>"


TOKEN = "T000/B000/very-secret"


@dataclass
class Receiver:
    """A server that remembers what it was told, and answers as it is told to."""

    port: int = 0
    answers: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)

    def take(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """Remember a request; give the next answer that was set, else what Slack says when all is well."""
        self.requests.append((path, headers, json.loads(body)))
        code, document = self.answers.pop(0) if self.answers else (200, {"ok": True})
        return code, b"ok" if path.startswith("/services") and code == 200 else json.dumps(document).encode()


@contextmanager
def receiving(port: int = 0) -> Iterator[Receiver]:
    """Run a receiver."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            code, answer = receiver.take(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            self.send_response(code)
            self.send_header("Content-Type", "text/plain" if answer == b"ok" else "application/json")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver with a connection of each kind to it."""
    with receiving() as running:
        connect(monkeypatch, running.port)
        yield running


def connect(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    """Make the connections."""
    at = f"http://127.0.0.1:{port}"
    connections = {
        "HOOK": {"conn_type": "http", "host": at, "extra": {"X-Key": "k"}},
        "TEAM": {"conn_type": "slack", "password": "xoxb-token", "extra": {"base_url": f"{at}/api/"}},
        "INCOMING": {"conn_type": "slackwebhook", "host": f"{at}/services", "password": TOKEN},
    }
    for name, document in connections.items():
        monkeypatch.setenv(f"AIRFLOW_CONN_{name}", json.dumps(document))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """An installation that tells a webhook, a Slack channel and a Slack webhook."""
    config = tmp_path / "config"
    config.mkdir()
    places = [
        {"webhook": "hook", "path": "/told"},
        {"slack": "team", "channel": "#ml"},
        {"slack_webhook": "incoming"},
    ]
    document = {"repositories": [{"name": "admin/mnist", "target": 0.9, "notify": places}]}
    (config / "repositories.yaml").write_text(json.dumps(document))
    monkeypatch.setenv("CNN_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("CNN_CONFIG_DIR", str(config))
    return Installation.from_environment()


@pytest.fixture
def claimed(installation: Installation) -> Experiment:
    """An experiment that waits, of a push whose message is a template."""
    push = Push(
        "admin/mnist", "main", SHA, "Ada", None, MESSAGE, "2026-11-23", "https://github.com/a/b/commit/1"
    )
    goals = Goals(target=0.9, max_trials=5, max_hours=1, strategy="hill_climb")
    claimed = installation.store.claim(push, goals, "run-1")
    assert claimed is not None
    return claimed


@pytest.fixture
def experiment(claimed: Experiment) -> Experiment:
    """The same, ended."""
    claimed.end(State.BUDGET_SPENT)
    return claimed
