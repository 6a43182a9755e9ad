"""A folder as one commit on a branch, through GitHub's API: no git, no working copy."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from include.source._api import Api, send, text_at
from include.source._names import check_branch, check_repository
from include.source._snapshot import File, read_folder
from include.source._uploading import tree_entry
from include.source.errors import (
    BranchNotFound,
    EmptyRepository,
    PushRejected,
    RepositoryNotFound,
    UnexpectedAnswer,
)
from include.source.head import poll_head, push_of
from include.source.push import Push

if TYPE_CHECKING:
    from github import Github

log = logging.getLogger(__name__)


def create_repository(client: Github, name: str, *, private: bool = True) -> str:
    """Create a repository of the authenticated user, without any commit; do nothing when it is there.

    Args:
        client: Whose credentials to use.
        name: Its name, without the owner.
        private: Whether only its owner sees it.

    Returns:
        Its full name, `owner/name`.

    Raises:
        SourceError: credentials, permissions, or GitHub is not there.
    """
    owner = text_at(send(client, name, "GET", "/user").data, "login")
    full_name = check_repository(f"{owner}/{name}")
    try:
        Api(client, full_name).get("")
    except RepositoryNotFound:
        send(client, full_name, "POST", "/user/repos", document={"name": name, "private": private})
        log.info("Created %s.", full_name)
    return full_name


def commit_folder(
    client: Github, repository: str, branch: str, folder: Path, message: str, author: tuple[str, str]
) -> Push:
    """Make one commit whose tree is exactly `folder`, at the head of `branch`.

    The branch is created from the default branch when it is missing; an empty repository gets its
    first commit. Only files that the repository has not got yet are uploaded.

    Args:
        client: Whose credentials to use; they must be allowed to write.
        repository: `owner/repo`.
        branch: The branch.
        folder: What to commit; `.git`, `__pycache__` and `.DS_Store` stay out.
        message: The commit message.
        author: Name and e-mail address.

    Raises:
        UnreadableFolder: nothing to commit, or something that a commit can't hold.
        PushRejected: the branch moved meanwhile or is protected.
        SourceError: any other failure.
    """
    files = read_folder(folder)
    api = Api(client, repository)
    name, email = author
    base, is_new = _base(client, repository, check_branch(branch))
    if base is None:
        _make_sure_objects_are_accepted(api, branch)
    tree = _upload(api, files, _known_blobs(api, base))
    document = {
        "message": message,
        "tree": tree,
        "parents": [base] if base else [],
        "author": {"name": name, "email": email},
    }
    sha = text_at(api.send("POST", "git/commits", document), "sha")
    _move(api, branch, sha, is_new=is_new)
    log.info("Pushed %s to %s@%s as %s.", folder, repository, branch, sha)
    return push_of(client, repository, branch, sha)


def _base(client: Github, repository: str, branch: str) -> tuple[str | None, bool]:
    """The commit to build on (None: there is none yet), and whether the branch is new."""
    try:
        return poll_head(client, repository, branch).sha, False
    except EmptyRepository:
        return None, True
    except BranchNotFound as error:
        if error.default_branch is None:
            raise
        return poll_head(client, repository, error.default_branch).sha, True


def _make_sure_objects_are_accepted(api: Api, branch: str) -> None:
    """GitHub takes no git objects into an empty repository: its contents API makes the first commit.

    That commit is replaced at once by ours, which has no parent, so that the history has one commit.
    """
    try:
        api.send("POST", "git/blobs", {"content": "", "encoding": "utf-8"})
    except EmptyRepository:
        first = {"message": "Begin", "content": "", "branch": branch}
        api.send("PUT", "contents/.gitkeep", first)


def _known_blobs(api: Api, base: str | None) -> frozenset[str]:
    if base is None:
        return frozenset()
    tree = api.get(f"git/trees/{base}", parameters={"recursive": "1"}).data
    return frozenset(text_at(entry, "sha") for entry in tree["tree"] if entry["type"] == "blob")


def _upload(api: Api, files: tuple[File, ...], known: frozenset[str]) -> str:
    """Upload what is not there yet; return the new tree's SHA."""
    return text_at(api.send("POST", "git/trees", {"tree": [tree_entry(api, f, known) for f in files]}), "sha")


def _move(api: Api, branch: str, sha: str, *, is_new: bool) -> None:
    try:
        if is_new:
            _create_or_replace(api, branch, sha)
        else:
            api.send("PATCH", f"git/refs/heads/{quote(branch)}", {"sha": sha, "force": False})
    except UnexpectedAnswer as error:  # 422
        raise PushRejected(
            f"{api.repository} did not take {sha[:7]} as the head of {branch!r}: {error} "
            "Somebody else pushed meanwhile, or the branch is protected. Push again, or to another branch."
        ) from error


def _create_or_replace(api: Api, branch: str, sha: str) -> None:
    try:
        api.send("POST", "git/refs", {"ref": f"refs/heads/{branch}", "sha": sha})
    except UnexpectedAnswer:  # the first commit of an empty repository made it just now
        api.send("PATCH", f"git/refs/heads/{quote(branch)}", {"sha": sha, "force": True})
