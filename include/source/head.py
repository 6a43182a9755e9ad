"""Who is at the head of a branch: cheap polling, names to commits, and the pushes between two polls."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from include.source._api import Api, Json, text_at
from include.source._names import check_branch, is_sha, is_tuned
from include.source.errors import (
    BranchNotFound,
    CommitNotFound,
    Forbidden,
    OwnBranch,
    RepositoryNotFound,
    SourceError,
    UnexpectedAnswer,
)
from include.source.push import Push

if TYPE_CHECKING:
    from github import Github

log = logging.getLogger(__name__)

# Kinds of repository activity that put a new commit at the head of a branch.
_MOVES_HEAD = frozenset({"push", "force_push", "branch_creation", "pr_merge", "merge_queue_merge"})


@dataclass(frozen=True)
class Head:
    """The head of a branch at one poll.

    Args:
        sha: The commit; None when the poll's ETag still holds, so nothing moved.
        etag: What to send with the next poll; None when the server gives none.
    """

    sha: str | None
    etag: str | None


def watchable(repository: str, branch: str) -> str:
    """Return `branch` unchanged, or raise OwnBranch for one that holds winning values of ours."""
    if is_tuned(branch):
        raise OwnBranch(
            f"{branch!r} of {repository} holds values that were tuned here, and is not trained again. "
            "Merge its pull request into the watched branch, or name another branch."
        )
    return branch


def default_branch(client: Github, repository: str) -> str:
    """Return the name of the repository's default branch; raises SourceError."""
    return text_at(Api(client, repository).get("").data, "default_branch")


def poll_head(client: Github, repository: str, branch: str, etag: str | None = None) -> Head:
    """Ask for the head of a branch: one small request, free of the rate limit while nothing moved.

    Args:
        client: Whose credentials to use.
        repository: `owner/repo`.
        branch: The branch's name.
        etag: What the last poll returned. An ETag of other credentials only costs a full answer.

    Raises:
        BranchNotFound: the branch was deleted or renamed; names the default branch.
        EmptyRepository: there is no commit yet.
        SourceError: any other failure.
    """
    api = Api(client, repository)
    try:
        answer = api.get(f"git/ref/heads/{quote(check_branch(branch))}", etag=etag)
    except RepositoryNotFound as error:
        raise _why_no_branch(api, branch) from error
    if answer.status == 304:
        return Head(None, etag)
    return Head(text_at(answer.data, "object", "sha"), answer.headers.get("etag"))


def _why_no_branch(api: Api, branch: str) -> SourceError:
    """A 404 for a branch can mean three things; up to two more requests tell which."""
    api.get("commits", parameters={"per_page": 1})  # raises where there is no commit, or no repository
    name = text_at(api.get("").data, "default_branch")
    advice = (
        "It is the default branch: GitHub contradicts itself, try again"
        if name == branch
        else f"The default branch is {name!r}: watch that one, or push {branch!r} again"
    )
    return BranchNotFound(
        f"{api.repository} has no branch {branch!r}: it was deleted or renamed. {advice}.",
        default_branch=name,
    )


def head(client: Github, repository: str, branch: str | None = None) -> Push:
    """Return the push at the head of a branch (None: the default branch).

    Raises:
        BranchNotFound: the branch was deleted or renamed.
        EmptyRepository: there is no commit yet.
        OwnBranch: the branch holds winning values that were pushed from here.
        SourceError: any other failure.
    """
    name = watchable(repository, branch or default_branch(client, repository))
    found = poll_head(client, repository, name)
    assert found.sha is not None  # noqa: S101  # without an ETag there is no 304
    return push_of(client, repository, name, found.sha)


def push_of(client: Github, repository: str, branch: str, sha: str) -> Push:
    """Look up the commit `sha`: author, address, message.

    Raises:
        CommitNotFound: the repository has no such commit.
        SourceError: any other failure.
    """
    api = Api(client, repository)
    try:
        return _push(repository, branch, api.get(f"git/commits/{sha}").data)
    except RepositoryNotFound as error:
        raise _unknown(repository, sha) from error


def resolve(client: Github, repository: str, ref: str, branch: str | None = None) -> Push:
    """Find the push that a person means by `ref`.

    Args:
        client: Whose credentials to use.
        repository: `owner/repo`.
        ref: A whole or abbreviated SHA, the name of a branch or tag, or "" for the head of `branch`.
        branch: Which branch the push is said to be on; None for the default branch.

    Raises:
        CommitNotFound: nothing answers to `ref`.
        OwnBranch: `ref` is a branch with winning values that were pushed from here.
        SourceError: any other failure.
    """
    if not ref:
        return head(client, repository, branch)
    watchable(repository, ref)
    name = branch or default_branch(client, repository)
    if is_sha(ref.lower()):
        return push_of(client, repository, name, ref.lower())
    try:
        return head(client, repository, check_branch(ref))
    except BranchNotFound:
        log.info("%s has no branch %r: reading it as an abbreviated SHA or a tag.", repository, ref)
    sha = _look_up(Api(client, repository), ref)
    return push_of(client, repository, name, sha)


def _look_up(api: Api, ref: str) -> str:
    try:
        # One file of the commit's difference is enough: the default answer may be megabytes.
        return text_at(api.get(f"commits/{quote(ref)}", parameters={"per_page": 1}).data, "sha")
    except (RepositoryNotFound, UnexpectedAnswer) as error:  # 404, or 422 "No commit found for SHA"
        raise _unknown(api.repository, ref) from error


def _unknown(repository: str, ref: str) -> CommitNotFound:
    return CommitNotFound(
        f"{repository} has no commit, branch or tag {ref!r}. Give a SHA or a branch that was pushed there."
    )


def pushes_since(client: Github, repository: str, branch: str, old: str, new: str) -> tuple[str, ...]:
    """Return the SHA of every push after `old`, oldest first; the last one is `new`.

    GitHub's repository activity knows every push between two polls. Where it is missing (older
    GitHub Enterprise, no permission) or does not reach back to `old`, only `new` is returned.

    Args:
        client: Whose credentials to use.
        repository: `owner/repo`.
        branch: The branch that moved from `old` to `new`.
        old: The head at the last poll.
        new: The head now.

    Raises:
        SourceError: a failure that waiting may mend, or bad credentials.
    """
    try:
        answer = Api(client, repository).get(
            "activity", parameters={"ref": f"refs/heads/{branch}", "per_page": 100}
        )
    except (RepositoryNotFound, Forbidden, UnexpectedAnswer):
        return (new,)
    heads = _heads(answer.data)
    if old not in heads:
        log.info("%s@%s: activity does not reach back to %s; taking the head only.", repository, branch, old)
        return (new,)
    later = heads[len(heads) - heads[::-1].index(old) :]
    upto = later[: later.index(new)] if new in later else later
    return (*dict.fromkeys(sha for sha in upto if sha != new), new)


def _heads(activities: Json) -> list[str]:
    """The branch's heads, oldest first, from its activities, which come newest first."""
    heads: list[str] = []
    for activity in reversed(activities):
        if activity.get("activity_type") not in _MOVES_HEAD:
            continue
        before, after = text_at(activity, "before"), text_at(activity, "after")
        heads += [after] if heads else [before, after]
    return heads


def _push(repository: str, branch: str, commit: Mapping[str, Any]) -> Push:
    author = commit.get("author") or {}
    committer = commit.get("committer") or {}
    sha = text_at(commit, "sha")
    return Push(
        repository=repository,
        branch=branch,
        sha=sha,
        author_name=str(author.get("name") or "unknown"),
        author_email=author.get("email") or None,
        message=str(commit.get("message") or ""),
        committed_at=str(committer.get("date") or author.get("date") or ""),
        url=str(commit.get("html_url") or ""),
    )
