"""Unified diffs that ``git apply`` accepts, whatever the files' line ends and encodings are."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff

_NO_NEWLINE = "\n\\ No newline at end of file\n"


def unified_patch(path: str, before: bytes | None, after: bytes) -> str:
    """Return the patch that turns one file into another.

    Args:
        path: Posix path relative to the tree.
        before: The pushed bytes; None where the file is new.
        after: The bytes with a trial's values.

    Returns:
        The patch, empty when nothing changed. Bytes that aren't UTF-8 are surrogates.
    """
    if before == after:
        return ""
    old, new = _quoted(f"a/{path}"), _quoted(f"b/{path}")
    made = "new file mode 100644\n" if before is None else ""
    source = "/dev/null" if before is None else _tabbed(old)
    head = f"diff --git {old} {new}\n{made}--- {source}\n+++ {_tabbed(new)}\n"
    return head + "".join(_hunks(_lines(before or b""), _lines(after)))


def _lines(data: bytes) -> list[str]:
    # Only \n ends a line for git: a carriage return is part of the line, a form feed is too.
    text = data.decode("utf-8", "surrogateescape")
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _hunks(before: list[str], after: list[str]) -> Iterator[str]:
    for line in list(unified_diff(before, after))[2:]:
        yield line if line.endswith("\n") else line + _NO_NEWLINE


def _tabbed(name: str) -> str:
    return f"{name}\t" if " " in name and not name.startswith('"') else name


def _quoted(name: str) -> str:
    """Quote a name as git does: C escapes for quotes, backslashes and control characters."""
    if not any(character in '"\\' or ord(character) < 32 or ord(character) == 127 for character in name):
        return name
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}
    plain = (escapes.get(c) or (f"\\{ord(c):03o}" if ord(c) < 32 or ord(c) == 127 else c) for c in name)
    return f'"{"".join(plain)}"'
