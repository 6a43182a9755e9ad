"""A GitHub App at a stateful GitHub API: the emulator verifies the signature and gives the token."""

import json
from pathlib import Path

import pytest
from github import Auth

from include.source import BadCredentials, client_for, commit_folder, create_repository, poll_head
from ops.emulator import LOGIN, running_emulator
from plugins.hooks.github_api import connect
from tests.plugins.github_app import APP, INSTALLATION, pem, seed


def test_a_push_is_seen_through_a_github_apps_connection(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    private_key = pem()
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "mycode.py").write_text("import keras\n")
    with running_emulator(seed=seed(tmp_path, private_key)) as emulator:
        person = client_for(Auth.Token(emulator.token), emulator.base_url)
        create_repository(person, "mnist", private=False)
        push = commit_folder(
            person, f"{LOGIN}/mnist", "main", tmp_path / "code", "Train", ("Ada", "ada@example.com")
        )

        def head_by(key: str) -> str | None:
            extra = {"app_id": APP, "installation_id": INSTALLATION, "private_key": key}
            connection = {"conn_type": "github", "host": emulator.base_url, "extra": extra}
            monkeypatch.setenv("AIRFLOW_CONN_APP", json.dumps(connection))
            return poll_head(connect("app"), f"{LOGIN}/mnist", "main").sha

        assert head_by(private_key) == push.sha
        with pytest.raises(BadCredentials, match="GitHub App's key"):
            head_by(pem())
