"""Every way GitHub can fail has its own exception, which says what to do."""

import time

import pytest

from include.source import (
    BadCredentials,
    BranchNotFound,
    CommitNotFound,
    EmptyRepository,
    Forbidden,
    GitHubUnavailable,
    RateLimited,
    RepositoryNotFound,
    SourceError,
    UnexpectedAnswer,
    WrongAddress,
    client_for,
    default_branch,
    poll_head,
    push_of,
    resolve,
)
from ops.ports import any_port
from tests.include.source.github_double import GitHubDouble, Reply

HEAD = "git/ref/heads/main"
SHA = "a" * 40


def said(message: str, status: int, **headers: str) -> Reply:
    return Reply(
        status, {"message": message}, {name.replace("_", "-"): value for name, value in headers.items()}
    )


@pytest.mark.parametrize(
    ("reply", "error", "match"),
    [
        (said("Bad credentials", 401), BadCredentials, "valid token"),
        (said("Requires authentication", 401), BadCredentials, "valid token"),
        (said("Resource not accessible by integration", 403), Forbidden, "Contents: read"),
        (said("Repository access blocked", 451), Forbidden, "legal reasons"),
        (said("Git Repository is empty.", 409), EmptyRepository, "o/r has no commit yet"),
        (said("Conflict", 409), UnexpectedAnswer, "409: Conflict"),
        (said("Validation Failed", 422), UnexpectedAnswer, "422: Validation Failed"),
        (said("Server Error", 500), GitHubUnavailable, "500 about o/r"),
        (Reply(502, text="<html>Bad gateway</html>"), GitHubUnavailable, "502 about o/r"),
        (said("Service unavailable", 503), GitHubUnavailable, "wait"),
        (Reply(200, text="<html>Sign in to the hotel</html>"), GitHubUnavailable, "is not JSON"),
        (Reply(200, {"surprise": 1}), UnexpectedAnswer, "no object.sha"),
        (Reply(200, {"object": {"sha": 7}}), UnexpectedAnswer, "where text belongs"),
        (
            Reply(301, headers={"Location": "https://elsewhere.example/x"}),
            WrongAddress,
            "Correct the connection",
        ),
    ],
)
def test_each_answer_has_its_exception(
    double: GitHubDouble, reply: Reply, error: type[SourceError], match: str
) -> None:
    double.on(HEAD, reply)
    with pytest.raises(error, match=match) as caught:
        poll_head(double.client(), "o/r", "main")
    assert type(caught.value) is error
    assert caught.value.transient == (error in (GitHubUnavailable, RateLimited))


RESET = str(int(time.time()) + 86_400)  # so far away that the tests before this one do not matter


@pytest.mark.parametrize(
    ("reply", "least", "most"),
    [
        (
            said("API rate limit exceeded for user", 403, X_RateLimit_Remaining="0", X_RateLimit_Reset=RESET),
            80_000,
            86_400,
        ),
        (said("You have exceeded a secondary rate limit.", 403, Retry_After="90"), 80, 90),
        (said("Too many requests", 429), 50, 60),
        (said("slow down", 429, Retry_After="soon"), 50, 60),
    ],
)
def test_a_rate_limit_says_until_when_to_wait(
    double: GitHubDouble, reply: Reply, least: float, most: float
) -> None:
    double.on(HEAD, reply)
    with pytest.raises(RateLimited, match="rate limit stops requests about o/r until") as caught:
        poll_head(double.client(), "o/r", "main")
    wait = caught.value.retry_after(time.time())
    assert wait is not None
    assert least <= wait <= most


def test_a_rate_limit_that_is_over_waits_a_second() -> None:
    assert RateLimited("x", reset_at=1000.0).retry_after(2000.0) == 1.0


def test_no_answer_in_time_is_an_outage(double: GitHubDouble) -> None:
    double.on(HEAD, Reply(hang=True))
    with pytest.raises(GitHubUnavailable, match="no answer in time"):
        poll_head(double.client(timeout=1), "o/r", "main")


def test_a_refused_connection_is_an_outage() -> None:
    with pytest.raises(GitHubUnavailable, match=r"no connection .ConnectionRefusedError"):
        default_branch(client_for(None, f"http://localhost:{any_port()}"), "o/r")


def test_a_server_without_tls_is_an_outage_that_names_tls(double: GitHubDouble) -> None:
    address = double.base_url.replace("http:", "https:")
    with pytest.raises(GitHubUnavailable, match="TLS failed"):
        default_branch(client_for(None, address), "o/r")


def test_a_missing_repository_is_told_from_a_missing_branch(double: GitHubDouble) -> None:
    with pytest.raises(RepositoryNotFound, match="o/r was not found"):
        poll_head(double.client(), "o/r", "main")
    double.on("", Reply(200, {"default_branch": "trunk"}))
    double.on("commits", Reply(200, []))
    with pytest.raises(BranchNotFound, match="default branch is 'trunk'") as caught:
        poll_head(double.client(), "o/r", "main")
    assert caught.value.default_branch == "trunk"


def test_an_empty_repository_is_told_from_a_missing_branch(double: GitHubDouble) -> None:
    double.on("", Reply(200, {"default_branch": "main"}))
    double.on("commits", said("Git Repository is empty.", 409))
    with pytest.raises(EmptyRepository, match="Push one"):
        poll_head(double.client(), "o/r", "main")


def test_an_unknown_commit_is_named(double: GitHubDouble) -> None:
    with pytest.raises(CommitNotFound, match=SHA):
        push_of(double.client(), "o/r", "main", SHA)
    double.on("", Reply(200, {"default_branch": "main"}))
    double.on("commits", Reply(200, []))
    double.on("commits/v9", said("No commit found for SHA: v9", 422))
    with pytest.raises(CommitNotFound, match="'v9'"):
        resolve(double.client(), "o/r", "v9")
