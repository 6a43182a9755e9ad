"""The check run of a GitHub App's connection, on the emulator, which verifies the App's signature."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from github import Github
from github.Auth import AppAuth

from include.experiments.records import State
from include.feedback import CHANNELS, News, tell
from include.report import TrialLine
from include.source import Push, client_for
from ops.emulator import TOKEN, Emulator, running_emulator
from tests.include.feedback.conftest import Kept
from tests.include.feedback.gateway import Gateway, Request
from tests.plugins.github_app import APP, INSTALLATION, pem, seed

Make = Callable[..., News]
NOW = 1_000_000.0
RUNNING = (TrialLine(1, {"filters": 8}, None, None, "your own values", "running"),)
PERMISSIONS = {"checks": "write", "contents": "write", "pull_requests": "write", "statuses": "write"}


@pytest.fixture(scope="module")
def private_key() -> str:
    return pem()


@pytest.fixture(scope="module")
def emulator(private_key: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulator on which an App is installed."""
    folder = tmp_path_factory.mktemp("seed")
    file = seed(folder, private_key)
    permissions = "".join(f"\n        {name}: {level}" for name, level in PERMISSIONS.items())
    file.write_text(
        file.read_text().replace("\n      contents: read", permissions.replace("        ", "      "))
    )
    with running_emulator(seed=file) as running:
        yield running


@pytest.fixture
def client(gateway: Gateway, private_key: str) -> Github:
    """The App's installation."""
    # The emulator takes no permissions asked for as none given, where GitHub takes it as all.
    auth = AppAuth(APP, private_key).get_installation_auth(INSTALLATION, PERMISSIONS)
    return client_for(auth, gateway.base_url)


def runs(person: Github, push: Push) -> list[tuple[str, str, str | None, str]]:
    found = person.get_repo(push.repository).get_commit(push.sha).get_check_runs(filter="all")
    return [(run.name, run.status, run.conclusion, run.external_id) for run in found]


@pytest.mark.parametrize(
    ("state", "conclusion"),
    [(State.TARGET_MET, "success"), (State.BUDGET_SPENT, "failure"), (State.CRASHED, "failure")],
)
def test_a_check_run_is_in_progress_and_then_completed(
    client: Github, person: Github, push: Push, news: Make, kept: Kept, state: State, conclusion: str
) -> None:
    running = news(State.RUNNING, trials=RUNNING, best=None, patch="")
    answers = tell(client, running, CHANNELS, kept.memory(), NOW)
    assert {one.detail for one in answers if one.state != "told"} == set()
    identity = f"{push.repository}@{push.sha}"
    assert runs(person, push) == [("better-cnn", "in_progress", None, identity)]
    answers = tell(client, news(state), CHANNELS, kept.memory(), NOW)
    assert {one.state for one in answers} == {"told"}
    assert runs(person, push) == [("better-cnn", "completed", conclusion, identity)]


def test_a_lost_answer_makes_no_second_check_run(
    gateway: Gateway, client: Github, person: Github, push: Push, news: Make, kept: Kept
) -> None:
    def lose(request: Request) -> str | None:
        return "lose" if request.verb == "POST" and "/check-runs" in request.path else None

    gateway.interfere = lose  # type: ignore[assignment]
    tell(client, news(), CHANNELS, kept.memory(), NOW)
    gateway.interfere = lambda request: None
    tell(client, news(), CHANNELS, kept.memory(), NOW)
    assert len(runs(person, push)) == 1


def test_a_forced_repeat_has_a_check_run_of_its_own(
    client: Github, person: Github, push: Push, news: Make, kept: Kept
) -> None:
    identity = f"{push.repository}@{push.sha}"
    tell(client, news(), CHANNELS, kept.memory(), NOW)
    tell(client, news(experiment=f"{identity}+2"), CHANNELS, kept.memory(), NOW)
    assert {run[3] for run in runs(person, push)} == {identity, f"{identity}+2"}


def test_a_token_makes_no_check_run(
    gateway: Gateway, person: Github, push: Push, news: Make, kept: Kept
) -> None:
    tell(gateway.client(TOKEN), news(), CHANNELS, kept.memory(), NOW)
    assert runs(person, push) == []
    assert not [request for request in gateway.requests if "check-runs" in request.path]
