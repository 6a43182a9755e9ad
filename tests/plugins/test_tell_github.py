"""The tasks that tell on GitHub: with Airflow's connection, on the emulator, and out of everybody's way."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowSkipException
from github.Auth import Token

from include.experiments.installation import Installation
from include.experiments.records import Goals, State
from include.source import Push, client_for, commit_folder, create_repository
from ops.emulator import TOKEN, running_emulator
from plugins.hooks import ends
from plugins.operators.notify_developer import NotifyDeveloperOperator
from plugins.operators.tell_github import TellGitHubLaterOperator, TellGitHubOperator
from tests.include.feedback.gateway import Gateway, Reply, running_gateway

CONTEXT: Any = {"dag_run": SimpleNamespace(dag_id="train_cnn__admin__mnist", run_id="run-1")}


@pytest.fixture(scope="module")
def upstream() -> Iterator[str]:
    with running_emulator() as emulator:
        yield emulator.base_url


@pytest.fixture
def gateway(upstream: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    """GitHub, as Airflow's connection has it."""
    with running_gateway(upstream) as running:
        connection = {"conn_type": "github", "host": running.base_url, "password": TOKEN}
        monkeypatch.setenv("AIRFLOW_CONN_GITHUB_DEFAULT", json.dumps(connection))
        monkeypatch.setenv("AIRFLOW__API__BASE_URL", "http://127.0.0.1:8080")
        monkeypatch.setattr(os, "nice", lambda increment: increment)  # this process has more to do
        yield running
        assert running.complaints == []


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    config = tmp_path / "config"
    config.mkdir()
    entry = "{name: admin/mnist, target: 0.9, recipients: [team@example.org]}"
    (config / "repositories.yaml").write_text(f"repositories: [{entry}]")
    monkeypatch.setenv("CNN_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("CNN_CONFIG_DIR", str(config))
    return Installation.from_environment()


@pytest.fixture
def pushed(upstream: str, gateway: Gateway, tmp_path: Path) -> Push:
    person = client_for(Token(TOKEN), upstream)
    create_repository(person, "mnist", private=False)
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "notes.py").write_text(f"# {tmp_path}\n")
    author = ("Ada", "ada@example.org")
    return commit_folder(person, "admin/mnist", "main", tmp_path / "code", "Note", author)


@pytest.fixture
def experiment(installation: Installation, pushed: Push) -> str:
    claimed = installation.store.claim(pushed, Goals(0.9, 5, 1, "hill_climb"), "run-1")
    assert claimed is not None
    return str(claimed)


def test_it_tells_with_the_connection_of_the_repository_and_links_the_pages(
    gateway: Gateway, experiment: str, pushed: Push
) -> None:
    TellGitHubOperator(task_id="tell", experiment=experiment).execute(CONTEXT)
    (status,) = gateway.statuses[pushed.sha]
    assert status["state"] == "pending"
    assert status["target_url"].startswith("http://127.0.0.1:8080/plugin/experiments/")
    (comment,) = [r.body["body"] for r in gateway.requests if r.verb == "POST" and "comments" in r.path]
    assert "http://127.0.0.1:8080/dags/train_cnn__admin__mnist/runs/run-1" in comment


def test_a_run_without_a_push_has_nothing_to_tell() -> None:
    with pytest.raises(AirflowSkipException, match="No push was claimed"):
        TellGitHubOperator(task_id="tell", experiment="").execute(CONTEXT)


def test_its_failure_is_none_of_the_runs() -> None:
    task = TellGitHubOperator(task_id="tell", experiment="")
    assert (task.is_teardown, task.on_failure_fail_dagrun) == (True, False)


def test_the_monitor_tells_what_had_to_wait(
    gateway: Gateway, installation: Installation, experiment: str, pushed: Push
) -> None:
    gateway.interfere = lambda request: Reply(503, {"message": "Unicorn"})
    TellGitHubOperator(task_id="tell", experiment=experiment).execute(CONTEXT)
    gateway.interfere = lambda request: None
    (waiting,) = (installation.settings.var / "feedback" / "pending").glob("*.json")
    waiting.write_text(json.dumps({**json.loads(waiting.read_text()), "next_try": 0}))
    TellGitHubLaterOperator(task_id="tell").execute(CONTEXT)
    assert [status["state"] for status in gateway.statuses[pushed.sha]] == ["pending"]
    assert not waiting.exists()


def test_a_mistake_in_telling_keeps_no_mail_back(
    gateway: Gateway,
    installation: Installation,
    experiment: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def mistake(*_: object) -> None:
        raise ZeroDivisionError("a mistake of ours")

    monkeypatch.setattr(ends, "answer_push", mistake)
    installation.store.get(experiment).end(State.CRASHED)
    NotifyDeveloperOperator(task_id="tell", experiment=experiment).execute(CONTEXT)
    assert len(list((installation.settings.outbox / "pending").iterdir())) == 1
