"""Hostile scripts in training containers: each ends as the design's table says, and the host is untouched."""

from __future__ import annotations

import json
import platform
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from docker.errors import APIError

from include.containers import (
    EndingKind,
    Engine,
    Mount,
    Outcome,
    ResultRefusedError,
    TrainingWatch,
    begin_training,
    read_metrics,
)
from include.containers.disk import disk_use
from include.containers.result import heartbeat_age
from include.containers.spec import GIB, MIB
from tests.docker.hostile import FINISHED, INTRUDER, SCRIPTS, SMALL, Hostile
from tests.include.containers.support import MakeTrial, Trial, engine, make_trial

__all__ = ["engine", "make_trial"]

pytestmark = pytest.mark.docker

HARNESS = Path(__file__).resolve().parents[2] / "docker" / "harness"


def begin(engine: Engine, make_trial: MakeTrial, hostile: Hostile) -> Trial:
    trial = make_trial("exec python3 /mlops/program.py", limits=hostile.limits)
    (trial.folder / "work" / "program.py").write_text(hostile.script)
    begin_training(engine, trial.request)
    return trial


def processes(engine: Engine, trial: Trial) -> int:
    with suppress(APIError):  # it has ended
        container = str(engine.observe(trial.experiment, trial.number).id)
        return len(engine.client.api.top(container)["Processes"] or ())
    return 0


@pytest.mark.parametrize("hostile", SCRIPTS, ids=lambda hostile: hostile.name)
def test_it_ends_as_the_table_says_and_within_its_limits(
    engine: Engine, make_trial: MakeTrial, hostile: Hostile
) -> None:
    trial, written, running = begin(engine, make_trial, hostile), 0, 0
    free = psutil.disk_usage(str(trial.folder)).free
    watch = TrainingWatch(engine, trial.folder)
    while (outcome := watch.look(time.time())) is None:
        running = max(running, processes(engine, trial))
        written = max(written, free - psutil.disk_usage(str(trial.folder)).free)
        time.sleep(0.1)
    watch.finish(outcome)
    watch.clean()
    assert (outcome.ending, outcome.relaunches) == (hostile.ending, 0), outcome.reason
    assert hostile.reason in outcome.reason
    assert running <= hostile.limits.pids
    assert written < 5 * GIB  # of 20; others write on this disk too
    assert disk_use([trial.folder]) < hostile.limits.disk_bytes + MIB
    assert (trial.folder / "log.txt").stat().st_size < 2 * hostile.limits.log_bytes
    assert engine.find(trial.experiment) == ()


def test_what_it_links_to_is_never_read(engine: Engine, make_trial: MakeTrial) -> None:
    (links,) = (hostile for hostile in SCRIPTS if "a link to a file of the host" in hostile.name)
    trial = begin(engine, make_trial, links)
    ended(engine, trial)
    with pytest.raises(ResultRefusedError, match="not a regular file"):
        read_metrics(trial.folder / "out")
    assert heartbeat_age(trial.folder / "out", time.time()) is None


def test_its_log_takes_no_more_of_the_engines_disk_than_it_may(engine: Engine, make_trial: MakeTrial) -> None:
    (flood,) = (hostile for hostile in SCRIPTS if hostile.name == "20 GB of log")
    trial = begin(engine, make_trial, flood)
    ended(engine, trial)
    kept = sum(len(piece) for piece in engine.logs(str(engine.observe(trial.experiment, 1).id)))
    assert 0 < kept < 1.2 * flood.limits.log_bytes  # the engine looks at the size after each line


@pytest.fixture
def service() -> Iterator[int]:
    """Give the port of a service of the host that listens on all its addresses."""
    with socket.create_server(("0.0.0.0", 0)) as server:  # noqa: S104 - that is what is tested
        yield server.getsockname()[1]


def test_it_reaches_nothing_of_the_host(
    engine: Engine, make_trial: MakeTrial, service: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", "smtp://user:hunter2@example.com")
    other = begin(engine, make_trial, Hostile("another trial", "import time; time.sleep(60)", *BRIEFLY))
    addresses = [address for address in ipv4_addresses() if connects(address, service)]
    assert addresses, "the service is there to be reached"
    paths = [str(other.folder), str(Path.home()), str(tmp_path)]
    given = f"HOSTS, PORT, PATHS = {addresses}, {service}, {paths}\n"
    trial = begin(engine, make_trial, Hostile("an intruder", given + INTRUDER + FINISHED, *BRIEFLY))
    assert ended(engine, trial).ending is EndingKind.FINISHED
    told = (trial.folder / "log.txt").read_text()
    assert "HOME=/tmp" in told, "its own environment is there to be read"
    assert "REACHED" not in told
    assert "hunter2" not in told
    assert "AIRFLOW" not in told


PREALLOCATES = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
with open("file", "w+b") as file:
    for call in (libc.fallocate, lambda *rest: libc.syscall(NUMBER, *rest)):
        assert call(file.fileno(), 0, ctypes.c_long(0), ctypes.c_long(2**20)) == -1
        assert ctypes.get_errno() == 95, ctypes.get_errno()
    assert os.system("fallocate --length 1M other") != 0
    os.posix_fallocate(file.fileno(), 0, 2**20)
assert os.path.getsize("file") == 2**20
"""


def test_no_room_is_taken_ahead_of_being_written(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial(None, limits=replace(SMALL, memory_bytes=GIB))
    number = {"x86_64": 285, "aarch64": 47}[platform.machine()]
    (trial.folder / "work" / "program.py").write_text(PREALLOCATES.replace("NUMBER", str(number)))
    launch = {"script": "program.py", "working_directory": "/mlops"}
    (trial.folder / "in" / "launch.json").write_text(json.dumps(launch))
    mounts = (*trial.spec.mounts, Mount(str(HARNESS), "/opt/harness"))
    trial = trial.changed(mounts=mounts)
    begin_training(engine, trial.request)
    assert ended(engine, trial).ending is EndingKind.FINISHED, (trial.folder / "log.txt").read_text()


BRIEFLY = (EndingKind.FINISHED, "", SMALL)


def ended(engine: Engine, trial: Trial) -> Outcome:
    watch = TrainingWatch(engine, trial.folder)
    while (outcome := watch.look(time.time())) is None:
        time.sleep(0.1)
    watch.finish(outcome)
    return outcome


def ipv4_addresses() -> list[str]:
    found = (address for addresses in psutil.net_if_addrs().values() for address in addresses)
    return [address.address for address in found if address.family is socket.AF_INET]


def connects(address: str, port: int) -> bool:
    with suppress(OSError), socket.create_connection((address, port), timeout=2):
        return True
    return False
