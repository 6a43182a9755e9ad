"""Names are checked before they become parts of URLs and of paths on disk."""

from __future__ import annotations

import re

from include.source.errors import InvalidName

_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
_SHA = re.compile(r"[0-9a-f]{40}")
# Where pull requests with winning values come from: never watched, so that nothing answers itself.
TUNED_BRANCHES = "tuned/"
_BRANCH_TABOO = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^[/.-]|/\.|[/.]$|\.lock$")


def check_repository(repository: str) -> str:
    """Return `repository` unchanged, or raise InvalidName."""
    if not _REPOSITORY.fullmatch(repository):
        raise InvalidName(f"{repository!r} is not a repository: write it as owner/name.")
    return repository


def is_sha(text: str) -> bool:
    """Tell whether `text` is a whole commit SHA: 40 lower-case hexadecimal digits."""
    return _SHA.fullmatch(text) is not None


def check_sha(sha: str) -> str:
    """Return `sha` unchanged, or raise InvalidName."""
    if not is_sha(sha):
        raise InvalidName(f"{sha!r} is not a commit SHA: 40 lower-case hexadecimal digits are needed.")
    return sha


def check_branch(branch: str) -> str:
    """Return `branch` unchanged when git allows the name, or raise InvalidName."""
    if not branch or len(branch) > 255 or _BRANCH_TABOO.search(branch):
        raise InvalidName(f"{branch!r} is not a name that git allows for a branch.")
    return branch


def is_tuned(branch: str) -> bool:
    """Tell whether a branch is one of ours, which holds winning values; a `refs/heads/` before it is fine."""
    return branch.removeprefix("refs/").removeprefix("heads/").startswith(TUNED_BRANCHES)
