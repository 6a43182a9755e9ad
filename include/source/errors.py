"""What can go wrong between us and GitHub: one exception per failure.

Every message says what happened, to which repository or branch, and what to do. `transient` tells a
caller that waiting may help, `retry_after` how long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


class SourceError(Exception):
    """Base of every failure of `include.source`."""

    transient: ClassVar[bool] = False

    def retry_after(self, now: float) -> float | None:
        """Return how many seconds to wait from `now` (Unix seconds), or None when nobody said."""
        del now
        return None


class BadCredentials(SourceError):
    """GitHub does not know the token, or the GitHub App's key (401)."""


class Forbidden(SourceError):
    """The credentials are good but may not do this (403 and not a rate limit, 451)."""


class RepositoryNotFound(SourceError):
    """No such repository, or one that these credentials can't see (404)."""


class BranchNotFound(SourceError):
    """The branch is not there: deleted, renamed, or never was."""

    def __init__(self, message: str, *, default_branch: str | None = None) -> None:
        super().__init__(message)
        self.default_branch = default_branch


class OwnBranch(SourceError):
    """The branch holds winning values that we pushed ourselves; answering those would never end."""


class CommitNotFound(SourceError):
    """No commit, branch or tag answers to this name."""


class EmptyRepository(SourceError):
    """The repository has no commit yet (409)."""


class RateLimited(SourceError):
    """GitHub asks to wait: the hourly limit is used up, or too many requests came at once."""

    transient = True

    def __init__(self, message: str, *, reset_at: float | None = None) -> None:
        super().__init__(message)
        self.reset_at = reset_at

    def retry_after(self, now: float) -> float | None:
        """Return the seconds until the limit is lifted; at least one."""
        return None if self.reset_at is None else max(1.0, self.reset_at - now)


class GitHubUnavailable(SourceError):
    """No usable answer: 5xx, time-out, connection refused, TLS, an answer that is not JSON."""

    transient = True


class WrongAddress(SourceError):
    """The connection's host is not the API: it redirects elsewhere."""


class UnexpectedAnswer(SourceError):
    """GitHub refused in a way that has no exception of its own here."""


class CorruptedAnswer(SourceError):
    """What came is not what its git SHA-1 promises; a fresh request may bring it whole."""

    transient = True


class PushRejected(SourceError):
    """The branch moved, or is protected, while we committed to it."""


class UnreadableFolder(SourceError):
    """The folder to publish is missing, empty, or holds what a commit can't."""


class InvalidName(SourceError):
    """A repository, branch or SHA that can't be one; refused before any request."""


class TreeTooLarge(SourceError):
    """The commit holds more files or bytes than the limits allow."""


@dataclass(frozen=True)
class Refusal:
    """One entry of a tree that we don't write to disk, and why.

    Args:
        path: Its path in the repository, unchanged (it may be hostile: never open it).
        why: Half a sentence for the developer.
        hostile: Whether the path itself is the danger, and not what stands there.
    """

    path: str
    why: str
    hostile: bool = True


class RefusedTree(SourceError):
    """The tree holds entries that we don't write to disk; nothing of it was written."""

    def __init__(self, message: str, refusals: Sequence[Refusal]) -> None:
        super().__init__(message)
        self.refusals = tuple(refusals)


class HostilePath(RefusedTree):
    """At least one path would leave the tree, hide in it, or collide with another."""


class UnsupportedEntry(RefusedTree):
    """At least one entry is a symlink, a submodule, or a Git LFS pointer."""
