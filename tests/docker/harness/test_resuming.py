"""A training that was killed goes on where it was, and comes to what it would have come to.

Every script runs unbroken, and again with a SIGKILL in the middle and a second launch on fresh files. All run
in one container, each in a fork of a process that has imported Keras.
"""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from include.containers import DEFAULT_IMAGE
from tests.docker.harness.killed_scripts import MINUTES, SCRIPTS

pytestmark = pytest.mark.docker

HARNESS = Path(__file__).resolve().parents[3] / "docker" / "harness"

FORKS = """
import os, shutil, sys, traceback
from pathlib import Path
import keras
import harness.__main__ as harness

def launch(case, number):
    shutil.rmtree(case / "work", ignore_errors=True)
    shutil.copytree(case / "pushed", case / "work")
    if not (child := os.fork()):
        log = os.open(case / f"log-{number}", os.O_WRONLY | os.O_CREAT)
        os.dup2(log, 1), os.dup2(log, 2)
        os.environ["LAUNCH"] = str(number)
        harness.Checkpoints.__init__.__defaults__ = (float(os.environ["M"]),)
        try:
            code = harness.main(case)
        except BaseException:
            traceback.print_exc()
            code = 99
        sys.stdout.flush()
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

for case in sorted(Path("/cases").iterdir()):
    code = launch(case, 1)
    if code == -9:
        shutil.copy(case / "out" / "metrics.jsonl", case / "metrics-1")
        code = launch(case, 2)
    (case / "code").write_text(str(code))
"""


@dataclass(frozen=True)
class Case:
    """What one script left."""

    folder: Path

    @property
    def code(self) -> int:
        return int((self.folder / "code").read_text())

    @property
    def log(self) -> str:
        return "".join(path.read_text() for path in sorted(self.folder.glob("log-*")))

    @property
    def said(self) -> str:
        return self.log.rpartition("SAID ")[2].partition("\n")[0]

    @property
    def result(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.folder / "out" / "result.json").read_text())
        return document

    def lines(self, file: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / file).read_text().splitlines()]


def lay_out(folder: Path, name: str, place: str) -> None:
    for part in ("in", "out", "pushed"):
        (folder / part).mkdir(parents=True)
    (folder / "pushed" / "train.py").write_text(SCRIPTS[name])
    launch = {"script": "train.py", "working_directory": f"{place}/{name}/work", "seed": 3}
    (folder / "in" / "launch.json").write_text(json.dumps(launch))


def run_all(folder: Path, dies: str, names: list[str], minutes: float) -> None:
    for name in names:
        lay_out(folder / name, name, "/cases")
    command = ["docker", "run", "--rm", "--network", "none", "--user", f"{os.getuid()}:{os.getgid()}"]
    command += ["-e", f"DIES={dies}", "-e", f"M={minutes}", "-e", "PYTHONHASHSEED=0"]
    command += ["-v", f"{folder}:/cases", "-v", f"{HARNESS}:/opt/harness:ro", DEFAULT_IMAGE]
    subprocess.run([*command, "python3", "-P", "-c", FORKS], check=True, timeout=500)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Give the folders of what all scripts left: unbroken, and killed once."""
    whole, broken = tmp_path_factory.mktemp("whole"), tmp_path_factory.mktemp("broken")
    usual = [name for name in SCRIPTS if name not in MINUTES]
    run_all(whole, "no", list(SCRIPTS), 5)
    run_all(broken, "yes", usual, 5)
    long = tmp_path_factory.mktemp("long")
    run_all(long, "yes", list(MINUTES), 0)
    for name in MINUTES:
        (long / name).rename(broken / name)
    return whole, broken


STARTING_OVER = ("loops_itself", "loops_by_tape", "has_two_optimizers", "changes_its_network")
RESUMED = [name for name in SCRIPTS if name not in STARTING_OVER]


@pytest.mark.parametrize("name", RESUMED)
def test_a_killed_training_comes_to_what_it_would_have_come_to(runs: tuple[Path, Path], name: str) -> None:
    whole, broken = (Case(folder / name) for folder in runs)
    assert (whole.code, broken.code) == (0, 0), whole.log + broken.log
    assert (broken.folder / "log-2").exists()
    assert broken.result["resumed"]
    assert "starts over" not in broken.log
    assert broken.said == whole.said != ""
    assert broken.result["accuracy"] == whole.result["accuracy"]


@pytest.mark.parametrize("name", RESUMED)
def test_epochs_are_recorded_once_each(runs: tuple[Path, Path], name: str) -> None:
    whole, broken = (Case(folder / name) for folder in runs)
    assert [e["epoch"] for e in broken.lines("out/metrics.jsonl")] == [
        e["epoch"] for e in whole.lines("out/metrics.jsonl")
    ]


@pytest.mark.parametrize("name", RESUMED)
def test_what_was_trained_before_the_kill_is_not_trained_again(runs: tuple[Path, Path], name: str) -> None:
    broken = Case(runs[1] / name)
    before, after = broken.lines("metrics-1"), broken.lines("out/metrics.jsonl")
    assert before
    assert after[: len(before)] == before


def test_other_things_that_a_script_sees_are_the_same(runs: tuple[Path, Path]) -> None:
    for name, mark in (("saves_its_best", "ROWS"), ("fits_three_times", "OTHER")):
        whole, broken = (Case(folder / name).log.rpartition(mark)[2].partition("\n")[0] for folder in runs)
        assert whole == broken != ""


@pytest.mark.parametrize(
    ("name", "why"),
    [("loops_itself", "batch by batch with train_on_batch"), ("loops_by_tape", "no checkpoint")],
)
def test_a_loop_of_the_scripts_own_starts_over_and_says_so(
    runs: tuple[Path, Path], name: str, why: str
) -> None:
    whole, broken = (Case(folder / name) for folder in runs)
    assert broken.code == 0
    assert "it starts over, because" in broken.log
    assert why in broken.log
    assert broken.said == whole.said
    assert not broken.result["resumed"]


def test_a_network_that_is_another_after_the_relaunch_is_trained_from_its_beginning(
    runs: tuple[Path, Path],
) -> None:
    broken = Case(runs[1] / "changes_its_network")
    assert broken.code == 0, broken.log
    assert "starts over from there" in broken.log
    assert [e["epoch"] for e in broken.result["history"]] == [1, 2, 3, 4]


def test_a_state_that_keras_cannot_prepare_for_is_trained_from_its_beginning(runs: tuple[Path, Path]) -> None:
    whole, broken = (Case(folder / "has_two_optimizers") for folder in runs)
    assert broken.code == 0, broken.log
    assert "starts over from there" in broken.log
    assert [e["epoch"] for e in broken.result["history"]] == [1, 2, 3, 4]
    assert broken.said == whole.said


def test_a_training_that_ended_leaves_no_checkpoint(runs: tuple[Path, Path]) -> None:
    for name in SCRIPTS:
        assert not (runs[1] / name / "out" / "checkpoint").exists()
