"""What a person types is understood, and a mistake is answered with a sentence."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ops import __main__ as ops_main
from ops import cli
from ops import stack as stack_module
from ops.paths import PROJECT_ROOT
from ops.readiness import BadSlotsError
from ops.stack import Stack, StackConfig
from ops.supervision import Supervisor


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


def test_a_supervisor_that_ends_while_it_is_asked_counts_as_stopped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with subprocess.Popen(["true"]) as ended:
        pass
    monkeypatch.setattr(Stack, "supervisor_pid", lambda _: ended.pid)
    assert ops_main.main(["--var", str(tmp_path), "status"]) == 1
    assert "Not running" in capsys.readouterr().out


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


@pytest.mark.parametrize("text", ["abc", "0", "65536", "80 80"])
def test_a_port_that_is_none_is_answered_with_what_is_one(
    text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", text)  # as `make up PORT=…` has it
    with pytest.raises(SystemExit, match="2"):
        ops_main.main(["up"])
    assert f"{text!r} is no port: give a number from 1 to 65535" in capsys.readouterr().err
    monkeypatch.delenv("PORT")
    assert ops_main.parser().parse_args(["up"]).port == 8080


@pytest.mark.parametrize(
    ("number", "remedy"), [(errno.EROFS, "a disk that can be written to"), (errno.ENOSPC, "Free some space")]
)
def test_what_the_system_refuses_is_a_sentence_with_a_remedy(
    number: int, remedy: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number), "/var/folder")

    monkeypatch.setattr(cli, "clean", refuse)
    assert ops_main.main(["clean"]) == 1
    said = capsys.readouterr().err
    assert f"/var/folder: {os.strerror(number)}. " in said
    assert remedy in said


@pytest.mark.parametrize("text", ["several", "0", "-1", "1.5"])
def test_training_slots_that_are_no_number_are_refused_before_anything_starts(
    tmp_path: Path, text: str
) -> None:
    stack = Stack(StackConfig(tmp_path, environment={"CNN_TRAINING_SLOTS": text}))
    with pytest.raises(BadSlotsError, match=f"CNN_TRAINING_SLOTS is '{text}'. Make it a whole number"):
        stack.start(print)


def test_a_start_that_a_person_interrupts_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def interrupted(*_: object) -> None:
        done.append("start")
        raise KeyboardInterrupt

    monkeypatch.setattr(stack_module, "ensure_database", lambda *_: None)
    monkeypatch.setattr(Supervisor, "start", interrupted)
    monkeypatch.setattr(Supervisor, "stop", lambda _: done.append("stop"))
    with pytest.raises(KeyboardInterrupt, match=r"^$"):
        Stack(StackConfig(tmp_path)).start(print)
    assert done == ["stop", "start", "stop"]  # the first one takes away what an earlier life left


MAKE_PUSH = ("make", "--no-print-directory", "push", "DIR=my code", 'MESSAGE=Don\'t "overfit"')


def test_make_push_hands_over_any_message(tmp_path: Path) -> None:
    said = tmp_path / "python"
    said.write_text('#!/bin/sh\nfor argument; do echo "<$argument>"; done\n')
    said.chmod(0o755)
    command = (*MAKE_PUSH, "AUTHOR=Ada <ada@example.com>", f"VENV={tmp_path}", "PYTHON=true")
    done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[2:] == [
        "<push>",
        "<my code>",
        "<--author>",
        "<Ada <ada@example.com>>",
        "<--message>",
        '<Don\'t "overfit">',
        "",
    ]
