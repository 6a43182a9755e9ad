"""Every component runs in the stack's environment, and no secret stands in it."""

import subprocess
import sys
from pathlib import Path

import pytest

from ops import environment
from ops.secrets import ensure_secrets
from ops.stack import Stack, StackConfig


def test_the_same_folder_is_the_same_stack_and_another_is_another(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert environment.stack_id(tmp_path / "a") == environment.stack_id(tmp_path / "link")
    assert environment.stack_id(tmp_path / "a") != environment.stack_id(tmp_path / "b")


def test_settings_of_another_airflow_do_not_leak_in() -> None:
    foreign = {
        "AIRFLOW_HOME": "/elsewhere",
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
        "CNN_STACK": "other",
        "PYTHONPATH": "/elsewhere",
    }
    kept = environment.inherited({**foreign, "AIRFLOW_CONN_GITHUB_DEFAULT": "{}", "LANG": "C"})
    assert not set(foreign) & set(kept)
    assert (kept["AIRFLOW_CONN_GITHUB_DEFAULT"], kept["LANG"]) == ("{}", "C")


def test_components_talk_to_each_other_past_the_hosts_proxy() -> None:
    kept = environment.inherited({"HTTP_PROXY": "http://proxy.example", "NO_PROXY": "intranet.example"})
    assert kept["NO_PROXY"] == "intranet.example,localhost,127.0.0.1"


def test_no_secret_value_is_in_the_environment(tmp_path: Path) -> None:
    values = "\n".join(Stack(StackConfig(tmp_path)).environment().values())
    for file in ensure_secrets(tmp_path).folder.iterdir():
        assert file.read_text() not in values


def test_the_callers_settings_win(tmp_path: Path) -> None:
    stack = Stack(StackConfig(tmp_path, environment={"AIRFLOW__CORE__DAGS_FOLDER": "/mine"}))
    assert stack.environment()["AIRFLOW__CORE__DAGS_FOLDER"] == "/mine"


@pytest.mark.parametrize(
    ("section", "key", "expected"),
    [
        ("core", "fernet_key", "fernet_key"),
        ("api", "secret_key", "api_secret_key"),
        ("api_auth", "jwt_secret", "jwt_secret"),
    ],
)
def test_airflow_itself_reads_each_secret_from_its_file(
    tmp_path: Path, section: str, key: str, expected: str
) -> None:
    stack = Stack(StackConfig(tmp_path / "with blank"))
    code = f"from airflow.sdk.configuration import conf; print('=' + conf.get({section!r}, {key!r}))"
    done = subprocess.run(
        (sys.executable, "-c", code), env=stack.environment(), capture_output=True, text=True, timeout=60
    )
    secret = (tmp_path / "with blank" / "secrets" / expected).read_text()
    assert done.stdout.strip().splitlines()[-1] == f"={secret}", done.stderr
