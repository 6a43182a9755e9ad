"""Where a script failed: the line of the pushed code that a traceback leads to. Read as text, never run."""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from include.report._text import one_line, visible

_FRAME = re.compile(r'^\s+File "([^"\n]{1,1000})", line (\d{1,7})\b', re.MULTILINE)
_EXCEPTION = re.compile(r"^([A-Za-z_][\w.]{0,120})(?::[ \t]?(.*))?$")
_CONTEXT = 3
_MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class SourceLine:
    """One line of the pushed code, and whether it is the one that failed."""

    number: int
    text: str
    failing: bool


@dataclass(frozen=True)
class FailingSource:
    """The last place in the pushed code that a traceback names.

    Args:
        file: Path relative to the repository, with forward slashes.
        line: Number from 1.
        lines: That line and its neighbours; empty where the file can't be read.
    """

    file: str
    line: int
    lines: tuple[SourceLine, ...]


@dataclass(frozen=True)
class Raised:
    """The exception that ended a script."""

    name: str
    message: str


def raised(traceback: str) -> Raised | None:
    """The exception a traceback ends with, or None if the text is no Python traceback."""
    frames = list(_FRAME.finditer(traceback))
    if not frames:
        return None
    for line in traceback[frames[-1].end() :].splitlines():
        match = _EXCEPTION.match(line)
        if match:
            return Raised(match[1].rpartition(".")[2], one_line(match[2] or "", 300))
    return None


def failing_source(traceback: str, tree: Path | None, mount: str = "/mlops") -> FailingSource | None:
    """Find the last frame that lies in the pushed code.

    Args:
        traceback: What the script printed or the harness caught; anything may stand in it.
        tree: Folder with the code as it ran, or None where it is not at hand.
        mount: Where that folder was in the container.

    Returns:
        The place, or None when no frame is in the pushed code.
    """
    places = [(_inside(file, mount), int(line)) for file, line in _FRAME.findall(traceback)]
    own = [(file, line) for file, line in places if file is not None]
    if not own:
        return None
    file, line = own[-1]
    lines = _read(tree, file) if tree is not None else None
    return FailingSource(one_line(file, 200), line, _around(lines or [], line))


def _inside(file: str, mount: str) -> str | None:
    path = PurePosixPath(file)
    if path.is_absolute():
        if not path.is_relative_to(mount):
            return None
        path = path.relative_to(mount)
    outside = ".." in path.parts or "site-packages" in path.parts or file.startswith("<")
    return None if outside or not path.parts else path.as_posix()


def _read(tree: Path, file: str) -> list[str] | None:
    path = tree / file
    try:
        # A traceback can name any file; only a plain one in the pushed tree is shown, no link out of it.
        inside = path.resolve(strict=True).is_relative_to(tree.resolve())
        if not inside or not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return None
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except (OSError, ValueError):
        return None


def _around(lines: list[str], failing: int) -> tuple[SourceLine, ...]:
    if not 1 <= failing <= len(lines):
        return ()
    first = max(failing - _CONTEXT, 1)
    return tuple(
        SourceLine(number, visible(lines[number - 1][:160]).replace("\t", "    ").rstrip(), number == failing)
        for number in range(first, min(failing + _CONTEXT, len(lines)) + 1)
    )
