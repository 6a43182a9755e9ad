"""The engine is tested, not the client; what is missing is installed or named.

The machine is played by small programs on the PATH: `docker`, `dockerd`, `apt-get`, `systemctl`.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ops import apt, engine

Machine = Callable[..., None]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """What the programs of the machine were asked to do."""
    return tmp_path / "calls"


@pytest.fixture
def machine(tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Put programs on an otherwise almost empty PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in ("sh", "sleep", "touch", "cp", "chmod", "rm"):
        (folder / tool).symlink_to(f"/bin/{tool}")
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setattr(apt, "LOGS", tmp_path)

    def install(**programs: str) -> None:
        for name, body in programs.items():
            path = folder / name.replace("_", "-")
            path.write_text(f'#!/bin/sh\necho "{path.name} $*" >> {log}\n{body}\n')
            path.chmod(0o755)

    return install


@pytest.fixture
def ensure(tmp_path: Path) -> Callable[[], bool]:
    """Call `ensure_engine` with its files in the test's folder, on a machine without systemd."""
    return lambda: engine.ensure_engine(
        lambda _: None,
        pid_file=tmp_path / "engine.pid",
        log=tmp_path / "dockerd.log",
        systemd=tmp_path / "no-systemd",
    )


# A client whose engine answers once `dockerd` runs: it leaves the file `ready` beside the programs.
CLIENT = 'test -e "$(dirname "$0")/ready" && echo 20.10 || { echo "Cannot connect" >&2; exit 1; }'.replace(
    '$(dirname "$0")', "${0%/*}"
)
DAEMON = 'trap "rm -f ${0%/*}/ready; exit 0" TERM; touch "${0%/*}/ready"; while :; do sleep 0.1; done'


def test_an_engine_that_answers_is_left_alone(
    machine: Machine, ensure: Callable[[], bool], log: Path
) -> None:
    machine(docker="echo 20.10", dockerd="exit 1")
    assert ensure() is False
    assert "dockerd" not in log.read_text().replace("docker info", "")


def test_a_stopped_engine_is_started_and_only_that_one_is_stopped(
    machine: Machine, ensure: Callable[[], bool], tmp_path: Path
) -> None:
    machine(docker=CLIENT, dockerd=DAEMON)
    assert ensure() is True
    assert ensure() is False  # it answers now
    pid = int((tmp_path / "engine.pid").read_text())
    assert engine.stop_engine(lambda _: None, pid_file=tmp_path / "engine.pid") is True
    os.waitpid(pid, 0)
    assert not (tmp_path / "bin" / "ready").exists()
    assert engine.stop_engine(lambda _: None, pid_file=tmp_path / "engine.pid") is False


def test_a_recorded_process_that_is_no_engine_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "engine.pid").write_text(str(os.getpid()))
    assert engine.stop_engine(lambda _: None, pid_file=tmp_path / "engine.pid") is False


def test_a_missing_engine_is_installed_and_started(
    machine: Machine, ensure: Callable[[], bool], tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    machine(docker=CLIENT, dockerd_later=DAEMON)
    later, target = tmp_path / "bin" / "dockerd-later", tmp_path / "bin" / "dockerd"
    machine(apt_get=f'case "$*" in *docker.io*) cp {later} {target};; esac')
    assert ensure() is True
    assert "install -y -q --no-install-recommends docker.io iptables" in log.read_text()
    engine.stop_engine(lambda _: None, pid_file=tmp_path / "engine.pid")


def test_systemd_starts_the_engine_where_it_runs(machine: Machine, tmp_path: Path, log: Path) -> None:
    machine(docker=CLIENT, dockerd="exit 1", systemctl='touch "${0%/*}/ready"')
    started = engine.ensure_engine(
        lambda _: None, pid_file=tmp_path / "engine.pid", log=tmp_path / "dockerd.log", systemd=tmp_path
    )
    assert started is False
    assert "systemctl start docker" in log.read_text()
    assert not (tmp_path / "engine.pid").exists()


@pytest.mark.parametrize(
    ("programs", "user", "host", "error", "sentence"),
    [
        ({}, 1000, None, engine.EngineMissingError, r"Install and start Docker"),
        ({"docker": CLIENT}, 1000, None, engine.EngineMissingError, r"Install and start Docker"),
        (
            {"docker": CLIENT, "dockerd": "exit 1"},
            1000,
            None,
            engine.EngineUnreachableError,
            r"sudo systemctl start",
        ),
        (
            {"docker": "echo 'permission denied while connecting' >&2; exit 1", "dockerd": "exit 1"},
            1000,
            None,
            engine.EngineUnreachableError,
            r"group docker",
        ),
        (
            {"docker": CLIENT},
            0,
            "tcp://far:1",
            engine.EngineUnreachableError,
            r"DOCKER_HOST says tcp://far:1",
        ),
        (
            {"docker": CLIENT, "dockerd": "echo no iptables here; exit 1"},
            0,
            None,
            engine.EngineNotStartedError,
            r"(?s)no iptables here.*by hand",
        ),
    ],
)
def test_what_can_not_be_helped_is_said_with_the_remedy(
    machine: Machine,
    ensure: Callable[[], bool],
    monkeypatch: pytest.MonkeyPatch,
    programs: dict[str, str],
    user: int,
    host: str | None,
    error: type[Exception],
    sentence: str,
) -> None:
    machine(**programs)
    monkeypatch.setattr("os.geteuid", lambda: user)
    if host:
        monkeypatch.setenv("DOCKER_HOST", host)
    with pytest.raises(error, match=sentence):
        ensure()
