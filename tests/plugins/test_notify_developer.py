"""The task that tells how an experiment ended, with a real SMTP server and a real webhook."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG

from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.records import State
from ops.mail_server import MailServer, running_mail_server
from plugins.operators.notify_developer import NotifyCrashOperator, NotifyDeveloperOperator
from tests.plugins.noticed import claimed, connect, experiment, installation, receiving

__all__ = ["claimed", "experiment", "installation"]  # fixtures


@pytest.fixture(autouse=True)
def places(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tell one webhook and the team by mail; say nothing on GitHub."""
    entry = {"name": "admin/mnist", "recipients": ["team@example.org"], "notify": [{"webhook": "hook"}]}
    quiet = {"commit_status": False, "check_run": False, "commit_comment": False, "pull_request": False}
    installation.settings.repositories_file.write_text(json.dumps({"repositories": [{**entry, **quiet}]}))
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "http://127.0.0.1:8080")


def run(experiment: Experiment) -> None:
    """Run the task once."""
    context: Any = {"dag_run": SimpleNamespace(dag_id="train_cnn__admin__mnist", run_id="run-1")}
    NotifyDeveloperOperator(task_id="tell", experiment=str(experiment)).execute(context)


def mail_to(server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the SMTP connection."""
    extra = {"disable_ssl": True, "disable_tls": True, "from_email": "cnn@example.com", "retry_limit": 0}
    connection = {"conn_type": "smtp", "host": "127.0.0.1", "port": server.port, "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", json.dumps(connection))


def test_mail_and_webhook_are_told_once_with_the_same_words_and_links(
    experiment: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving() as receiver, running_mail_server(tmp_path / "mails") as server:
        connect(monkeypatch, receiver.port)
        mail_to(server, monkeypatch)
        for _ in range(2):
            run(experiment)
        (mail,) = server.mails()
    ((_, _, document),) = receiver.requests
    assert mail["To"] == "team@example.org"
    assert mail["Subject"] == document["headline"]
    text = mail.get_body(("plain",))
    assert text is not None
    for link in (document["links"]["run"], document["links"]["experiment"]):
        assert link.startswith("http://127.0.0.1:8080/")
        assert link in text.get_content()


def test_a_webhook_that_refuses_keeps_no_mail_back_and_fails_no_task(
    experiment: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving() as receiver, running_mail_server(tmp_path / "mails") as server:
        receiver.answers.append((500, {}))
        connect(monkeypatch, receiver.port)
        mail_to(server, monkeypatch)
        run(experiment)
        assert len(server.mails()) == 1
    assert len(receiver.requests) == 1


def test_servers_that_are_away_fail_no_task(
    experiment: Experiment, installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving() as gone, running_mail_server(tmp_path / "mails") as server:
        connect(monkeypatch, gone.port)
        mail_to(server, monkeypatch)
    run(experiment)
    waiting = installation.settings.outbox
    assert len(list((waiting / "pending").iterdir())) == 1
    assert len(list((waiting / "notices").glob("*/pending/*/message.eml"))) == 1
    assert experiment.state is State.BUDGET_SPENT


@pytest.mark.parametrize(
    ("state", "subject"), [("failed", "Stopped in trial 1"), ("upstream_failed", "training system failed")]
)
def test_a_person_who_ends_a_training_before_it_began_is_no_failure_of_the_system(
    state: str, subject: str, claimed: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = {"run-1": {"train": state}}
    context: Any = {
        "dag_run": SimpleNamespace(dag_id="train_cnn__admin__mnist", run_id="run-1"),
        "ti": SimpleNamespace(get_task_states=lambda **_: states),
    }
    with DAG("train_cnn__admin__mnist"):
        train = EmptyOperator(task_id="train")
        told = NotifyCrashOperator(task_id="told", experiment=str(claimed), trial=1)
        train >> told
    with running_mail_server(tmp_path / "mails") as server:
        mail_to(server, monkeypatch)
        told.execute(context)
        (mail,) = server.mails()
    assert subject in mail["Subject"]
