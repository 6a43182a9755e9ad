"""One real stack for all end-to-end tests: Airflow, Docker, the GitHub emulator and an SMTP server."""

import json
import shutil
from collections.abc import Iterator

import pytest

from include.experiments.experiment import Experiment
from include.repositories import load_repositories
from ops.demo.stage import make_stage
from ops.emulator import TOKEN, base_url
from ops.engine import ensure_engine
from ops.images import ensure_training_image
from ops.paths import PROJECT_ROOT
from tests.e2e.scripts import DATA, NETWORK
from tests.e2e.world import World
from tests.include.feedback.gateway import Gateway, running_gateway

WEBHOOK_SECRET = "of-the-end-to-end-tests"

# The hourly timetable could start a run of its own in the middle of a test: it is left to leap years.
CONFIGURATION = """
defaults: {poll_seconds: 5, timetable: "0 0 29 2 *", target: 0.8, max_trials: 6, cpus: 2}
alerts: [operator@example.com]
repositories:
- {name: admin/loop, target: 0.75, poll_seconds: 3, strategy: hill_climb}
- {name: admin/dense}
- {name: admin/raises}
- {name: admin/budget, target: 1.0, max_trials: 2}
- {name: admin/twice, connection: github_gateway}
- {name: admin/burst, poll_seconds: 3600, connection: github_more}
- {name: admin/wrecked, target: 1.0, max_trials: 1}
- {name: admin/manual, target: 1.0, max_trials: 1, connection: github_more}
- {name: admin/hostile, connection: github_more}
- {name: admin/parallel, target: 1.0, max_trials: 4, parallel_trials: 2, cpus: 1, connection: github_more}
- {name: admin/answered, target: 0.75, poll_seconds: 3600, strategy: hill_climb, connection: github_gateway}
- {name: admin/pages, target: 1.0, max_trials: 3, poll_seconds: 3, connection: github_more}
- {name: admin/stopped, poll_seconds: 3, connection: github_more}
- {name: admin/nasty, target: 0.1, poll_seconds: 3, connection: github_more}
- {name: admin/tweaked, target: 0.4, poll_seconds: 3, warm_start: false, connection: github_more}
"""


@pytest.fixture(scope="session")
def gateway() -> Iterator[Gateway]:
    """A way to the stack's GitHub that adds commit statuses and checks each request."""
    with running_gateway(upstream="not known yet") as running:
        yield running


def _connection(gateway: Gateway) -> str:
    extra = {"webhook_secret": WEBHOOK_SECRET}
    document = {"conn_type": "github", "host": gateway.base_url, "password": TOKEN, "extra": extra}
    return json.dumps(document)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, gateway: Gateway) -> Iterator[World]:
    var = PROJECT_ROOT / "var" / "e2e"
    shutil.rmtree(var, ignore_errors=True)
    config = tmp_path_factory.mktemp("config")
    (config / "repositories.yaml").write_text(CONFIGURATION, encoding="utf-8")
    ensure_engine(print)
    ensure_training_image(print)
    # The emulator allows a token 5,000 requests an hour, which all of these would use up
    tokens = {"github_more": "test_token_second"}
    environment = {"CNN_TRAINING_SLOTS": "2", "AIRFLOW_CONN_GITHUB_GATEWAY": _connection(gateway)}
    stage = make_stage(var, config, 8180, environment=environment, connections=tokens)
    gateway.upstream = base_url(stage.github_port)
    names = [r.name.partition("/")[2] for r in load_repositories(config / "repositories.yaml").repositories]
    with stage.running(print, names), stage.stack.api() as api:
        yield World(stage, stage.github(), api)


@pytest.fixture(scope="session")
def loop(world: World, tmp_path_factory: pytest.TempPathFactory) -> Experiment:
    """An experiment that was looped to its target."""
    push = world.push("loop", {"mycode.py": NETWORK, **DATA}, tmp_path_factory.mktemp("loop"))
    return world.ended(f"admin/loop@{push.sha}", seconds=420)
