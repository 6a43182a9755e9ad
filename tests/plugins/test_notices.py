"""Slack and webhooks by Airflow's own notifiers, against a real HTTP server: told once, failing no run."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from include.experiments.announcing import announce
from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.records import Goals, State
from include.notify import Notify
from include.report.notices import NoticeFailed
from include.source.push import Push
from plugins.hooks.notices import deliver_notices, send_notice
from plugins.operators.notify_developer import NotifyDeveloperOperator

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


def test_every_place_is_told_once_however_often_a_task_is_tried(
    installation: Installation, experiment: Experiment, receiver: Receiver
) -> None:
    for _ in range(2):
        announce(installation, str(experiment), "No accuracy after 0 trials")
        deliver_notices(installation, logging.getLogger("task"))
    assert [path for path, _, _ in receiver.requests] == [
        "/told",
        "/api/chat.postMessage",
        f"/services/{TOKEN}",
    ]


def test_a_webhook_gets_the_document_with_the_headers_of_its_connection(
    installation: Installation, experiment: Experiment, receiver: Receiver
) -> None:
    announce(installation, str(experiment), "No accuracy after 0 trials", "http://a.test/run")
    deliver_notices(installation, logging.getLogger("task"))
    _, headers, document = receiver.requests[0]
    assert (document["event"], document["links"]["run"]) == ("budget_spent", "http://a.test/run")
    assert headers["x-key"] == "k"
    assert headers["content-type"] == "application/json"
    assert headers["idempotency-key"] == f"{experiment}:budget_spent"


def test_text_of_a_push_is_no_template_to_any_notifier(
    installation: Installation, experiment: Experiment, receiver: Receiver
) -> None:
    announce(installation, str(experiment), f"No accuracy {MESSAGE}")
    deliver_notices(installation, logging.getLogger("task"))
    assert len(receiver.requests) == 3
    assert all("{{ 7 * 191 }}" in json.dumps(told) for _, _, told in receiver.requests)
    assert "1337" not in json.dumps([told for _, _, told in receiver.requests])


def test_slack_gets_channel_and_token_of_configuration_and_connection(
    installation: Installation, experiment: Experiment, receiver: Receiver
) -> None:
    announce(installation, str(experiment), "No accuracy after 0 trials")
    deliver_notices(installation, logging.getLogger("task"))
    _, headers, told = receiver.requests[1]
    assert headers["authorization"] == "Bearer xoxb-token"
    assert told["channel"] == "#ml"
    assert json.loads(told["blocks"])[0]["text"]["text"] == "⏳ No accuracy after 0 trials"


def test_a_place_that_is_away_is_told_later_and_holds_up_no_other(
    installation: Installation,
    experiment: Experiment,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with receiving() as gone:
        port = gone.port
    connect(monkeypatch, port)
    announce(installation, str(experiment), "No accuracy after 0 trials")
    with caplog.at_level(logging.INFO, "task"):
        deliver_notices(installation, logging.getLogger("task"))
    said = [record.getMessage() for record in caplog.records if record.name == "task"]
    assert len(said) == 3
    assert all("is delayed" in line for line in said)
    waiting = list(installation.settings.outbox.rglob("state.json"))
    assert TOKEN not in "".join([*said, *(path.read_text() for path in waiting)])
    with receiving(port) as back:
        for path in waiting:
            path.write_text(json.dumps({**json.loads(path.read_text()), "next_try": 0.0}))
        deliver_notices(installation, logging.getLogger("task"))
    assert len(back.requests) == 3


@pytest.mark.parametrize(
    ("place", "code", "answer", "permanent", "said"),
    [
        ({"webhook": "hook"}, 503, {}, False, "it answered 503"),
        ({"webhook": "hook"}, 404, {}, False, "it answered 404"),
        ({"webhook": "hook"}, 422, {}, True, "it answered 422"),
        ({"slack_webhook": "incoming"}, 404, {"e": "no_service"}, False, "it answered 404"),
        (
            {"slack": "team", "channel": "#x"},
            200,
            {"ok": False, "error": "channel_not_found"},
            False,
            "channel_not_found",
        ),
        (
            {"slack": "team", "channel": "#x"},
            200,
            {"ok": False, "error": "invalid_blocks"},
            True,
            "invalid_blocks",
        ),
        ({"webhook": "no_such_connection"}, 200, {}, False, "its Airflow connection is missing"),
    ],
)
def test_a_refusal_is_judged_by_whether_it_can_ever_be_taken(
    receiver: Receiver, place: dict[str, str], code: int, answer: dict[str, Any], permanent: bool, said: str
) -> None:
    receiver.answers.append((code, answer))
    with pytest.raises(NoticeFailed, match=said) as refused:
        send_notice(Notify(**place), {"text": "x", "blocks": []}, "event")
    assert refused.value.permanent is permanent


def test_whatever_goes_wrong_with_notices_fails_no_task(
    installation: Installation, experiment: Experiment, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    outbox = installation.settings.outbox
    outbox.mkdir(parents=True)
    (outbox / "notices").write_text("a file where a folder should be")
    task = NotifyDeveloperOperator(task_id="tell", experiment=str(experiment))
    task._announce(installation, "No accuracy after 0 trials", None)
    deliver_notices(installation, logging.getLogger("task"))
    assert receiver.requests == []
    assert "could not be told" in caplog.text
