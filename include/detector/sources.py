"""Reads one pushed file as Python text, or says in a sentence why that can't be done."""

from __future__ import annotations

import io
import os
import re
import stat
import tokenize
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from include.detector import limits
from include.detector.notebooks import BrokenNotebookError, looks_like_notebook, notebook_code
from include.detector.progress import looking_at

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89HDF\r\n\x1a\n", "is a saved model (HDF5), not Python code; push the code that trains it"),
    (b"PK\x03\x04", "is a saved model or another zip archive, not Python code; push the code that trains it"),
    (b"PK\x05\x06", "is an empty zip archive, not Python code; push the code that trains the network"),
    (b"\x80\x02", "is a pickle, not Python code; push the code that trains the network"),
    (b"\x80\x03", "is a pickle, not Python code; push the code that trains the network"),
    (b"\x80\x04", "is a pickle, not Python code; push the code that trains the network"),
    (b"\x80\x05", "is a pickle, not Python code; push the code that trains the network"),
    (b"\x1f\x8b", "is a gzip archive, not Python code; push the unpacked script"),
    (b"\x7fELF", "is a compiled program, not Python code; push its source"),
    (b"\xff\xfe", "is saved as UTF-16, which Python does not read; save it as UTF-8"),
    (b"\xfe\xff", "is saved as UTF-16, which Python does not read; save it as UTF-8"),
    (b"version https://git-lfs.github.com/spec", "is a Git LFS pointer; push the file itself without LFS"),
)
_WEB_PAGE = re.compile(rb"\s*<(?:!doctype\s+html|html)", re.IGNORECASE)
_HEAD = 4096
_WIDE = re.compile(r"utf[-_]?(?:16|32).*", re.IGNORECASE)
_LINE_END = re.compile(r"\r\n|\r|\n")


class UnreadableSourceError(Exception):
    """A pushed file can't be analysed; `str()` is a full sentence that starts with the file's name.

    Args:
        file: The file, relative to the inspected folder.
        what: Two or three words for the verdict, such as "saved model" or "Python 2 code".
        complaint: The rest of the sentence after the file's name, without the full stop.
        line: Line number the complaint is about, 0 for the whole file.
    """

    def __init__(self, file: str, what: str, complaint: str, line: int = 0) -> None:
        super().__init__(f"{file} {complaint}.")
        self.file = file
        self.what = what
        self.line = line


@dataclass(frozen=True)
class Source:
    """The Python text of one pushed file.

    Args:
        file: Path relative to the inspected folder, with forward slashes.
        text: Decoded text with Unix line ends and no byte order mark; a notebook's code cells put together.
        notebook: The file is a Jupyter notebook, whatever its name says.
    """

    file: str
    text: str
    notebook: bool = False

    @cached_property
    def lines(self) -> list[str]:
        """The text's lines without their ends."""
        return self.text.split("\n")

    def line(self, number: int) -> str:
        """The stripped source line, cut at 160 characters; empty when there is no such line."""
        return self.lines[number - 1].strip()[:160] if 0 < number <= len(self.lines) else ""


def read_source(path: Path, file: str, most: int = limits.PUSH_BYTES) -> Source:
    """Read one file without following a link and without blocking on a pipe.

    Args:
        path: Where the file is.
        file: Its name in sentences, relative to the inspected folder.
        most: Bytes that may still be read of the whole push.

    Raises:
        UnreadableSourceError: It is not a regular file, too large, binary, or not text in its own encoding.
    """
    looking_at(file)
    try:
        return _source(_read_bytes(path, file, most), file)
    except UnreadableSourceError as error:
        error.__context__ = None  # what led to it would keep the file's bytes in memory with the error
        raise error.with_traceback(None) from None


def _source(data: bytes, file: str) -> Source:
    notebook = looks_like_notebook(data)
    _refuse_size(data, file, notebook=notebook)
    _refuse_binary(data, file)
    if notebook:
        return Source(file, _notebook_text(data, file), notebook=True)
    text = _decode(data, file)
    if "\r" in text:
        text = _LINE_END.sub("\n", text)
    lines = text.count("\n")
    if lines > limits.SOURCE_LINES:
        complaint = f"has {lines:,} lines; files of more than {limits.SOURCE_LINES:,} lines are not analysed"
        raise UnreadableSourceError(file, "oversized file", complaint)
    return Source(file, text)


def _read_bytes(path: Path, file: str, most: int) -> bytes:
    with os.fdopen(_open(path, file), "rb") as stream:
        found = os.fstat(stream.fileno())
        if not stat.S_ISREG(found.st_mode):
            complaint = "is a pipe, device or folder, not a file of code"
            raise UnreadableSourceError(file, "special file", complaint)
        if found.st_size <= limits.NOTEBOOK_BYTES and found.st_size > most:
            complaint = (
                f"was not read: the push has more than {limits.PUSH_BYTES // limits.MEGABYTE} MB of code"
            )
            raise UnreadableSourceError(file, "oversized push", complaint)
        if found.st_size > limits.NOTEBOOK_BYTES:
            _refuse_signature(stream.read(_HEAD), file)
            complaint = f"is larger than {limits.NOTEBOOK_BYTES // limits.MEGABYTE} MB, too large to be code"
            raise UnreadableSourceError(file, "oversized file", complaint)
        start = stream.read(limits.SOURCE_BYTES + 1)
        rest = stream.read(limits.NOTEBOOK_BYTES - limits.SOURCE_BYTES) if looks_like_notebook(start) else b""
        return start + rest


def _open(path: Path, file: str) -> int:
    try:
        file.encode()
        return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except UnicodeEncodeError as error:
        complaint = "has a name that is not UTF-8; rename it"
        raise UnreadableSourceError(file, "unreadable path", complaint) from error
    except ValueError as error:
        complaint = "has a null byte in its name, so it can't be opened"
        raise UnreadableSourceError(file, "unreadable path", complaint) from error
    except OSError as error:
        link = path.is_symlink()
        what = "symbolic link" if link else "file that can't be opened"
        complaint = f"is a {what}" + ("; push the file itself" if link else f" ({error.strerror})")
        raise UnreadableSourceError(file, what, complaint) from error


def _refuse_size(data: bytes, file: str, *, notebook: bool) -> None:
    limit = limits.NOTEBOOK_BYTES if notebook else limits.SOURCE_BYTES
    if (
        len(data) > limit
        and not data.startswith(_SIGNATURES[0][0])
        and not data.startswith(_SIGNATURES[1][0])
    ):
        complaint = f"is larger than {limit // limits.MEGABYTE} MB, too large to be a training script"
        raise UnreadableSourceError(file, "oversized file", complaint)


def _refuse_signature(data: bytes, file: str) -> None:
    for signature, complaint in _SIGNATURES:
        if data.startswith(signature):
            raise UnreadableSourceError(file, "file that is not Python code", complaint)


def _refuse_binary(data: bytes, file: str) -> None:
    _refuse_signature(data, file)
    if _WEB_PAGE.match(data):
        complaint = "is a web page, not Python code; download the raw file and push that"
        raise UnreadableSourceError(file, "file that is not Python code", complaint)
    if b"\x00" in data:
        line = data.count(b"\n", 0, data.index(b"\x00")) + 1
        complaint = f"contains null bytes (first in line {line}), so Python can't read it"
        raise UnreadableSourceError(file, "file that is not Python code", complaint, line)


def _decode(data: bytes, file: str) -> str:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        if _WIDE.fullmatch(encoding):
            raise LookupError(f"{encoding}, in which the line that declares it can't be written")
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        complaint = f"is not valid {error.encoding} text (line {line}); save it as UTF-8"
        raise UnreadableSourceError(file, "wrong encoding", complaint, line) from error
    except (SyntaxError, LookupError, ValueError) as error:
        complaint = f"declares an encoding that Python can't use ({error}); save it as UTF-8 and say so"
        raise UnreadableSourceError(file, "wrong encoding", complaint, 1) from error


def _notebook_text(data: bytes, file: str) -> str:
    try:
        return notebook_code(data)
    except BrokenNotebookError as error:
        raise UnreadableSourceError(file, "broken notebook", str(error)) from error
