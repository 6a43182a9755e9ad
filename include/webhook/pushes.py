"""From the signed body of a `push` event to the push."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from include.source import is_sha

_BRANCHES = "refs/heads/"


class BadPayload(ValueError):
    """A signed body that is no `push` event of GitHub's."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the body is no push event of GitHub's: {why}")


@dataclass(frozen=True)
class PushEvent:
    """A branch that got a new head.

    Args:
        repository: `owner/name`, as GitHub spells it.
        branch: The branch; None where it is a tag.
        sha: The new head; None where the branch was deleted.
        default_branch: The repository's default branch, or None where the event does not say.
        pushed_at: POSIX time of the push, or None where the event does not say.
    """

    repository: str
    branch: str | None
    sha: str | None
    default_branch: str | None = None
    pushed_at: float | None = None


def read_push(body: bytes, content_type: str) -> PushEvent:
    """Read a `push` event.

    Args:
        body: The raw body, whose signature was verified.
        content_type: The header; GitHub sends JSON, or a form with JSON in it.

    Raises:
        BadPayload: it is none.
    """
    document = _document(body, content_type)
    repository = document.get("repository")
    name = repository.get("full_name") if isinstance(repository, Mapping) else None
    ref, after = document.get("ref"), document.get("after")
    if not isinstance(name, str) or not isinstance(ref, str) or not is_sha(str(after)):
        raise BadPayload("it has no repository, ref or commit")
    assert isinstance(repository, Mapping)  # noqa: S101  # it had a name
    branch = ref.removeprefix(_BRANCHES) if ref.startswith(_BRANCHES) else None
    default, pushed_at = repository.get("default_branch"), repository.get("pushed_at")
    deleted = document.get("deleted") is True or after == "0" * 40
    return PushEvent(
        repository=name,
        branch=branch,
        sha=None if deleted else str(after),
        default_branch=default if isinstance(default, str) else None,
        pushed_at=float(pushed_at) if isinstance(pushed_at, int) else None,
    )


def _document(body: bytes, content_type: str) -> Mapping[str, Any]:
    try:
        text = body.decode("utf-8")
        if content_type.startswith("application/x-www-form-urlencoded"):
            text = parse_qs(text, strict_parsing=True, max_num_fields=4)["payload"][0]
        document = json.loads(text)
    except (ValueError, KeyError, RecursionError) as error:
        raise BadPayload(type(error).__name__) from error
    if not isinstance(document, Mapping):
        raise BadPayload("it is no JSON object")
    return document
