"""The developer's own tweak script decides on the trials, once a step, whoever dies meanwhile."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from include.containers import Engine
from include.containers.tweak_spec import STEP_EXPERIMENT
from include.experiments.choosing import tweak_script
from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.records import Goals
from include.experiments.training import prepare_training
from include.experiments.tuning import next_trial
from include.settings import PROJECT_ROOT
from include.source.push import Push
from tests.include.experiments.tweak_script.scripted import (
    DOUBLES,
    SEED,
    claim,
    ended,
    following,
    stepped,
    trained,
)

pytestmark = pytest.mark.docker


def test_a_script_of_the_seeds_kind_decides_on_trial_after_trial(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = claim(installation, push, goals, SEED)
    for number, accuracy in ((1, 0.5), (2, 0.6), (3, 0.55)):
        trained(installation, experiment, number, accuracy, str(accuracy))
        following(installation, experiment, number)
    assert [trial.values["conv1.filters"] for trial in experiment.trials()] == [32, 64, 128, 3]
    assert [trial.reason for trial in experiment.trials()] == [
        "your own values",
        "filters of conv 1: 32 → 64, by tweak.py",
        "filters of conv 1: 64 → 128, by tweak.py",
        "filters of conv 1: 128 → 3, by tweak.py",
    ]


def test_a_trial_is_launched_with_what_the_script_wrote_on_standard_input(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = stepped(installation, push, goals, DOUBLES)
    following(installation, experiment, 1)
    folder = prepare_training(str(experiment), 2).trial_dir
    launch = json.loads((folder / "in" / "launch.json").read_text())
    assert launch["stdin"] == (folder / "work" / "input.txt").read_text() == "1\n64\n2\n2\n0\n"
    assert json.loads((folder / "hyperparameters.json").read_text())["conv1.filters"] == 64


def test_an_input_file_of_a_form_of_its_own_is_on_standard_input_too(
    installation: Installation, push: Push, goals: Goals
) -> None:
    tweak = "open('input.txt', 'w').write('filters=3')"
    experiment = stepped(installation, push, goals, tweak, input_txt="filters=2")
    assert (
        following(installation, experiment, 1).reason == "tweak.py changed input.txt: filters=2 → filters=3"
    )
    launches = [prepare_training(str(experiment), n).trial_dir / "in" / "launch.json" for n in (1, 2)]
    assert [json.loads(path.read_text())["stdin"] for path in launches] == ["filters=2", "filters=3"]


def test_the_same_step_again_returns_the_same_and_runs_nothing(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = stepped(installation, push, goals, "import uuid\nopen('x', 'w').write(str(uuid.uuid4()))\n")
    first = following(installation, experiment, 1)
    made = installation.settings.trial(str(experiment), 2) / "work" / "x"
    before = made.read_text()
    assert following(installation, experiment, 1) == first
    assert made.read_text() == before


def test_a_worker_that_dies_after_the_files_were_made_costs_no_second_step(
    installation: Installation, push: Push, goals: Goals, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = stepped(installation, push, goals, "import uuid\nopen('x', 'w').write(str(uuid.uuid4()))\n")
    made = installation.settings.trial(str(experiment), 2) / "work" / "x"

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Experiment, "propose", die)
        with pytest.raises(KeyboardInterrupt, match=r"^$"):
            next_trial(installation, str(experiment), 1)
    before = made.read_text()
    following(installation, experiment, 1)
    assert (made.read_text(), len(experiment.trials())) == (before, 2)


def test_every_try_starts_from_what_training_left(
    installation: Installation, push: Push, goals: Goals
) -> None:
    fails_once_it_wrote = "open('input.txt', 'a').write('7')\nraise SystemExit('no')"
    experiment = stepped(installation, push, goals, fails_once_it_wrote)
    ended(installation, experiment)
    ended(installation, experiment)
    folder = installation.settings.trial(str(experiment), 1)
    assert (folder / "work" / "input.txt").read_text() == SEED["input.txt"]
    assert sorted(p.name for p in folder.parent.iterdir()) == ["1"]


def test_a_worker_that_is_killed_in_the_middle_leaves_a_step_that_the_next_one_takes_again(
    installation: Installation, push: Push, goals: Goals
) -> None:
    sleeps_once = (
        "import os, time\nopen('input.txt', 'w').write('1 64 2 2 0')\n"
        "print('sleeping', flush=True)\ntime.sleep(8)"
    )
    experiment = stepped(installation, push, goals, sleeps_once)
    engine = Engine.connect(installation.settings.stack)
    labels: dict[str, str | list[str] | bool] = {"label": f"{STEP_EXPERIMENT}={experiment}"}
    call = (
        "from include.experiments.installation import Installation as I\n"
        "from include.experiments.tuning import next_trial as n\n"
        f"n(I.from_environment(), {str(experiment)!r}, 1)"
    )
    worker = subprocess.Popen([sys.executable, "-c", call], cwd=PROJECT_ROOT)
    while not [c for c in engine.client.containers.list(filters=labels) if b"sleeping" in c.logs()]:
        time.sleep(0.1)
    worker.kill()
    worker.wait()
    assert len(engine.client.containers.list(filters=labels)) == 1
    assert len(experiment.trials()) == 1
    following(installation, experiment, 1)
    assert experiment.trial(2).values["conv1.filters"] == 64
    assert engine.client.containers.list(all=True, filters=labels) == []


@pytest.mark.parametrize(
    ("strategy", "configured", "script"),
    [
        ("auto", "", "tweak.py"),
        ("tweak.py", "", "tweak.py"),
        ("hill_climb", "", None),
        ("auto", ", tweak_script: null", None),
        ("auto", ", tweak_script: tools/next.py", "tools/next.py"),
        ("auto", ", tweak_script: mycode.py", None),
    ],
)
def test_it_decides_unless_another_strategy_was_asked_for(
    installation: Installation, push: Push, goals: Goals, strategy: str, configured: str, script: str | None
) -> None:
    installation.settings.repositories_file.write_text(f"repositories: [{{name: admin/mnist{configured}}}]")
    files = {**SEED, "tools/next.py": DOUBLES}
    experiment = claim(installation, push, replace(goals, strategy=strategy), files)
    assert tweak_script(installation, experiment) == script


def test_a_strategy_of_ours_climbs_although_there_is_a_script(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = claim(installation, push, replace(goals, strategy="hill_climb"), SEED)
    trained(installation, experiment, 1, 0.5, "0.5")
    assert "tweak.py" not in following(installation, experiment, 1).reason
