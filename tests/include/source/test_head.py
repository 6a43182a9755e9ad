"""Heads of branches: on the emulator, and with the ETags and activities that it lacks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from github import Github

from include.source import (
    BranchNotFound,
    CommitNotFound,
    EmptyRepository,
    Head,
    OwnBranch,
    commit_folder,
    default_branch,
    head,
    poll_head,
    pushes_since,
    resolve,
)
from tests.include.source.github_double import GitHubDouble, Reply

A, B, C, D, E = (letter * 40 for letter in "abcde")
ANN = ("Ann", "ann@example.org")
Make = Callable[[dict[str, bytes]], Path]


def test_the_head_says_who_pushed_what(client: Github, repository: str, folder: Make) -> None:
    pushed = commit_folder(client, repository, "main", folder({"a.py": b"1"}), "Add a\n\nBody", ANN)
    found = head(client, repository)
    assert found == pushed
    assert (found.author_name, found.author_email) == ANN
    assert found.message == "Add a\n\nBody"
    assert found.branch == default_branch(client, repository) == "main"
    assert found.url.endswith(f"/{repository}/commit/{found.sha}")


def test_an_empty_repository_has_no_head(client: Github, repository: str) -> None:
    with pytest.raises(EmptyRepository, match=repository):
        head(client, repository)


def test_a_deleted_branch_is_told_with_the_default_branch(
    client: Github, repository: str, folder: Make
) -> None:
    commit_folder(client, repository, "main", folder({"a": b"1"}), "m", ANN)
    commit_folder(client, repository, "dev/x", folder({"a": b"2"}), "m", ANN)
    assert poll_head(client, repository, "dev/x").sha
    client.requester.requestJsonAndCheck("DELETE", f"/repos/{repository}/git/refs/heads/dev/x")
    with pytest.raises(BranchNotFound, match=r"'dev/x'.*default branch is 'main'"):
        poll_head(client, repository, "dev/x")


def test_people_name_a_push_in_several_ways(client: Github, repository: str, folder: Make) -> None:
    first = commit_folder(client, repository, "main", folder({"a": b"1"}), "m", ANN)
    second = commit_folder(client, repository, "dev/x", folder({"a": b"2"}), "m", ANN)
    assert resolve(client, repository, "").sha == first.sha
    assert resolve(client, repository, first.sha).sha == first.sha
    assert resolve(client, repository, first.sha.upper()).sha == first.sha
    assert resolve(client, repository, second.sha[:10]).sha == second.sha
    assert resolve(client, repository, "dev/x") == second
    assert resolve(client, repository, "", "dev/x") == second
    with pytest.raises(CommitNotFound, match="'nonsense'"):
        resolve(client, repository, "nonsense")


def test_a_force_push_is_simply_a_new_head(client: Github, repository: str, folder: Make) -> None:
    first = commit_folder(client, repository, "main", folder({"a": b"1"}), "m", ANN)
    second = commit_folder(client, repository, "main", folder({"a": b"2"}), "m", ANN)
    moved_back = {"sha": first.sha, "force": True}
    client.requester.requestJsonAndCheck(
        "PATCH", f"/repos/{repository}/git/refs/heads/main", input=moved_back
    )
    assert poll_head(client, repository, "main").sha == first.sha
    assert pushes_since(client, repository, "main", second.sha, first.sha) == (first.sha,)


def test_an_unmoved_head_is_answered_by_304(double: GitHubDouble) -> None:
    double.on("git/ref/heads/main", Reply(200, {"object": {"sha": A}}, {"ETag": '"1"'}))
    first = poll_head(double.client(), "o/r", "main")
    assert first == Head(A, '"1"')
    assert poll_head(double.client(), "o/r", "main", first.etag) == Head(None, '"1"')
    assert [request.headers.get("If-None-Match") for request in double.requests] == [None, '"1"']


def test_branch_names_are_quoted_into_the_url(double: GitHubDouble) -> None:
    double.on("git/ref/heads/a%23b/%E6%97%A5", Reply(200, {"object": {"sha": A}}))
    assert poll_head(double.client(), "o/r", "a#b/日").sha == A


def test_a_commit_without_an_author_address_is_readable(double: GitHubDouble) -> None:
    double.on("", Reply(200, {"default_branch": "main"}))
    double.on(f"git/commits/{A}", Reply(200, {"sha": A, "author": None, "committer": {"date": "2026"}}))
    push = resolve(double.client(), "o/r", A)
    assert (push.author_name, push.author_email, push.committed_at) == ("unknown", None, "2026")


def moved(before: str, after: str, kind: str = "push") -> dict[str, str]:
    return {"before": before, "after": after, "activity_type": kind}


@pytest.mark.parametrize(
    ("activities", "expected"),
    [
        ([moved(A, B)], (B,)),
        ([moved(C, B), moved(D, C), moved(A, D), moved(E, A)], (D, C, B)),
        ([moved(C, B, "force_push"), moved(A, C, "pr_merge")], (C, B)),
        ([moved(B, "0" * 40, "branch_deletion"), moved(A, B)], (B,)),
        ([moved(A, C)], (C, B)),
        ([moved(B, D), moved(A, B)], (B,)),
        ([moved(C, B)], (B,)),
        ([], (B,)),
    ],
    ids=[
        "one push",
        "three pushes, oldest first",
        "force-push and merge count",
        "a deletion moves no head",
        "the activity lags behind the head",
        "a push after the poll waits for the next",
        "it does not reach back",
        "it is empty",
    ],
)
def test_the_activity_tells_every_push_between_two_polls(
    double: GitHubDouble, activities: list[dict[str, str]], expected: tuple[str, ...]
) -> None:
    double.on("activity", Reply(200, activities))
    assert pushes_since(double.client(), "o/r", "main", A, B) == expected
    assert "ref=refs%2Fheads%2Fmain" in double.requests[0].query


@pytest.mark.parametrize("status", [403, 404, 422])
def test_without_activity_the_head_is_the_news(double: GitHubDouble, status: int) -> None:
    double.on("activity", Reply(status, {"message": "no"}))
    assert pushes_since(double.client(), "o/r", "main", A, B) == (B,)


@pytest.mark.parametrize("ref", ["tuned/0123456789ab", "refs/heads/tuned/x", "heads/tuned/x"])
def test_a_branch_of_tuned_values_is_refused_before_it_is_looked_up(double: GitHubDouble, ref: str) -> None:
    with pytest.raises(OwnBranch, match=r"holds values that were tuned here.*Merge its pull request"):
        resolve(double.client(), "o/r", ref, "main")
    assert not double.requests


def test_a_default_branch_of_tuned_values_is_no_head(double: GitHubDouble) -> None:
    double.on("", Reply(200, {"default_branch": "tuned/0123456789ab"}))
    with pytest.raises(OwnBranch, match="'tuned/0123456789ab' of o/r"):
        head(double.client(), "o/r")
