"""GitHub's answers, read with care: a proxy or an emulator may answer anything."""

from collections.abc import Iterator, Mapping
from typing import Any

from include.source import Api, Json, UnexpectedAnswer

_PAGE = 100
_MOST_PAGES = 30


def number_of(data: Json, key: str = "id") -> int:
    """The number under `key`; raises UnexpectedAnswer where there is none."""
    number = data.get(key) if isinstance(data, Mapping) else None
    if not isinstance(number, int):
        raise UnexpectedAnswer(
            f"GitHub's answer has no number {key!r}. Check that the connection's host is a GitHub API."
        )
    return number


def rows_of(data: Json) -> list[Mapping[str, Any]]:
    """The objects of a list; raises UnexpectedAnswer where it is no list."""
    if not isinstance(data, list):
        raise UnexpectedAnswer(
            f"GitHub answered {type(data).__name__} where a list belongs. "
            "Check that the connection's host is a GitHub API."
        )
    return [row for row in data if isinstance(row, Mapping)]


def all_rows(api: Api, path: str) -> Iterator[Mapping[str, Any]]:
    """Every object of a list that comes in pages, 3,000 at most; raises SourceError."""
    for page in range(1, _MOST_PAGES + 1):
        rows = rows_of(api.get(path, parameters={"per_page": _PAGE, "page": page}).data)
        yield from rows
        if len(rows) < _PAGE:
            return
