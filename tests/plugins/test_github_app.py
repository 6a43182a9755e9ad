"""A GitHub App at a stateful GitHub API: the emulator verifies the signature and gives the token."""

import json
from pathlib import Path

import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from github import Auth

from include.source import BadCredentials, client_for, commit_folder, create_repository, poll_head
from ops.emulator import LOGIN, TOKEN, running_emulator
from plugins.hooks.github_api import connect

APP, INSTALLATION = 12345, 100


def pem() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def seed(folder: Path, private_key: str) -> Path:
    """An emulator's start: its usual user, and an App that the user has installed."""
    installed = [{"installation_id": INSTALLATION, "account": LOGIN, "repository_selection": "all"}]
    app = {
        "app_id": APP,
        "slug": "better-cnn",
        "name": "Better CNN",
        "private_key": private_key,
        "permissions": {"contents": "read"},
        "installations": installed,
    }
    tokens = {TOKEN: {"login": LOGIN, "scopes": ["repo"]}}
    document = {"tokens": tokens, "github": {"users": [{"login": LOGIN}], "apps": [app]}}
    file = folder / "seed.yaml"
    file.write_text(yaml.safe_dump(document))
    return file


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
