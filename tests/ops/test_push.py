"""`python -m ops.push`: a folder on its way to the emulator, and every way to be told why not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import pytest
from github.Auth import AppInstallationAuth, Token

from include.source import client_for, create_repository, head
from ops.emulator import Emulator, running_emulator
from ops.github_connection import ConnectionMissing, client_of
from ops.push import NoAuthor, NoRepository, Target, author_of, main, target_of

CONFIG = "repositories:\n  - name: admin/mnist\n    branch: dev\n    connection: ghe\n"
OTHER = "  - name: admin/second\n"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with running_emulator() as running:
        create_repository(client_for(Token(running.token), running.base_url), "mnist")
        yield running


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "config" / "repositories.yaml"
    file.parent.mkdir()
    file.write_text(CONFIG)
    return file


@pytest.fixture
def code(tmp_path: Path) -> Path:
    folder = tmp_path / "mnist_cnn"
    folder.mkdir()
    (folder / "mycode.py").write_text("print('hello')\n")
    return folder


def connection(emulator: Emulator) -> str:
    document = {"conn_type": "github", "password": emulator.token, "host": emulator.base_url}
    return json.dumps(document)


def test_a_person_pushes_a_folder_to_the_watched_repository(
    emulator: Emulator, config: Path, code: Path
) -> None:
    environment = {
        **os.environ,
        "CNN_CONFIG_DIR": str(config.parent),
        "AIRFLOW_CONN_GHE": connection(emulator),
    }
    command = [sys.executable, "-m", "ops.push", str(code), "--author", "Ann <ann@example.org>"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, f"Pushed {code} to admin/mnist, branch dev.\n")
    pushed = head(client_for(Token(emulator.token), emulator.base_url), "admin/mnist", "dev")
    assert done.stdout.strip() == pushed.sha
    assert (pushed.author_name, pushed.author_email) == ("Ann", "ann@example.org")
    assert pushed.message == "Push mnist_cnn"


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (["--repository", "admin/none"], "admin/none was not found"),
        (["--connection", "nowhere"], "neither AIRFLOW_CONN_NOWHERE nor GITHUB_TOKEN is set"),
        (["--author", "Ann"], "Add --author 'Name <address>'"),
        (["--repository", "mnist"], "write it as owner/name"),
    ],
)
def test_a_failure_names_cause_and_remedy_and_ends_with_one(
    emulator: Emulator,
    config: Path,
    code: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    match: str,
) -> None:
    monkeypatch.setenv("CNN_CONFIG_DIR", str(config.parent))
    for name in ("GHE", "GITHUB_DEFAULT"):
        monkeypatch.setenv(f"AIRFLOW_CONN_{name}", connection(emulator))
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    assert main([str(code), "--author", "Ann <ann@example.org>", *arguments]) == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("Nothing was pushed. ")
    assert match in output.err


def test_the_only_watched_repository_is_the_target(config: Path) -> None:
    assert target_of(None, None, None, config) == Target("admin/mnist", "dev", "ghe")
    assert target_of("o/r", None, None, config) == Target("o/r", None, "github_default")
    assert target_of("admin/mnist", "x", "y", config) == Target("admin/mnist", "x", "y")


def test_of_several_watched_repositories_one_must_be_said(config: Path) -> None:
    config.write_text(CONFIG + OTHER)
    with pytest.raises(
        NoRepository, match=r"watches 2 repositories \(admin/mnist, admin/second\).*--repository"
    ):
        target_of(None, None, None, config)


@pytest.mark.parametrize(
    ("text", "environment", "author"),
    [
        ("Ann <ann@example.org>", {}, ("Ann", "ann@example.org")),
        ("ann@example.org", {}, ("ann", "ann@example.org")),
        (None, {"GIT_AUTHOR_NAME": "Bo", "GIT_AUTHOR_EMAIL": "bo@example.org"}, ("Bo", "bo@example.org")),
    ],
)
def test_the_author_is_said_or_known(
    text: str | None, environment: Mapping[str, str], author: tuple[str, str]
) -> None:
    assert author_of(text, environment) == author


def test_without_an_author_nobody_would_get_the_mail() -> None:
    with pytest.raises(NoAuthor, match="Add --author"):
        author_of("Ann", {})


HOST = "https://ghe.example/api/v3"
TOKEN = "a/b:c@d%"


@pytest.mark.parametrize(
    ("environment", "address"),
    [
        ({"AIRFLOW_CONN_X": json.dumps({"conn_type": "github", "password": TOKEN, "host": HOST})}, HOST),
        ({"AIRFLOW_CONN_X": f"github://:{quote(TOKEN, safe='')}@{quote(HOST, safe='')}"}, HOST),
        ({"AIRFLOW_CONN_X": f"github://:{quote(TOKEN, safe='')}@"}, "https://api.github.com"),
        ({"GITHUB_TOKEN": TOKEN}, "https://api.github.com"),
        ({"GITHUB_TOKEN": TOKEN, "GITHUB_API_URL": HOST}, HOST),
    ],
    ids=["JSON", "URI", "URI without host", "token", "token and address"],
)
def test_credentials_come_in_several_spellings(environment: Mapping[str, str], address: str) -> None:
    client = client_of("x", environment)
    assert client.requester.base_url == address
    assert client.requester.auth is not None
    assert client.requester.auth.token == TOKEN


@pytest.mark.parametrize("text", ["{broken", "no connection", '{"extra": "{broken"}', "[]"])
def test_an_unreadable_connection_is_told_without_its_content(text: str) -> None:
    with pytest.raises(ConnectionMissing, match="AIRFLOW_CONN_X is neither") as caught:
        client_of("x", {"AIRFLOW_CONN_X": text})
    assert text not in str(caught.value)


def test_a_github_app_opens_it_without_airflow(tmp_path: Path) -> None:
    key = tmp_path / "app.pem"
    key.write_text("the key")
    extra = {"app_id": 7, "installation_id": 1, "key_path": str(key)}
    auth = client_of("x", {"AIRFLOW_CONN_X": json.dumps({"extra": extra})}).requester.auth
    assert isinstance(auth, AppInstallationAuth)
    assert (auth.app_id, auth.installation_id) == ("7", 1)


@pytest.mark.parametrize(
    ("extra", "match"),
    [
        ({}, "key_path"),
        ({"app_id": 7, "private_key": "k"}, "installation_id"),
        ({"app_id": 7, "installation_id": 1, "key_path": "/nowhere/app.pem"}, "No such file"),
    ],
)
def test_half_a_github_app_is_told_with_what_is_missing(extra: Mapping[str, object], match: str) -> None:
    with pytest.raises(ConnectionMissing, match=rf"neither a token nor all of a GitHub App \(.*{match}"):
        client_of("x", {"AIRFLOW_CONN_X": json.dumps({"extra": extra})})


def test_a_folder_that_is_not_there_is_told_before_anything_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "none"), "--repository", "a/b", "--author", "Ann <ann@example.org>"]) == 1
    assert "none is not a folder. Give the folder whose files to push." in capsys.readouterr().err
