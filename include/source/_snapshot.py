"""The files of a folder as git would store them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from include.source._blobs import git_blob_sha
from include.source.errors import UnreadableFolder

_LEFT_OUT = frozenset({".git", "__pycache__", ".DS_Store"})
# A tree with more text than this inside is one very large request; larger files go alone.
_MOST_TEXT_BYTES = 256 * 1024


@dataclass(frozen=True)
class File:
    """One file of the folder.

    Args:
        path: Relative, `/` between parts.
        data: Its bytes.
        sha: Its blob's SHA-1.
        executable: Whether its owner may run it.
    """

    path: str
    data: bytes
    sha: str
    executable: bool

    def text(self) -> str | None:
        """Return the file as text that comes back byte for byte; None for binary or large files."""
        if len(self.data) > _MOST_TEXT_BYTES or b"\0" in self.data:
            return None
        try:
            return self.data.decode("utf-8")
        except UnicodeDecodeError:
            return None


def read_folder(folder: Path) -> tuple[File, ...]:
    """Read every file, sorted by path.

    Raises:
        UnreadableFolder: no such folder, no file in it, or a link in it.
    """
    if not folder.is_dir():
        raise UnreadableFolder(f"{folder} is not a folder. Give the folder whose files to push.")
    files = tuple(_read(folder, path) for path in sorted(_walk(folder)))
    if not files:
        raise UnreadableFolder(f"{folder} has no file to push. Put the training code into it.")
    return files


def _walk(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in _LEFT_OUT]
        for name in [*folders, *names]:
            path = Path(root, name)
            if path.is_symlink():
                raise UnreadableFolder(
                    f"{path} is a symbolic link, which is not trained. Put the file there."
                )
        yield from (Path(root, name) for name in names if name not in _LEFT_OUT)


def _read(folder: Path, path: Path) -> File:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFolder(f"{path} can't be read: {error.strerror}. Correct its permissions.") from error
    executable = bool(path.stat().st_mode & 0o100)
    return File(path.relative_to(folder).as_posix(), data, git_blob_sha(data), executable)
