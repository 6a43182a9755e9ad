"""Pushes to a real GitHub API, trained by real containers under a real scheduler, told by real mails."""

import hashlib
import json
import subprocess
import time
from pathlib import Path

import pytest

import docker
from include.experiments.experiment import Experiment
from include.experiments.records import State
from ops.emulator import TOKEN
from tests.e2e.scripts import DATA, DENSE, NETWORK, RAISES
from tests.e2e.world import World
from tests.include.feedback.gateway import Gateway

Filters = dict[str, str | list[str] | bool]

pytestmark = pytest.mark.e2e


def test_a_weak_cnn_is_tweaked_until_it_reaches_its_target(loop: Experiment) -> None:
    accuracies = [trial.accuracy or 0.0 for trial in loop.trials()]
    assert loop.state is State.TARGET_MET
    assert len(accuracies) >= 3
    assert accuracies[-1] >= loop.goals.target == 0.75
    assert max(accuracies[:-1]) < loop.goals.target


def test_no_configuration_is_trained_twice(loop: Experiment) -> None:
    configurations = [json.dumps(trial.values, sort_keys=True) for trial in loop.trials()]
    assert len(set(configurations)) == len(configurations)


def test_each_trial_is_a_run_named_by_commit_and_trial(world: World, loop: Experiment) -> None:
    trials = loop.trials()
    notes = {run["dag_run_id"]: run["note"] for run in world.runs("loop")}
    first, *later = [f"{loop.identity.sha[:12]}.trial-{trial.number}" for trial in trials]
    assert notes[trials[0].run_id] == first  # Airflow makes up the id of a run that a push starts
    assert [trial.run_id for trial in trials[1:]] == later
    assert {world.finished("loop", trial.run_id) for trial in trials} == {"success"}


def test_the_published_model_is_the_winning_trials_and_its_manifest_says_so(loop: Experiment) -> None:
    folder = Path(loop.attribute("published")["location"].removeprefix("file://"))
    manifest = json.loads((folder / "manifest.json").read_text())
    assert hashlib.sha256((folder / manifest["model"]).read_bytes()).hexdigest() == manifest["sha256"]
    assert loop.best is not None
    assert (manifest["trial"], manifest["accuracy"]) == (loop.best.number, loop.best.accuracy)
    assert json.loads((folder / "hyperparameters.json").read_text()) == loop.best.values


def test_the_author_gets_one_mail_whose_patch_makes_the_winning_source(
    world: World, loop: Experiment, tmp_path: Path
) -> None:
    (mail,) = world.mails(loop.identity.sha)
    assert mail["To"] == "ada@example.com"
    (patch,) = (p for p in mail.iter_attachments() if str(p.get_filename()).endswith(".patch"))
    (tmp_path / "mycode.py").write_text(NETWORK)
    (tmp_path / "winning.patch").write_bytes(patch.get_content().encode())
    subprocess.run(["git", "apply", "winning.patch"], cwd=tmp_path, check=True)
    best = world.stage.settings.trial(str(loop), loop.trials()[-1].number)
    assert (tmp_path / "mycode.py").read_bytes() == (best / "work" / "mycode.py").read_bytes()


def test_a_commit_that_was_trained_is_not_trained_again_but_by_force(world: World, tmp_path: Path) -> None:
    push = world.push("manual", {"mycode.py": NETWORK, **DATA}, tmp_path)
    world.ended(f"admin/manual@{push.sha}", seconds=420)
    again = world.trigger("manual", {})
    assert world.finished("manual", again) == "success"
    states = world.states("manual", again)
    assert (states["wait_for_push"], states["train"]) == ("skipped", "skipped")

    forced = world.trigger("manual", {"sha": "main", "force": True, "target": 0.01, "max_trials": 1})
    assert world.finished("manual", forced) == "success"
    experiment = world.ended(f"admin/manual@{push.sha}+2")
    assert (experiment.state, len(experiment.trials())) == (State.TARGET_MET, 1)
    assert experiment.goals.target == 0.01
    notes = {run["dag_run_id"]: run["note"] for run in world.runs("manual")}
    assert (notes[again], notes[forced]) == (None, f"{push.sha[:12]}+2.trial-1")
    assert len(world.mails(push.sha)) == 2


def test_a_push_that_is_no_cnn_is_answered_with_the_evidence(world: World, tmp_path: Path) -> None:
    push = world.push("dense", {"mycode.py": DENSE}, tmp_path)
    experiment = world.ended(f"admin/dense@{push.sha}")
    assert (experiment.state, experiment.trials()) == (State.NOT_TRAINABLE, [])
    (mail,) = world.mails(push.sha)
    body = mail.get_body(preferencelist=("plain",))
    assert body is not None
    assert "mycode.py, line 3" in body.get_content()
    assert world.finished("dense", experiment.run_id(1)) == "success"


def test_a_script_that_raises_is_answered_with_its_traceback(world: World, tmp_path: Path) -> None:
    push = world.push("raises", {"mycode.py": RAISES, **DATA}, tmp_path)
    experiment = world.ended(f"admin/raises@{push.sha}")
    assert experiment.state is State.SCRIPT_ERROR
    assert len(experiment.trials()) == 1
    (mail,) = world.mails(push.sha)
    body = mail.get_body(preferencelist=("plain",))
    assert body is not None
    assert "RuntimeError: no such column: label" in body.get_content()


def test_a_target_out_of_reach_ends_with_the_budget_and_the_best_so_far(world: World, tmp_path: Path) -> None:
    push = world.push("budget", {"mycode.py": NETWORK, **DATA}, tmp_path)
    experiment = world.ended(f"admin/budget@{push.sha}")
    assert experiment.state is State.BUDGET_SPENT
    assert len(experiment.trials()) == 2
    (mail,) = world.mails(push.sha)
    assert "budget spent" in str(mail["subject"])


def test_two_pushes_a_second_apart_get_an_experiment_each(
    world: World, gateway: Gateway, tmp_path: Path
) -> None:
    """Although both come within one poll: GitHub tells the activity of a branch, and the gateway does."""
    client = gateway.client(TOKEN)
    known = world.push("twice", {"mycode.py": DENSE}, tmp_path, client=client)
    world.ended(f"admin/twice@{known.sha}")
    first = world.push("twice", {"mycode.py": DENSE + "# better\n"}, tmp_path, client=client)
    time.sleep(1)
    second = world.push("twice", {"mycode.py": DENSE + "# best\n"}, tmp_path, client=client)
    for push in (first, second):
        assert world.ended(f"admin/twice@{push.sha}").state is State.NOT_TRAINABLE
        assert len(world.mails(push.sha)) == 1
    assert gateway.complaints == []


def test_pushes_of_one_moment_get_an_experiment_each(world: World, tmp_path: Path) -> None:
    """Airflow itself would start one run, of the first event, and forget the others."""
    versions = ("", "# better\n", "# best\n")
    shas = [world.push("burst", {"mycode.py": DENSE + end}, tmp_path).sha for end in versions]
    assets = world.api.get("assets", {"uri_pattern": "github-push://admin/burst"})["assets"]
    for sha in shas:
        event = {"asset_id": assets[0]["id"], "extra": {"sha": sha, "repository": "admin/burst"}}
        world.api.post("assets/events", event)
    for sha in shas:
        assert world.ended(f"admin/burst@{sha}").state is State.NOT_TRAINABLE


def test_a_push_with_a_symlink_is_refused_by_name_and_its_author_told(world: World, tmp_path: Path) -> None:
    sha = world.push_symlink("hostile", "data.csv", "/etc/passwd", tmp_path)
    assert world.ended(f"admin/hostile@{sha}").state is State.NOT_TRAINABLE
    (mail,) = world.mails(sha)
    body = mail.get_body(preferencelist=("plain",))
    assert body is not None
    assert "data.csv" in body.get_content()


def test_nothing_of_ours_runs_once_the_experiments_have_ended(world: World) -> None:
    client = docker.from_env()
    mine: Filters = {"label": f"cnn.stack={world.stage.settings.stack}"}
    world.eventually(lambda: not client.containers.list(filters=mine), "no container runs", 240)
