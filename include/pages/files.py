"""Files of an experiment to take home: model, patch, manifest; no link leads out of their folder."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from include.containers._reading import opened
from include.containers.errors import ResultRefusedError
from include.containers.result import MAX_MODEL_BYTES, read_result
from include.report._text import visible

_PIECE = 256 * 1024
_DOCUMENT_BYTES = 4 * 1024**2
_PATCH_LINES, _LINE, _SHOWN_BYTES = 2000, 300, 200_000
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,100}")

Open = Callable[[str, str], IO[bytes]]  # of a folder's address and a name in it


class NoSuchFile(LookupError):
    """A download of what is not there; the message says why, to the person who clicked."""


@dataclass(frozen=True)
class Download:
    """A file on its way: its name for the browser, its size in bytes if known, its content in pieces."""

    name: str
    size: int | None
    pieces: Iterator[bytes]


def model(trial_dir: Path, stem: str) -> Download:
    """The model that a trial's training left, unopened.

    Args:
        trial_dir: The trial's folder.
        stem: What the file is called, without its extension.

    Raises:
        NoSuchFile: it left none, or what it left is not a plain file.
    """
    name = _model_name(trial_dir)
    suffix = "".join(c for c in Path(name).suffix if c.isalnum() or c == ".")
    return _local(trial_dir / "out", name, f"{stem}{suffix}", MAX_MODEL_BYTES)


def _model_name(trial_dir: Path) -> str:
    try:
        result = read_result(trial_dir / "out")
    except ResultRefusedError as error:
        raise NoSuchFile(f"The training's result was refused: {error.why}.") from error
    except FileNotFoundError:
        result = None
    if result is None or result.model_file is None:
        raise NoSuchFile("This trial left no model, or its files have been removed.")
    return result.model_file


def there(trial_dir: Path) -> dict[str, bool]:
    """Which files of a trial can be taken home, so that the page offers no others."""
    try:
        name = _model_name(trial_dir)
    except NoSuchFile:
        name = ""
    has_model = bool(name) and _is_there(trial_dir / "out", name, MAX_MODEL_BYTES)
    return {"model": has_model, "patch": _is_there(trial_dir, "patch.diff", _DOCUMENT_BYTES)}


def _is_there(folder: Path, name: str, most: int) -> bool:
    try:
        with opened(folder, name, most) as descriptor:
            return os.fstat(descriptor).st_size > 0
    except (FileNotFoundError, ResultRefusedError):
        return False


def patch(trial_dir: Path, stem: str) -> Download:
    """The patch that makes a trial's source of the pushed one; raises `NoSuchFile` where there is none."""
    return _local(trial_dir, "patch.diff", f"{stem}.patch", _DOCUMENT_BYTES)


def patch_lines(trial_dir: Path) -> dict[str, Any]:
    """The patch for the page: rows of (kind, text), kind one of "+", "-", "@", "f" (file) and " "."""
    try:
        with opened(trial_dir, "patch.diff", _DOCUMENT_BYTES) as descriptor:
            text = os.pread(descriptor, _SHOWN_BYTES + 1, 0).decode("utf-8", "replace")
    except (FileNotFoundError, ResultRefusedError):
        return {"lines": [], "more": False}
    rows = visible(text[:_SHOWN_BYTES]).rstrip("\n").split("\n") if text else []
    lines = [
        (_kind(row), row if len(row) <= _LINE else row[: _LINE - 1] + "…") for row in rows[:_PATCH_LINES]
    ]
    return {"lines": lines, "more": len(text) > _SHOWN_BYTES or len(rows) > _PATCH_LINES}


def published(location: str, name: str, elsewhere: Open) -> Download:
    """A document or model of the published folder.

    Args:
        location: The folder, as the store has it: a path or URL.
        name: `manifest.json`, or "model" for the file that the manifest names.
        elsewhere: Opens a file of a folder that is not on this machine.

    Raises:
        NoSuchFile: it is not there any more.
    """
    if name == "model":
        named = json.loads(b"".join(published(location, "manifest.json", elsewhere).pieces))["model"]
        if not isinstance(named, str) or not _PLAIN_NAME.fullmatch(named):
            raise NoSuchFile("The published folder has no model.")
        name = named
    folder = local_folder(location)
    if folder is not None:
        return _local(folder, name, name, MAX_MODEL_BYTES)
    try:
        return Download(name, None, _read(elsewhere(location, name)))
    except OSError as error:
        raise NoSuchFile(f"The published {name} can't be read: {error}") from error


def local_folder(location: str) -> Path | None:
    """The folder that a `file://` URL or a plain path names; None for another store's."""
    parts = urlsplit(location)
    if parts.scheme not in ("", "file"):
        return None
    return Path(unquote(parts.path) if parts.scheme else location)


def _local(folder: Path, name: str, shown: str, most: int) -> Download:
    try:
        with opened(folder, name, most) as descriptor:
            kept = os.dup(descriptor)
    except FileNotFoundError as error:
        raise NoSuchFile(f"There is no {name} (any more).") from error
    except ResultRefusedError as error:
        raise NoSuchFile(f"{name} was refused: {error.why}.") from error
    size = os.fstat(kept).st_size
    return Download(shown, size, _bounded(os.fdopen(kept, "rb"), size))


def _bounded(stream: IO[bytes], size: int) -> Iterator[bytes]:
    """The file as long as it was: a training that still writes may have it grow."""
    with stream:
        while size > 0 and (piece := stream.read(min(_PIECE, size))):
            size -= len(piece)
            yield piece


def _read(stream: IO[bytes]) -> Iterator[bytes]:
    with stream:
        while piece := stream.read(_PIECE):
            yield piece


def _kind(row: str) -> str:
    if row.startswith(("+++", "---", "diff ", "index ")):
        return "f"
    return row[0] if row[:1] in ("+", "-", "@") else " "
