"""Reading what a container wrote, which is hostile: it must not lead out of its folder, block or swamp us."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from include.containers.errors import ResultRefusedError

_OPEN_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@contextmanager
def opened(directory: Path, name: str, max_bytes: int) -> Iterator[int]:
    """Open a file that a container wrote and give its descriptor.

    Args:
        directory: The folder mounted into the container; it is ours, its content is not.
        name: A plain file name in it.
        max_bytes: The largest size accepted.

    Raises:
        FileNotFoundError: There is no such file.
        ResultRefusedError: It is not a regular file with one name and of acceptable size.
    """
    path = directory / name
    if name in ("", ".", "..") or "/" in name or "\0" in name:
        raise ResultRefusedError(directory / "…", f"{name[:80]!r} is not a plain file name")
    folder = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        descriptor = _open(path, name, folder)
        try:
            _check(path, os.fstat(descriptor), max_bytes)
            yield descriptor
        finally:
            os.close(descriptor)
    finally:
        os.close(folder)


def _open(path: Path, name: str, folder: int) -> int:
    # Looked at first: to open a device or FIFO can already have an effect.
    if not stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
        raise ResultRefusedError(path, "it is not a regular file")
    try:
        return os.open(name, _OPEN_FLAGS, dir_fd=folder)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise ResultRefusedError(path, f"it cannot be opened ({error.strerror})") from error


def _check(path: Path, status: os.stat_result, max_bytes: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise ResultRefusedError(path, "it is not a regular file")
    if status.st_nlink != 1:
        raise ResultRefusedError(path, f"it has {status.st_nlink} names (hard links)")
    if status.st_size > max_bytes:
        raise ResultRefusedError(path, f"it is larger than {max_bytes} bytes")


def read_bytes(directory: Path, name: str, max_bytes: int) -> bytes:
    """Return a file's content; raises as `opened` does, also when it grows past its limit meanwhile."""
    with opened(directory, name, max_bytes) as descriptor, os.fdopen(os.dup(descriptor), "rb") as stream:
        content = stream.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise ResultRefusedError(directory / name, f"it is larger than {max_bytes} bytes")
    return content


def parse_json(text: bytes) -> object:
    """Parse JSON as the standard has it, so without NaN and Infinity.

    Raises:
        ValueError: The text is not JSON, not UTF-8, or nested too deep.
    """

    def refuse(constant: str) -> object:
        raise ValueError(f"{constant} is not a JSON value")

    try:
        document: object = json.loads(text.decode("utf-8"), parse_constant=refuse)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    return document


def clean_text(text: str, limit: int) -> str:
    """Return text without control and direction-override characters, cut to a length."""
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return text if len(text) <= limit else text[: limit - 1] + "…"
