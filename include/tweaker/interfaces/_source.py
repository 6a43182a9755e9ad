"""One pushed Python file: parsed without its line ends, changed without touching any other byte."""

from __future__ import annotations

import bisect
import io
import tokenize
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

LARGEST_FILE = 1_000_000


class UnreadableSourceError(Exception):
    """A file can't be read as Python; the message is a sentence for the developer."""


@dataclass(frozen=True)
class Edit:
    """Replace the bytes from `start` to `end` by `text`; offsets count UTF-8 bytes of `SourceFile.normal`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class SourceFile:
    """A pushed file.

    Args:
        path: Posix path relative to the tree.
        data: Its bytes.
        encoding: As declared in it, UTF-8 otherwise.
        normal: Its text in UTF-8, each line end a single newline, without a byte order mark.
    """

    path: str
    data: bytes
    encoding: str
    normal: bytes

    def line(self, offset: int) -> int:
        """Return the line number, from 1, of an offset in `normal`."""
        return self.normal.count(b"\n", 0, offset) + 1

    def spliced(self, edits: Iterable[Edit]) -> bytes:
        """Return the file's bytes with these edits, which must not overlap."""
        original = self.data.decode(self.encoding).encode()
        dropped = _carriage_returns(original)
        newline = "\r\n" if len(dropped) * 2 > self.normal.count(b"\n") else "\n"
        in_order = sorted(edits, key=lambda one: (one.start, one.end))  # equal places keep the given order
        for edit in reversed(in_order):
            start = edit.start + bisect.bisect_left(dropped, edit.start)
            end = edit.end + bisect.bisect_left(dropped, edit.end)
            original = original[:start] + edit.text.replace("\n", newline).encode() + original[end:]
        return original.decode().encode(self.encoding)


def _carriage_returns(original: bytes) -> list[int]:
    """Return where in the normal text each newline stands that was two bytes long."""
    found, position, removed = [], original.find(b"\r\n"), 0
    while position >= 0:
        found.append(position - removed)
        removed += 1
        position = original.find(b"\r\n", position + 2)
    return found


def read_source(tree: Path, path: str) -> SourceFile:
    """Read one file of a pushed tree.

    Raises:
        UnreadableSourceError: It is missing, too large, or not text in the encoding it declares.
    """
    file = tree / path
    if PurePosixPath(path).is_absolute() or not file.resolve().is_relative_to(tree.resolve()):
        raise UnreadableSourceError(f"{path} lies outside the pushed tree")
    try:
        data = file.read_bytes()
        encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0]
        text = data.decode(encoding)
        normal = text.encode().replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        exact = text.encode(encoding) == data
    except (OSError, SyntaxError, UnicodeError, LookupError) as error:
        raise UnreadableSourceError(f"{path} can't be read as Python: {error}") from error
    if not exact or len(data) > LARGEST_FILE:
        raise UnreadableSourceError(f"{path} can't be rewritten byte for byte")
    return SourceFile(path, data, encoding, normal)
