"""A push whose trials may be trained two at a time."""

from itertools import pairwise
from pathlib import Path

import pytest

import docker
from include.containers.naming import EXPERIMENT
from include.experiments.records import State
from tests.e2e.scripts import DATA, SLOW
from tests.e2e.world import World

pytestmark = pytest.mark.e2e


def test_two_trainings_at_once_end_with_one_mail_and_no_trial_twice(world: World, tmp_path: Path) -> None:
    push = world.push("parallel", {"mycode.py": SLOW, **DATA}, tmp_path)
    identity = f"admin/parallel@{push.sha}"
    client = docker.from_env()
    labels: dict[str, str | list[str] | bool] = {"label": f"{EXPERIMENT}={identity}"}
    world.eventually(lambda: len(client.containers.list(filters=labels)) == 2, "two containers run", 240)
    experiment = world.ended(identity, seconds=300)
    assert experiment.state is State.BUDGET_SPENT
    trials = experiment.trials()
    assert len(trials) == 4
    assert all(str(one.values) != str(other.values) for one, other in pairwise(trials))
    assert {world.finished("parallel", trial.run_id) for trial in trials} == {"success"}
    assert len(world.mails(push.sha)) == 1
