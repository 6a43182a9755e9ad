"""The operator's connections are read by us, line by line, and never by a shell."""

import stat
from pathlib import Path

import pytest

from ops.connections import UnreadableConnectionsError, connections_file, load_connections


def test_the_file_is_made_with_an_explanation_and_private(tmp_path: Path) -> None:
    path = connections_file(tmp_path)
    assert "AIRFLOW_CONN_GITHUB_DEFAULT" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_connections(path) == {}


def test_what_the_operator_wrote_is_kept(tmp_path: Path) -> None:
    connections_file(tmp_path).write_text("A=1\n")
    assert load_connections(connections_file(tmp_path)) == {"A": "1"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("NAME=value", {"NAME": "value"}),
        ("  NAME = value  ", {"NAME": "value"}),
        ("""NAME='{"a": "b=c"}'""", {"NAME": '{"a": "b=c"}'}),
        ('NAME="it\'s"', {"NAME": "it's"}),
        ("export NAME=value", {"NAME": "value"}),
        ("NAME=", {"NAME": ""}),
        ("NAME=$(touch /tmp/x) `id` $HOME", {"NAME": "$(touch /tmp/x) `id` $HOME"}),
        ("# NAME=value", {}),
        ("", {}),
    ],
)
def test_lines_are_taken_as_they_stand(tmp_path: Path, line: str, expected: dict[str, str]) -> None:
    path = tmp_path / "connections.env"
    path.write_text(line + "\n")
    assert load_connections(path) == expected


@pytest.mark.parametrize("line", ["no equals s3cret", "1NAME=s3cret", "NAME='s3cret", "NAME=\"s3cret'"])
def test_a_wrong_line_is_named_by_number_and_its_value_is_not_shown(tmp_path: Path, line: str) -> None:
    path = tmp_path / "connections.env"
    path.write_text(f"GOOD=1\n{line}\n")
    with pytest.raises(UnreadableConnectionsError, match="line 2") as caught:
        load_connections(path)
    assert "s3cret" not in str(caught.value)
