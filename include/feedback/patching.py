"""A patch of our own (`include.tweaker.patches`) applied to the pushed bytes, to the letter or not at all."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from include.feedback.errors import PatchMismatch

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_ESCAPE = re.compile(r'\\([0-7]{3}|["\\nt])')
_NO_NEWLINE = "\\ No newline at end of file\n"
_PLAIN = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


@dataclass(frozen=True)
class Hunk:
    """One place of a file.

    Args:
        start: Index of the first line in the file as it was, from 0.
        old: The lines there, with their ends.
        new: The lines that take their place.
    """

    start: int
    old: list[str]
    new: list[str]


@dataclass(frozen=True)
class FilePatch:
    """What a patch does to one file.

    Args:
        path: Its path in the repository.
        is_new: Whether the patch makes the file.
        hunks: The places, from the top.
    """

    path: str
    is_new: bool
    hunks: tuple[Hunk, ...]

    def apply(self, before: bytes) -> bytes:
        """Return the file's bytes with the patch applied.

        Args:
            before: The pushed bytes; empty for a new file.

        Raises:
            PatchMismatch: they are not the bytes that the patch was made of.
        """
        lines = _lines(before.decode("utf-8", "surrogateescape"))
        made: list[str] = []
        done = 0
        for hunk in self.hunks:
            end = hunk.start + len(hunk.old)
            if hunk.start < done or lines[hunk.start : end] != hunk.old:
                raise PatchMismatch(self.path)
            made += [*lines[done : hunk.start], *hunk.new]
            done = end
        return "".join([*made, *lines[done:]]).encode("utf-8", "surrogateescape")


def read_patch(patch: str) -> tuple[FilePatch, ...]:
    """Take a patch apart, file by file.

    Args:
        patch: As `unified_patch` writes it; bytes that are no UTF-8 are surrogates.

    Raises:
        PatchMismatch: it is no such patch.
    """
    lines, at, files = _lines(patch), 0, []
    while at < len(lines):
        file, at = _file(lines, at)
        files.append(file)
    return tuple(files)


def _lines(text: str) -> list[str]:
    # Only \n ends a line for git: a carriage return is part of the line, a form feed is too.
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _file(lines: Sequence[str], at: int) -> tuple[FilePatch, int]:
    head = at
    while at < len(lines) and not lines[at].startswith("+++ "):
        at += 1
    if at >= len(lines) or at - head > 3 or not lines[head].startswith("diff --git "):
        raise PatchMismatch(lines[head][:100])
    path = _unquoted(lines[at][4:].rstrip("\n").removesuffix("\t"))
    is_new = lines[at - 1].startswith("--- /dev/null")
    at, hunks = at + 1, list[Hunk]()
    while at < len(lines) and lines[at].startswith("@@ "):
        hunk, at = _hunk(lines, at, path)
        hunks.append(hunk)
    return FilePatch(path, is_new, tuple(hunks)), at


def _hunk(lines: Sequence[str], at: int, path: str) -> tuple[Hunk, int]:
    match = _HUNK.match(lines[at])
    if match is None:
        raise PatchMismatch(path)
    first, old_count, new_count = int(match[1]), int(match[2] or 1), int(match[3] or 1)
    old, new = list[str](), list[str]()
    at, last = at + 1, ""
    while len(old) < old_count or len(new) < new_count or lines[at : at + 1] == [_NO_NEWLINE]:
        if at >= len(lines) or lines[at][0] not in " -+\\":
            raise PatchMismatch(path)
        sign, rest = lines[at][0], lines[at][1:]
        if sign == "\\":
            _drop_newline(last, old, new)
        old += [rest] if sign in " -" else []
        new += [rest] if sign in " +" else []
        last, at = sign, at + 1
    return Hunk(first - 1 if old_count else first, old, new), at


def _drop_newline(sign: str, old: list[str], new: list[str]) -> None:
    for side, signs in ((old, " -"), (new, " +")):
        if sign in signs:
            side[-1] = side[-1].removesuffix("\n")


def _unquoted(name: str) -> str:
    """The path of a `+++` line, whose `b/` and C escapes are git's."""
    if name.startswith('"'):
        name = _ESCAPE.sub(lambda m: _PLAIN.get(m[1]) or chr(int(m[1], 8)), name[1:-1])
    return name.removeprefix("b/")
