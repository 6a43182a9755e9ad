"""A branch watched poll by poll, and how long it waits after a failure."""

from __future__ import annotations

import pytest
from github import Github

from include.source import (
    BadCredentials,
    BranchNotFound,
    BranchWatch,
    EmptyRepository,
    GitHubUnavailable,
    OwnBranch,
    Patience,
    RateLimited,
)
from tests.include.source.github_double import GitHubDouble, Reply

A, B, C = (letter * 40 for letter in "abc")
HEAD = "git/ref/heads/main"


def ref(sha: str, etag: str = "") -> Reply:
    return Reply(200, {"object": {"sha": sha}}, {"ETag": etag} if etag else {})


@pytest.fixture
def watch(double: GitHubDouble) -> BranchWatch:
    return BranchWatch(double.client, "o/r", "main")


def test_the_first_head_is_news_and_then_only_new_ones(double: GitHubDouble, watch: BranchWatch) -> None:
    double.on(HEAD, ref(A), ref(A), ref(B))
    assert [watch.news(None), watch.news(A), watch.news(A)] == [(A,), (), (B,)]


def test_an_unmoved_branch_costs_one_conditional_request(double: GitHubDouble, watch: BranchWatch) -> None:
    double.on(HEAD, ref(A, '"1"'))
    assert watch.news(A) == ()
    double.requests.clear()
    assert watch.news(A) == ()
    assert [request.headers.get("If-None-Match") for request in double.requests] == ['"1"']


def test_news_that_could_not_be_told_are_told_at_the_next_poll(
    double: GitHubDouble, watch: BranchWatch
) -> None:
    double.on(HEAD, ref(A, '"1"'), ref(B, '"2"'))
    double.on("activity", Reply(503, {}), Reply(404, {}))
    assert watch.news(A) == ()
    with pytest.raises(GitHubUnavailable, match="503"):
        watch.news(A)
    assert watch.news(A) == (B,)


def test_a_renamed_default_branch_is_followed(double: GitHubDouble) -> None:
    watch = BranchWatch(double.client, "o/r", None)
    double.on("", Reply(200, {"default_branch": "main"}), Reply(200, {"default_branch": "trunk"}))
    double.on("commits", Reply(200, []))
    double.on(HEAD, ref(A), Reply(404, {}))
    double.on("git/ref/heads/trunk", ref(B))
    assert watch.news(None) == (A,)
    with pytest.raises(BranchNotFound, match="'main'"):
        watch.news(A)
    assert watch.news(A) == (B,)
    assert watch.branch == "trunk"


def test_mended_credentials_are_seen(double: GitHubDouble) -> None:
    connected: list[Github] = []

    def connect() -> Github:
        connected.append(double.client())
        return connected[-1]

    watch = BranchWatch(connect, "o/r", "main")
    double.on(HEAD, ref(A), Reply(401, {"message": "Bad credentials"}), ref(B))
    watch.news(None)
    with pytest.raises(BadCredentials, match="valid token"):
        watch.news(A)
    assert watch.news(A) == (B,)
    assert len(connected) == 2


@pytest.mark.parametrize(
    ("error", "failures", "least", "most"),
    [
        (RateLimited("x", reset_at=1500.0), 1, 500, 502),
        (EmptyRepository("x"), 50, 10, 10),
        (BadCredentials("x"), 1, 60, 60),
        (GitHubUnavailable("x"), 1, 0.75, 1),
        (GitHubUnavailable("x"), 4, 6, 8),
        (GitHubUnavailable("x"), 5000, 45, 60),
        (KeyError("surprise"), 3, 3, 4),
    ],
)
def test_the_pause_fits_the_failure(error: Exception, failures: int, least: float, most: float) -> None:
    patience = Patience(interval=10.0)
    pauses = [patience.pause(error, now=1000.0) for _ in range(failures)]
    assert least <= pauses[-1] <= most


def test_a_problem_is_new_until_it_changes_or_ends() -> None:
    patience = Patience(interval=10.0)
    errors = [GitHubUnavailable("a"), GitHubUnavailable("b"), BadCredentials("c"), GitHubUnavailable("d")]
    assert [patience.is_new(error) for error in errors] == [True, False, True, True]
    patience.pause(errors[0], 0.0)
    assert patience.reset() == 1
    assert patience.reset() == 0
    assert patience.is_new(errors[-1])


def test_a_branch_of_tuned_values_is_not_watched_even_as_the_default_branch(double: GitHubDouble) -> None:
    double.on(
        "", Reply(200, {"default_branch": "tuned/0123456789ab"}), Reply(200, {"default_branch": "main"})
    )
    double.on(HEAD, ref(A))
    watch = BranchWatch(double.client, "o/r", None)
    with pytest.raises(OwnBranch, match="is not trained again"):
        watch.news(None)
    assert watch.news(None) == (A,)
