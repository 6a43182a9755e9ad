"""The GitHub emulator as a process: ready when it says so, gone afterwards, clear when it can't start."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from github.Auth import Token

from include.source import client_for, create_repository
from ops.emulator import EmulatorError, command, running_emulator
from ops.ports import is_free


def test_it_answers_while_it_runs_and_leaves_its_port_afterwards(tmp_path: Path) -> None:
    log = tmp_path / "emulator.log"
    with running_emulator(log_file=log) as emulator:
        client = client_for(Token(emulator.token), emulator.base_url)
        assert create_repository(client, "mnist") == f"{emulator.login}/mnist"
        assert not is_free(emulator.port)
    assert is_free(emulator.port)
    assert "Ready" in log.read_text()


def test_a_taken_port_is_told() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with (
            pytest.raises(EmulatorError, match=f"Port {port}.*is taken by process"),
            running_emulator(port),
        ):
            pass


def test_a_missing_installation_names_the_file_and_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(EmulatorError, match=r"emulate/dist/index\.js is missing\. Run"):
        command(4001, tmp_path)


def test_the_command_is_for_a_supervisor() -> None:
    node, script, *arguments = command(4001)
    assert Path(node).is_file()
    assert Path(script).is_file()
    assert arguments == ["start", "--service", "github", "--port", "4001"]
