"""Paths of a pushed tree are hostile until shown otherwise: ordered rules as data, one refusal per path."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate

from include.source.errors import Refusal

MAX_PATH_BYTES = 1024
MAX_NAME_BYTES = 255
MAX_DEPTH = 32

_CONTROL = re.compile(r"[\x00-\x1f\x7f\x80-\x9f]")
# Signs that make a name read differently from what it is (Unicode's bidirectional controls).
_DECEPTIVE = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")
# `.git` as other file systems spell it: any case, 8.3 short name, trailing dots and blanks, a stream.
_GIT = re.compile(r"\.?git(~\d+)?[. ]*(:.*)?", re.IGNORECASE)


def _is_git(name: str) -> bool:
    return _GIT.fullmatch(name) is not None and (name.startswith(".") or "~" in name)


def _not_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return True
    return "\ufffd" in path


_RULES: tuple[tuple[Callable[[str], bool], str], ...] = (
    (lambda path: not path, "has no name"),
    (_not_text, "is not UTF-8"),
    (lambda path: _CONTROL.search(path) is not None, "has a control character in its name"),
    (lambda path: _DECEPTIVE.search(path) is not None, "has a deceptive invisible character in its name"),
    (lambda path: "\\" in path, "has a backslash in its name"),
    (lambda path: path.startswith("/"), "is absolute"),
    (lambda path: ".." in path.split("/"), "leads out of the tree (..)"),
    (lambda path: bool({"", "."} & set(path.split("/"))), "has an empty part in its path"),
    (lambda path: any(map(_is_git, path.split("/"))), "hides in git's own folder"),
    (lambda path: len(path.encode()) > MAX_PATH_BYTES, f"has a path longer than {MAX_PATH_BYTES} bytes"),
    (lambda path: max(len(n.encode()) for n in path.split("/")) > MAX_NAME_BYTES, "has too long a name"),
    (lambda path: path.count("/") >= MAX_DEPTH, f"is more than {MAX_DEPTH} folders deep"),
)


def refuse_path(path: str) -> Refusal | None:
    """Return why `path` must not be written to disk, or None when it may."""
    why = next((why for broken, why in _RULES if broken(path)), None)
    return Refusal(path, why) if why else None


def refuse_collisions(paths: Iterable[str]) -> Iterator[Refusal]:
    """Yield the paths of files that are the same file, or a folder of another, on some file system."""
    files: dict[str, str] = {}
    folders: dict[str, str] = {}
    for path in sorted(paths):
        parents = path.split("/")[:-1]
        for folder in accumulate(parents, lambda left, right: f"{left}/{right}"):
            if (other := folders.setdefault(_fold(folder), folder)) != folder:
                yield Refusal(path, f"is in a folder that differs from {other!r} only in case or accents")
        if (other := files.setdefault(_fold(path), path)) != path:
            yield Refusal(path, f"differs from {other!r} only in case or accents")
    yield from (
        Refusal(files[key], f"is a file, and a folder in {folders[key]!r}")
        for key in files.keys() & folders.keys()
    )


def _fold(path: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
