"""A host whose disk is full: no fault of the script, told as what it is, and gone on from."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from include.containers import (
    GIB,
    ActiveTrial,
    EndingKind,
    Engine,
    Limits,
    Mount,
    Policy,
    TrainingWatch,
    begin_training,
    monitor_once,
)
from include.containers.errors import DiskFullError
from include.containers.spec import MIB
from tests.include.containers.support import MakeTrial, Trial, ended, engine, make_trial, wait_until

__all__ = ["engine", "make_trial"]

pytestmark = [
    pytest.mark.docker,
    pytest.mark.skipif(os.getuid() != 0, reason="only root can mount a small disk"),
]
HARNESS = Path(__file__).resolve().parents[2] / "docker" / "harness"
DISK_MB = 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Have the test's folder on a disk of its own."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", tmp_path], check=True)
    try:
        yield tmp_path
    finally:
        subprocess.run(["umount", "--lazy", tmp_path], check=True)


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        while not full(lambda: file.write(bytes(4096))):
            pass


def full(write: Callable[[], object]) -> bool:
    try:
        write()
    except OSError as error:
        return error.errno == errno.ENOSPC
    return False


def training(make_trial: MakeTrial, script: str) -> Trial:
    trial = make_trial(None, limits=Limits(memory_bytes=2 * GIB, seconds=120))
    mounts = (*trial.spec.mounts, Mount(str(HARNESS), "/opt/harness"))
    (trial.folder / "work" / "program.py").write_text(script)
    launch = {"script": "program.py", "working_directory": "/mlops", "seed": 1}
    (trial.folder / "in" / "launch.json").write_text(json.dumps(launch))
    return replace(trial, spec=replace(trial.spec, mounts=mounts))


def test_a_training_goes_on_once_there_is_room_again(
    small_disk: Path, engine: Engine, make_trial: MakeTrial
) -> None:
    trial = training(make_trial, f"open('data', 'wb').write(bytes({(DISK_MB // 2) * MIB}))")
    begin_training(engine, trial.request)
    fill(small_disk / "ballast")
    state = wait_until(engine, trial, ended)
    assert TrainingWatch(engine, trial.folder).look(time.time()) is None, "it waits for its relaunch"
    assert state.exit_code == 74
    (small_disk / "ballast").unlink()
    active = ActiveTrial(trial.experiment, trial.number, trial.spec, trial.folder / "out")
    (line,) = monitor_once(engine, [active], policy=Policy(delays=(0,)))
    assert "disk of the host is full" in line.reason
    watch = TrainingWatch(engine, trial.folder)
    while (outcome := watch.look(time.time())) is None:
        time.sleep(0.2)
    assert (outcome.ending, outcome.relaunches) == (EndingKind.FINISHED, 1), outcome.reason


def test_a_trial_that_has_no_room_is_not_launched_and_says_what_to_do(
    small_disk: Path, engine: Engine, make_trial: MakeTrial
) -> None:
    trial = make_trial()
    (trial.folder / "work" / "data").write_bytes(bytes(MIB))
    fill(small_disk / "ballast")
    with pytest.raises(DiskFullError, match=r"is full\. Free some space .* clear the trial's train task"):
        begin_training(engine, trial.request)
    assert engine.observe(trial.experiment, trial.number).missing
