"""What a person types is understood, and a mistake is answered with a sentence."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ops import __main__ as ops_main
from ops import cli
from ops.paths import PROJECT_ROOT


def test_make_without_a_target_lists_every_target() -> None:
    listing = subprocess.run(("make",), cwd=PROJECT_ROOT, capture_output=True, text=True).stdout
    for target in ("demo", "test", "up", "down", "status", "logs", "push", "clean", "lock"):
        assert f"make {target} " in listing


def test_status_of_a_stopped_installation_says_so_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ops_main.main(["--var", str(tmp_path), "status"]) == 1
    assert "Not running; `make up` starts it" in capsys.readouterr().out


def test_status_can_be_read_by_a_program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ops_main.main(["--var", str(tmp_path), "status", "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["components"], report["url"]) == ([], None)


def test_a_reader_that_leaves_early_is_no_mistake(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = (sys.executable, "-m", "ops", "--var", str(tmp_path), "status", "--json")
    done = subprocess.run(command, cwd=PROJECT_ROOT, stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


def test_an_unknown_log_is_answered_with_the_known_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "scheduler.log").write_text("hello\n")
    assert ops_main.main(["--var", str(tmp_path), "logs", "shceduler"]) == 1
    assert "There are: scheduler" in capsys.readouterr().err


def test_the_end_of_a_log_is_shown(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "scheduler.log").write_text("hello\n")
    assert ops_main.main(["--var", str(tmp_path), "logs", "scheduler"]) == 0
    assert capfd.readouterr().out == "hello\n"


@pytest.mark.parametrize(("flag", "kept"), [([], {"secrets"}), (["--secrets"], set())])
def test_clean_removes_state_and_keeps_secrets_unless_asked(
    tmp_path: Path, flag: list[str], kept: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "stop_engine", lambda _say: False)  # the machine's, not this installation's
    for name in ("secrets", "airflow", "demo/run"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "experiments.db").touch()
    assert ops_main.main(["--var", str(tmp_path), "clean", *flag]) == 0
    assert {path.name for path in tmp_path.iterdir()} == kept


def test_push_names_what_it_lacks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = ops_main.main(
        ["--var", str(tmp_path), "push", str(tmp_path), "--repository", "a/b", "--author", "nobody"]
    )
    assert code == 1
    assert "Nothing was pushed" in capsys.readouterr().err
