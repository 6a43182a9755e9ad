"""A branch of our own whose head is one commit on a pushed one."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from include.source._api import Api, text_at
from include.source._blobs import git_blob_sha
from include.source._names import check_branch, check_sha
from include.source._snapshot import File
from include.source._uploading import tree_entry
from include.source.errors import PushRejected, RepositoryNotFound, UnexpectedAnswer

if TYPE_CHECKING:
    from github import Github

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class FileChange:
    """A file as a commit is to hold it.

    Args:
        path: Its path in the repository.
        data: Its bytes.
        executable: Whether its owner may run it.
    """

    path: str
    data: bytes
    executable: bool = False


def branch_head(client: Github, repository: str, branch: str) -> str | None:
    """Return the SHA at the head of a branch, None where there is no such branch; raises SourceError."""
    try:
        answer = Api(client, repository).get(f"git/ref/heads/{quote(check_branch(branch))}")
    except RepositoryNotFound:
        return None
    return text_at(answer.data, "object", "sha")


def commit_on(
    client: Github, repository: str, parent: str, changes: Sequence[FileChange], message: str
) -> str:
    """Make a commit that changes some files of another one; no branch moves. Return its SHA.

    GitHub names the account of the credentials as its author.

    Args:
        client: Whose credentials to use; they must be allowed to write.
        repository: `owner/repo`.
        parent: The commit to build on.
        changes: The files that differ, at least one.
        message: The commit message.

    Raises:
        SourceError: the one that fits, see `include.source.errors`.
    """
    api = Api(client, repository)
    base = text_at(api.get(f"git/commits/{check_sha(parent)}").data, "tree", "sha")
    files = [File(c.path, c.data, git_blob_sha(c.data), c.executable) for c in changes]
    tree = {"base_tree": base, "tree": [tree_entry(api, file) for file in files]}
    document = {
        "message": message,
        "tree": text_at(api.send("POST", "git/trees", tree), "sha"),
        "parents": [parent],
    }
    return text_at(api.send("POST", "git/commits", document), "sha")


def point_branch(client: Github, repository: str, branch: str, sha: str, old: str | None) -> None:
    """Make a commit the head of a branch, whatever it was before.

    Args:
        client: Whose credentials to use; they must be allowed to write.
        repository: `owner/repo`.
        branch: The branch.
        sha: The commit.
        old: The branch's head now, None where it is to be made.

    Raises:
        PushRejected: the branch is protected, or was made by somebody meanwhile.
        SourceError: any other failure.
    """
    api = Api(client, repository)
    try:
        if old is None:
            api.send("POST", "git/refs", {"ref": f"refs/heads/{branch}", "sha": sha})
        else:
            api.send("PATCH", f"git/refs/heads/{quote(branch)}", {"sha": sha, "force": True})
    except UnexpectedAnswer as error:  # 422
        raise PushRejected(
            f"{repository} did not take {sha[:7]} as the head of {branch!r}: {error} "
            "Somebody else made the branch, or a rule protects it."
        ) from error
    log.info("%s is the head of %s@%s.", sha, repository, branch)
