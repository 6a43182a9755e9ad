"""What `make up` tells of the watched repositories: a wrong token is told at once, not by silence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.repositories import Repository, Watched
from ops.ports import any_port
from ops.watching import watched_lines
from tests.include.source.github_double import GitHubDouble, Reply, running_double

HEAD = "git/ref/heads/main"
FILE = Path("connections.env")


@pytest.fixture
def double() -> Iterator[GitHubDouble]:
    with running_double() as running:
        yield running


def lines(address: str, *names: str, connection: str = "github_default") -> list[str]:
    document = {"conn_type": "github", "password": "test-token", "host": address}
    repositories = [Repository(name=name, branch="main", connection=connection) for name in names]
    watched = Watched(tuple(repositories), (), ("config: entry 2 is broken; mend it",))
    return list(watched_lines(watched, {"AIRFLOW_CONN_GITHUB_DEFAULT": json.dumps(document)}, FILE))


@pytest.mark.parametrize(
    "reply",
    [Reply(200, {"object": {"sha": "a" * 40}}), Reply(409, {"message": "Git Repository is empty."})],
    ids=["with a commit", "empty"],
)
def test_a_repository_that_github_answers_for_is_watched(double: GitHubDouble, reply: Reply) -> None:
    double.on(HEAD, reply)
    assert lines(double.base_url, "o/r") == [
        "Watched   o/r, main, target 0.8",
        "Problem   config: entry 2 is broken; mend it",
    ]


def test_a_token_that_github_refuses_is_told_with_its_remedy(double: GitHubDouble) -> None:
    double.on(HEAD, Reply(401, {"message": "Bad credentials"}))
    _, problem, _ = lines(double.base_url, "o/r")
    assert problem.startswith("Problem   GitHub does not accept the credentials")
    assert "Put a valid token" in problem
    assert "test-token" not in problem


def test_a_github_that_does_not_answer_is_asked_once() -> None:
    said = lines(f"http://localhost:{any_port()}", "o/r", "o/s")
    assert [line.split()[0] for line in said] == ["Watched", "Problem", "Watched", "Problem"]
    assert "no connection" in said[1]


def test_a_connection_that_is_nowhere_is_missing_by_its_name(double: GitHubDouble) -> None:
    *_, missing = lines(double.base_url, "o/r", connection="acme")
    assert missing.startswith("Missing   a GitHub connection: fill AIRFLOW_CONN_ACME in connections.env")
    assert double.requests == []
