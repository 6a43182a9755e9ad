"""Secrets are private from their first moment and made once."""

import json
import os
import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from ops.secrets import ensure_secrets, write_once


def mode(path: Path) -> int:
    """Permission bits of a file."""
    return stat.S_IMODE(path.stat().st_mode)


def test_secrets_are_readable_by_their_owner_only_even_under_a_careless_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        made = ensure_secrets(tmp_path)
    finally:
        os.umask(before)
    assert mode(made.folder) == 0o700
    files = list(made.folder.iterdir())
    assert {file.name for file in files} == {
        "fernet_key",
        "jwt_secret",
        "api_secret_key",
        "ui_passwords.json",
    }
    assert {mode(file) for file in files} == {0o600}


def test_secrets_stay_the_same_at_every_later_start(tmp_path: Path) -> None:
    first = {file.name: file.read_text() for file in ensure_secrets(tmp_path).folder.iterdir()}
    second = {file.name: file.read_text() for file in ensure_secrets(tmp_path).folder.iterdir()}
    assert first == second


def test_a_file_somebody_opened_to_others_is_closed_again(tmp_path: Path) -> None:
    made = ensure_secrets(tmp_path)
    made.jwt_secret.chmod(0o644)
    made.folder.chmod(0o755)
    ensure_secrets(tmp_path)
    assert (mode(made.jwt_secret), mode(made.folder)) == (0o600, 0o700)


def test_the_secrets_are_what_airflow_expects(tmp_path: Path) -> None:
    made = ensure_secrets(tmp_path)
    Fernet(made.fernet_key.read_text())  # raises on a malformed key
    assert len(made.jwt_secret.read_text()) >= 64  # HS512 asks for 64 bytes
    assert json.loads(made.passwords.read_text()) == {"admin": made.password()}


def test_two_installations_share_no_secret(tmp_path: Path) -> None:
    one, two = ensure_secrets(tmp_path / "one"), ensure_secrets(tmp_path / "two")
    for name in ("fernet_key", "jwt_secret", "api_secret_key", "ui_passwords.json"):
        assert (one.folder / name).read_text() != (two.folder / name).read_text()


def test_a_second_writer_changes_nothing_and_leaves_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "key"
    write_once(path, "first")
    # The race: the file appears between the look and the write.
    monkeypatch.setattr(Path, "exists", lambda _self: False)
    write_once(path, "second")
    monkeypatch.undo()
    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]
