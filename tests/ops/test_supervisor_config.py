"""The supervisor is told everything it needs and nothing that is secret."""

import json
import os
import stat
from pathlib import Path

import pytest
from supervisor.options import ServerOptions

from ops.supervisor_config import Files, Program, UnusablePathError, write

PROGRAMS = (
    Program("janitor", ("python", "-m", "ops.janitor"), priority=1, stop_seconds=60),
    Program("odd", ("sh", "-c", 'echo "100%" ; # it\'s fine'), {"TOKEN": "s3cret %(x)s"}, priority=10),
    Program("scheduler", ("airflow", "scheduler"), priority=101),
    Program("triggerer", ("airflow", "triggerer"), priority=102),
)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """A written configuration."""
    files = Files(tmp_path / "var", "0123456789")
    write(files, PROGRAMS)
    return files


def parsed(files: Files) -> ServerOptions:
    """The configuration as the supervisor itself reads it."""
    options = ServerOptions()
    options.realize(["-n", "-c", str(files.config)])
    return options


def test_the_supervisor_reads_what_was_written(files: Files) -> None:
    groups = {group.name: group for group in parsed(files).process_group_configs}
    assert set(groups) == {"janitor", "odd", "airflow"}
    assert [process.name for process in groups["airflow"].process_configs] == ["scheduler", "triggerer"]
    janitor = groups["janitor"].process_configs[0]
    assert janitor.autorestart is not False
    assert janitor.stopwaitsecs == 70


def test_the_janitor_starts_first_and_so_is_stopped_last(files: Files) -> None:
    groups = parsed(files).process_group_configs
    assert min(groups, key=lambda group: group.priority).name == "janitor"


def test_commands_and_values_reach_a_program_unchanged(files: Files) -> None:
    launch = json.loads((files.run / "programs" / "odd.json").read_text())
    assert tuple(launch["command"]) == PROGRAMS[1].command
    assert launch["environment"] == {"TOKEN": "s3cret %(x)s"}


def test_no_secret_is_in_the_configuration_and_nobody_else_may_read_anything(files: Files) -> None:
    assert "s3cret" not in files.config.read_text()
    for path in (files.config, *(files.run / "programs").iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(files.run.stat().st_mode) == 0o700


def test_a_long_path_gets_a_short_private_socket(tmp_path: Path) -> None:
    files = Files(tmp_path / ("deep" * 40), "feedc0ffee")
    files.make()
    assert len(str(files.socket)) < 100
    assert stat.S_IMODE(files.socket.parent.stat().st_mode) == 0o700
    files.socket.parent.rmdir()


def test_a_socket_folder_that_is_somebody_elses_link_is_refused(tmp_path: Path) -> None:
    files = Files(tmp_path / ("deep" * 40), "badc0ffee0")
    files.socket.parent.symlink_to(tmp_path)
    try:
        with pytest.raises(UnusablePathError, match=f"belongs to user {os.getuid()}"):
            files.make()
    finally:
        files.socket.parent.unlink()


def test_a_path_that_a_configuration_can_not_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusablePathError, match="plainer path"):
        Files(tmp_path / "odd;name", "0").make()
