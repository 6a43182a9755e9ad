"""From the store to GitHub: what is told, what waits, and what never stops an experiment."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from github import Github
from github.Auth import Token

from include.containers.ending import EndingKind
from include.containers.files import write_spec
from include.containers.outcome import Outcome as Ended
from include.containers.outcome import record_outcome
from include.experiments.answering import answer_pending, answer_push, pending_pushes
from include.experiments.inspection import inspect_push
from include.experiments.installation import Installation
from include.experiments.judging import judge_trial
from include.experiments.records import Goals
from include.experiments.reporting import report_of
from include.experiments.training import prepare_training
from include.experiments.tuning import next_trial
from include.feedback import Pages
from include.feedback.patching import read_patch
from include.source import (
    BadCredentials,
    FetchLimits,
    Push,
    client_for,
    commit_folder,
    create_repository,
    fetch_tree,
)
from ops.emulator import TOKEN, Emulator, running_emulator
from tests.e2e.scripts import DENSE, NETWORK
from tests.include.feedback.gateway import Gateway, Reply, running_gateway

SOURCE = NETWORK.replace("\n", "\r\n")


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with running_emulator() as running:
        yield running


@pytest.fixture
def gateway(emulator: Emulator) -> Iterator[Gateway]:
    with running_gateway(emulator.base_url) as running:
        yield running
        assert running.complaints == []


@pytest.fixture
def person(emulator: Emulator) -> Github:
    return client_for(Token(emulator.token), emulator.base_url)


@pytest.fixture
def pushed(person: Github, tmp_path: Path) -> Push:
    """A push to admin/mnist on the emulator."""
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "mycode.py").write_bytes(SOURCE.encode())
    create_repository(person, "mnist", private=False)
    message = f"Train {time.time_ns()}"  # a commit of its own for each test
    return commit_folder(person, "admin/mnist", "main", tmp_path / "code", message, ("Ada", "a@example.org"))


@pytest.fixture
def goals() -> Goals:
    return Goals(target=0.9, max_trials=5, max_hours=1, strategy="hill_climb")


def claim(installation: Installation, push: Push, goals: Goals, *, force: bool = False) -> str:
    experiment = installation.store.claim(push, goals, f"run-{time.time_ns()}", force=force)
    assert experiment is not None
    return str(experiment)


def inspect(installation: Installation, push: Push, experiment: str, source: str = SOURCE) -> None:
    tree = installation.settings.tree(push.repository, push.sha)
    tree.mkdir(parents=True, exist_ok=True)
    (tree / "mycode.py").write_bytes(source.encode())
    inspect_push(installation, experiment)


def train(installation: Installation, experiment: str, number: int, accuracy: float) -> None:
    """Leave what a container would have left, and judge it."""
    request = prepare_training(experiment, number)
    write_spec(request.trial_dir, request.spec)
    result = {"status": "finished", "accuracy": accuracy, "seconds": 1.0, "accuracy_source": "evaluate"}
    (request.trial_dir / "out" / "result.json").write_text(json.dumps(result))
    record_outcome(request.trial_dir, Ended(EndingKind.FINISHED, "done", f"container-{number}"))
    judge_trial(installation, experiment, number)


def comments(person: Github, push: Push) -> list[str]:
    return [c.body for c in person.get_repo(push.repository).get_commit(push.sha).get_comments()]


def test_a_push_is_told_of_from_its_claim_to_the_pull_request_with_the_mails_patch(
    installation: Installation, gateway: Gateway, person: Github, pushed: Push, goals: Goals, tmp_path: Path
) -> None:
    def answer() -> None:
        answer_push(
            installation, experiment, lambda _: gateway.client(TOKEN), Pages("http://127.0.0.1:8080/run")
        )

    experiment = claim(installation, pushed, goals)
    answer()
    inspect(installation, pushed, experiment)
    answer()
    bodies = [comments(person, pushed)]
    train(installation, experiment, 1, 0.5)
    next_trial(installation, experiment, 1)
    answer()
    bodies.append(comments(person, pushed))
    train(installation, experiment, 2, 0.95)
    answer()
    bodies.append(comments(person, pushed))
    assert [len(found) for found in bodies] == [1, 1, 1]
    assert len({body for (body,) in bodies}) == 3
    assert [status["description"] for status in gateway.statuses[pushed.sha]] == [
        "Waiting for its first training",
        "Trial 1 of at most 5 in training",
        "0.500 < 0.900 so far, trial 2 of at most 5 in training",
        "0.950 ≥ 0.900 after 2 trials",
    ]
    (pull,) = person.get_repo(pushed.repository).get_pulls()
    report = report_of(installation, installation.store.get(experiment), None)
    assert report.pull_request_url == pull.html_url
    fetch_tree(person, pushed.repository, pull.head.sha, tmp_path / "made", tmp_path / "b", FetchLimits())
    made = (tmp_path / "made" / "mycode.py").read_bytes()
    assert made == read_patch(report.patch)[0].apply(SOURCE.encode())
    assert made != SOURCE.encode()
    assert pending_pushes(installation).due() == []


def test_what_github_can_not_take_now_is_told_later_and_once(
    installation: Installation, gateway: Gateway, person: Github, pushed: Push, goals: Goals
) -> None:
    experiment = claim(installation, pushed, goals)
    gateway.interfere = lambda request: Reply(503, {"message": "Unicorn"})
    answer_push(installation, experiment, lambda _: gateway.client(TOKEN))
    assert comments(person, pushed) == []
    gateway.interfere = lambda request: None
    answer_pending(installation, lambda _: gateway.client(TOKEN))  # not due yet
    assert comments(person, pushed) == []
    waiting = list((installation.settings.var / "feedback" / "pending").glob("*.json"))
    assert len(waiting) == 1
    waiting[0].write_text(json.dumps({**json.loads(waiting[0].read_text()), "next_try": 0}))
    for _ in range(2):
        answer_pending(installation, lambda _: gateway.client(TOKEN))
    assert len(comments(person, pushed)) == 1
    assert not waiting[0].exists()


def test_credentials_that_are_missing_raise_nothing_and_wait(
    installation: Installation, pushed: Push, goals: Goals, caplog: pytest.LogCaptureFixture
) -> None:
    def connect(connection: str) -> Github:
        raise BadCredentials(f"there is no connection {connection!r}")

    answer_push(installation, claim(installation, pushed, goals), connect)
    assert "there is no connection 'github_default'" in caplog.text
    assert len(list((installation.settings.var / "feedback" / "pending").iterdir())) == 1


def test_the_first_push_that_must_wait_ends_the_round(
    installation: Installation, gateway: Gateway, pushed: Push, goals: Goals
) -> None:
    pushes = pending_pushes(installation)
    for sha in (pushed.sha, "f" * 40):
        assert installation.store.claim(replace(pushed, sha=sha), goals, "run") is not None
        pushes.add(f"admin/mnist@{sha}", Pages())
    gateway.interfere = lambda request: Reply(503, {"message": "Unicorn"})
    answer_pending(installation, lambda _: gateway.client(TOKEN))
    assert len(gateway.requests) == 1
    assert len(pushes.due()) == 1  # the other one, which was not tried


def test_a_permission_that_is_missing_is_told_in_the_log_and_not_tried_every_minute(
    installation: Installation, gateway: Gateway, pushed: Push, goals: Goals, caplog: pytest.LogCaptureFixture
) -> None:
    gateway.interfere = lambda request: (
        Reply(403, {"message": "Resource not accessible"}) if request.verb != "GET" else None
    )
    answer_push(installation, claim(installation, pushed, goals), lambda _: gateway.client(TOKEN))
    assert "commit_comment refused: GitHub forbids this request" in caplog.text
    gateway.requests.clear()
    answer_pending(installation, lambda _: gateway.client(TOKEN))
    assert gateway.requests == []


def test_a_forced_repeat_edits_the_same_comment(
    installation: Installation, gateway: Gateway, person: Github, pushed: Push, goals: Goals
) -> None:
    first = claim(installation, pushed, goals)
    inspect(installation, pushed, first, DENSE)
    answer_push(installation, first, lambda _: gateway.client(TOKEN))
    (before,) = comments(person, pushed)
    second = claim(installation, pushed, goals, force=True)
    assert second.endswith("+2")
    answer_push(installation, second, lambda _: gateway.client(TOKEN))
    answer_push(installation, first, lambda _: gateway.client(TOKEN))  # a cleared task of the first one
    (after,) = comments(person, pushed)
    assert "Not a CNN" in before.replace("&#58;", ":")
    assert "Waiting for its first training" in after


def test_nothing_is_told_where_the_operator_switched_it_all_off(
    installation: Installation, gateway: Gateway, pushed: Push, goals: Goals
) -> None:
    off = "commit_status: false, check_run: false, commit_comment: false, pull_request: false"
    installation.settings.repositories_file.write_text(f"repositories: [{{name: admin/mnist, {off}}}]")
    answer_push(installation, claim(installation, pushed, goals), lambda _: gateway.client(TOKEN))
    assert gateway.requests == []


def test_a_push_of_a_repository_that_is_watched_no_more_is_dropped(
    installation: Installation, gateway: Gateway, pushed: Push, goals: Goals
) -> None:
    pending_pushes(installation).add(f"gone/away@{'a' * 40}", Pages())
    installation.settings.repositories_file.write_text("repositories: []")
    pending_pushes(installation).add(claim(installation, pushed, goals), Pages())
    answer_pending(installation, lambda _: gateway.client(TOKEN))
    assert gateway.requests == []
    assert pending_pushes(installation).due() == []
