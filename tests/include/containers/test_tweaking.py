"""Tweak scripts in real containers: hardened as trainings are, never taken for one, gone afterwards."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from include.containers import Engine, ImageMissingError, Policy, monitor_once
from include.containers._options import create_options
from include.containers.copying import give_folder
from include.containers.naming import EXPERIMENT, STACK, TRIAL
from include.containers.spec import MIB, ContainerSpec
from include.containers.tweak_spec import STEP_EXPERIMENT, STEP_TRIAL, step_spec
from include.containers.tweaking import StepEnded, remove_step, run_step
from ops.janitor import remove_containers
from tests.include.containers.support import MakeTrial, Trial

pytestmark = pytest.mark.docker


def step_of(trial: Trial, source: str, seconds: float = 30) -> ContainerSpec:
    """The spec of a tweak script with this source, its folder made."""
    place = trial.folder.with_name("place")
    for name in ("in", "work"):
        (place / name).mkdir(parents=True, exist_ok=True)
    (place / "work" / "tweak.py").write_text(source)
    give_folder(place / "work", trial.spec.user)
    environment = {"CNN_TRIAL": "1"}
    return step_spec(
        trial.spec, trial.folder, place, script="tweak.py", seconds=seconds, environment=environment
    )


def run(engine: Engine, trial: Trial, source: str, seconds: float = 30) -> StepEnded:
    return run_step(engine, step_of(trial, source, seconds), lambda: None)


def steps(engine: Engine, trial: Trial) -> list[Any]:
    labels: list[str] = [f"{STEP_EXPERIMENT}={trial.experiment}", f"{STEP_TRIAL}={trial.number}"]
    return engine.client.containers.list(all=True, filters={"label": labels})


def eventually(look: Callable[[], Any]) -> None:
    """Wait for something; pytest's time-out ends a wait in vain."""
    while not look():
        time.sleep(0.05)


def test_what_it_prints_is_kept_apart_from_all_its_output(engine: Engine, make_trial: MakeTrial) -> None:
    source = (
        "import sys\nprint('more filters')\nsys.stdout.flush()\nprint('oops', file=sys.stderr)\nsys.exit(3)"
    )
    ended = run(engine, make_trial(), source)
    assert (ended.exit_code, ended.timed_out, ended.oom_killed) == (3, False, False)
    assert ended.said == "more filters\n"
    assert sorted(ended.output.splitlines()) == ["more filters", "oops"]


def test_it_works_in_the_trials_files_with_its_variables_and_no_harness(
    engine: Engine, make_trial: MakeTrial
) -> None:
    source = (
        "import os, sys\nopen('new', 'w').write(os.environ['CNN_TRIAL'])\nprint(os.getcwd(), sys.path[1])"
    )
    trial = make_trial()
    assert run(engine, trial, source).said.startswith("/mlops /")
    assert "/opt\n" not in run(engine, trial, "import sys\nprint(*sys.path, sep='\\n')").said
    assert (trial.folder.with_name("place") / "work" / "new").read_text() == "1"


def test_its_container_is_the_trainings_but_for_what_it_runs_sees_and_may_take(make_trial: MakeTrial) -> None:
    trial = make_trial()
    step, training = (create_options(spec, 0) for spec in (step_of(trial, ""), trial.spec))
    differing = {key for key in {**training, **step} if training.get(key) != step.get(key)}
    assert differing == {"command", "name", "environment", "labels", "working_dir", "mounts", "log_config"}
    assert {
        key for key, value in step["environment"].items() if value != training["environment"].get(key)
    } == {
        "CNN_TRIAL",
        "PYTHONPATH",
    }
    assert [(m["Target"], m["ReadOnly"]) for m in step["mounts"]] == [("/mlops", False), ("/trial/in", True)]


def test_a_script_that_loops_is_killed_at_its_limit(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial()
    source = (
        "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('Epoch 1', flush=True)\n"
    )
    ended = run(engine, trial, source + "while True: time.sleep(1)", seconds=5)
    assert ended.timed_out
    assert ended.output == "Epoch 1\n"
    assert steps(engine, trial) == []


def test_a_script_that_needs_too_much_memory_is_killed_for_it(engine: Engine, make_trial: MakeTrial) -> None:
    ended = run(engine, make_trial(), "x = bytearray(2**30)\nx[::4096] = b'1' * (2**18)")
    assert ended.oom_killed or ended.exit_code == 1


def test_a_script_that_fills_the_disk_is_killed_for_it(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial()
    trial = trial.changed(limits=replace(trial.spec.limits, disk_bytes=50 * MIB))
    source = "for n in range(20_000): open(str(n), 'wb').write(bytes(2**20))"
    assert "more than the 50 MB of disk" in str(run(engine, trial, source).over_disk)


def test_of_endless_output_the_end_is_kept(engine: Engine, make_trial: MakeTrial) -> None:
    source = "for n in range(100_000): print(f'{n:0100d}')\nprint('last')"
    ended = run(engine, make_trial(), source)
    assert ended.said.endswith("last\n")
    assert len(ended.output) <= 200_000


def test_no_training_is_ever_found_in_its_place(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial()
    found: list[Any] = []

    spec = step_of(trial, "import os, time\nwhile not os.path.exists('looked'): time.sleep(0.05)")

    def look() -> None:
        eventually(lambda: steps(engine, trial))
        found.extend([engine.observe(trial.experiment, trial.number).missing, monitor_once(engine, [])])
        Path(spec.mounts[0].source, "looked").touch()

    looking = threading.Thread(target=look)
    looking.start()
    assert not run_step(engine, spec, lambda: None).timed_out
    looking.join()
    assert found == [True, []]


def test_what_a_dead_worker_left_is_a_stray_for_the_monitor_and_the_janitor_and_the_next_try(
    engine: Engine, make_trial: MakeTrial
) -> None:
    trial = make_trial()
    spec = step_of(trial, "import time\ntime.sleep(60)")

    def left() -> None:
        engine.client.containers.create(**create_options(spec, 0)).start()
        assert len(steps(engine, trial)) == 1

    left()
    (line,) = monitor_once(engine, [], policy=Policy(stray=0))
    assert line.container == spec.name
    assert steps(engine, trial) == []

    left()
    assert remove_containers(engine.stack, trial.folder) == 1
    assert steps(engine, trial) == []

    left()
    ended = run(engine, trial, "print('again')")
    assert (ended.exit_code, ended.said) == (0, "again\n"), ended
    assert remove_step(engine, trial.experiment, trial.number) == 0


def test_a_script_whose_container_is_killed_starts_again_from_the_same_files(
    engine: Engine, make_trial: MakeTrial
) -> None:
    trial = make_trial()
    spec = step_of(trial, "")
    sources = ["import time\nprint('1st', flush=True)\ntime.sleep(60)", "print('2nd')"]
    work = Path(spec.mounts[0].source)
    prepared: list[str] = []

    def prepare() -> None:
        prepared.append(sources[len(prepared)])
        (work / "tweak.py").write_text(prepared[-1])

    def kill() -> None:
        eventually(lambda: [c for c in steps(engine, trial) if b"1st" in c.logs()])
        engine.remove(str(steps(engine, trial)[0].id))

    killing = threading.Thread(target=kill)
    killing.start()
    ended = run_step(engine, spec, prepare)
    killing.join()
    assert (ended.exit_code, ended.said, len(prepared)) == (0, "2nd\n", 2)


def test_a_missing_image_is_named(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial().changed(image="no-such-image:1")
    with pytest.raises(ImageMissingError, match=r"Image no-such-image:1 for container .*-tweak is not on"):
        run(engine, trial, "")


def test_its_labels_are_the_stacks_but_no_trainings(make_trial: MakeTrial) -> None:
    trial = make_trial()
    labels = step_of(trial, "").labels
    assert labels[STACK] == trial.spec.labels[STACK]
    assert (labels["cnn.kind"], labels[STEP_TRIAL]) == ("tweak", "1")
    assert not {EXPERIMENT, TRIAL} & set(labels)
