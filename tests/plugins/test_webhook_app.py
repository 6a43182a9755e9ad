"""The application that GitHub calls: over HTTP, with the emulator's own deliveries, and against strangers."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from github import Github
from github.Auth import Token
from starlette.testclient import TestClient

from include.repositories import Repository
from include.source import client_for, commit_folder, create_repository
from include.webhook import MOST_BYTES, PushEvent
from ops.emulator import LOGIN, Emulator, running_emulator
from ops.ports import any_port
from plugins.webhook import app as module
from plugins.webhook.sources import read_sources
from tests.include.webhook.deliveries import SECRET, sign
from tests.include.webhook.deliveries import push as push_at_epoch

Started = list[tuple[str, str | None, str | None]]


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Started]:
    """What the application started, on an installation that watches admin/hooked."""
    (tmp_path / "repositories.yaml").write_text("repositories: [{name: admin/hooked}, {name: admin/mnist}]")
    monkeypatch.setenv("CNN_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("CNN_VAR_DIR", str(tmp_path / "var"))
    connection = {"conn_type": "github", "password": "t", "extra": {"webhook_secret": SECRET}}
    monkeypatch.setenv("AIRFLOW_CONN_GITHUB_DEFAULT", json.dumps(connection))
    found: Started = []

    def start(repository: Repository, event: PushEvent) -> None:
        found.append((repository.name, event.branch, event.sha))

    monkeypatch.setattr(module, "start_push", start)
    module.receiver.cache_clear()
    yield found
    module.receiver.cache_clear()


@pytest.fixture
def http(started: Started) -> TestClient:
    return TestClient(module.app)


def push() -> dict[str, Any]:
    """A push of this minute."""
    document: dict[str, Any] = push_at_epoch()
    document["repository"]["pushed_at"] = int(time.time())
    return document


def headers(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {
        "X-GitHub-Event": "push",
        "X-GitHub-Delivery": "1",
        "X-Hub-Signature-256": sign(body, secret),
        "Content-Type": "application/json",
    }


def test_a_signed_push_is_accepted_over_http(http: TestClient, started: Started) -> None:
    body = json.dumps(push()).encode()
    answer = http.post("/webhook", content=body, headers=headers(body))
    assert (answer.status_code, answer.json()) == (202, {"detail": "started"})
    assert started == [("admin/mnist", "main", "a" * 40)]


def test_strangers_learn_nothing(http: TestClient, started: Started) -> None:
    body = json.dumps(push()).encode()
    unsigned = http.post("/webhook", content=body)
    forged = http.post("/webhook", content=body, headers=headers(body, "guess"))
    assert (unsigned.status_code, unsigned.json()) == (401, {"detail": "a signature is needed"})
    assert (forged.status_code, forged.json()) == (403, {"detail": "the signature is not accepted"})
    assert started == []


@pytest.mark.parametrize("path", ["/", "/docs", "/redoc", "/openapi.json", "/webhook/", "/webhook/x"])
def test_there_is_nothing_else_to_see(http: TestClient, path: str) -> None:
    assert http.get(path, follow_redirects=False).status_code in (307, 404)


@pytest.mark.parametrize("verb", ["GET", "PUT", "DELETE", "PATCH"])
def test_only_a_post_is_taken(http: TestClient, verb: str) -> None:
    assert http.request(verb, "/webhook").status_code == 405


def test_a_body_that_is_too_large_is_refused_before_it_is_read_whole(
    http: TestClient, started: Started
) -> None:
    body = b" " * (MOST_BYTES + 1)

    def parts() -> Iterator[bytes]:  # without a length that could be looked at
        yield from (body[i : i + 65_536] for i in range(0, len(body), 65_536))

    assert http.post("/webhook", content=body, headers=headers(body)).status_code == 413
    assert http.post("/webhook", content=parts(), headers=headers(body)).status_code == 413


def test_without_a_secret_nothing_is_accepted(
    http: TestClient, started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_GITHUB_DEFAULT", json.dumps({"conn_type": "github", "password": "t"}))
    body = json.dumps(push()).encode()
    assert http.post("/webhook", content=body, headers=headers(body, "")).status_code == 403
    assert read_sources().secrets == {}


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with running_emulator() as running:
        yield running


@contextlib.contextmanager
def serving() -> Iterator[str]:
    """Serve the application; gives its address."""
    port = any_port()
    server = uvicorn.Server(uvicorn.Config(module.app, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    _eventually(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{port}/webhook"
    finally:
        server.should_exit = True
        thread.join(30)


def _eventually(look: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_what_the_emulator_delivers_starts_the_push(
    emulator: Emulator, started: Started, tmp_path: Path
) -> None:
    person: Github = client_for(Token(emulator.token), emulator.base_url)
    create_repository(person, "hooked", private=False)
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "mycode.py").write_text("import keras\n")
    with serving() as url:
        config = {"url": url, "content_type": "json", "secret": SECRET}
        person.get_repo(f"{LOGIN}/hooked").create_hook("web", config, ["push"], active=True)
        author = ("Ada", "ada@example.org")
        first = commit_folder(person, f"{LOGIN}/hooked", "main", tmp_path / "code", "1", author)
        second = commit_folder(person, f"{LOGIN}/hooked", "main", tmp_path / "code", "2", author)
        commit_folder(person, f"{LOGIN}/hooked", "tuned/x", tmp_path / "code", "3", author)
        _eventually(lambda: second.sha in {sha for _, _, sha in started})
    assert ("admin/hooked", "main", second.sha) in started
    assert {branch for _, branch, _ in started} == {"main"}
    assert len({sha for _, _, sha in started}) == len(started)
    assert first.sha != second.sha
