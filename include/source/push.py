"""A push: the commit at the head of a watched branch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields


@dataclass(frozen=True)
class Push:
    """One commit at the head of a watched branch, identified by its SHA.

    Args:
        repository: Full name, ``owner/repo``.
        branch: The branch on which it was seen.
        sha: 40 lower-case hexadecimal digits.
        author_name: Who wrote the commit, as the commit says.
        author_email: Their address, or None when the commit has none.
        message: The commit message, whole.
        committed_at: When it was committed, ISO 8601 with zone.
        url: Its page on GitHub.
    """

    repository: str
    branch: str
    sha: str
    author_name: str
    author_email: str | None
    message: str
    committed_at: str
    url: str

    @property
    def short_sha(self) -> str:
        """The first 7 digits, as people write it."""
        return self.sha[:7]

    def to_json(self) -> dict[str, str | None]:
        """Return plain values that JSON and XCom can carry."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, str | None]) -> Push:
        """Read back what `to_json` wrote; raises TypeError when a field is missing."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in document.items() if name in known})  # type: ignore[arg-type]
