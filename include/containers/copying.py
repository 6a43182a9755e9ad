"""Copying a folder that a container wrote, which is hostile: no link is followed, only files are taken."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import subprocess
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from include.containers.errors import FolderTooLargeError
from include.containers.spec import GIB

_FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
_FOLDER_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC
_PIECE = 1024 * 1024


@dataclass(frozen=True)
class CopyLimits:
    """How much is copied at most: entries of all folders together, bytes, and folders in each other."""

    entries: int = 20_000
    bytes: int = 2 * GIB
    depth: int = 40


@dataclass(frozen=True)
class Copied:
    """What came along, and what did not.

    Args:
        digests: SHA-256 in hexadecimal of each file, by its path with forward slashes.
        left_out: Paths of links, FIFOs, devices, sockets and files that can't be read.
    """

    digests: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


def copy_folder(source: Path, target: Path, limits: CopyLimits | None = None) -> Copied:
    """Copy a folder's plain files; they become ours, readable, and of this moment.

    Args:
        source: The folder; itself it is ours, its content is not.
        target: Where the copy is made; it must not exist.
        limits: The most that is copied.

    Raises:
        FolderTooLargeError: There is more than the limits allow; part of it was copied.
    """
    copying = _Copying(source, limits or CopyLimits())
    descriptor = os.open(source, _FOLDER_FLAGS)
    try:
        copying.folder(descriptor, target, PurePosixPath())
    finally:
        os.close(descriptor)
    return copying.copied


class _Copying:
    def __init__(self, root: Path, limits: CopyLimits) -> None:
        self._root, self._limits = root, limits
        self._entries = self._bytes = 0
        self.copied = Copied()

    def folder(self, descriptor: int, target: Path, path: PurePosixPath) -> None:
        target.mkdir(mode=0o755)
        with os.scandir(descriptor) as entries:
            for entry in entries:
                self._count(path)
                self._entry(entry.name, descriptor, target / entry.name, path / entry.name)

    def _count(self, path: PurePosixPath) -> None:
        self._entries += 1
        if self._entries > self._limits.entries:
            raise FolderTooLargeError(self._root, f"it has more than {self._limits.entries:,} files")
        if len(path.parts) > self._limits.depth:
            raise FolderTooLargeError(self._root, f"its folders are nested deeper than {self._limits.depth}")

    def _entry(self, name: str, folder: int, target: Path, path: PurePosixPath) -> None:
        try:
            # Looked at first: to open a device or FIFO can already have an effect.
            mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
            is_folder = stat.S_ISDIR(mode)
            if not is_folder and not stat.S_ISREG(mode):
                raise OSError
            descriptor = os.open(name, _FOLDER_FLAGS if is_folder else _FILE_FLAGS, dir_fd=folder)
        except OSError:
            self.copied.left_out.append(str(path))
            return
        try:
            if is_folder:
                self.folder(descriptor, target, path)
            else:
                self._file(descriptor, target, path)
        finally:
            os.close(descriptor)

    def _file(self, descriptor: int, target: Path, path: PurePosixPath) -> None:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
            self.copied.left_out.append(str(path))
            return
        self._weigh(status.st_size)  # a sparse file counts with all that it would take here
        digest, written = hashlib.sha256(), 0
        with target.open("xb") as sink:
            while piece := os.read(descriptor, _PIECE):
                written += len(piece)
                self._weigh(max(0, written - status.st_size))
                digest.update(piece)
                sink.write(piece)
        target.chmod(stat.S_IMODE(status.st_mode) & 0o777 | 0o600)
        self._bytes += max(written, status.st_size)
        self.copied.digests[str(path)] = digest.hexdigest()

    def _weigh(self, more: int) -> None:
        if self._bytes + more > self._limits.bytes:
            raise FolderTooLargeError(self._root, f"it holds more than {self._limits.bytes / GIB:.3g} GiB")


def read_inside(root: Path, path: str, max_bytes: int) -> bytes | None:
    """Return a plain file below a folder, following no link on the way; None where there is none such.

    Args:
        root: The folder; itself it is ours.
        path: Relative path with forward slashes.
        max_bytes: A larger file is none.
    """
    *folders, name = parts = PurePosixPath(path).parts
    if ".." in parts or "/" in parts:
        return None
    opened: list[int] = []
    try:
        opened.append(os.open(root, _FOLDER_FLAGS))
        for folder in folders:
            opened.append(os.open(folder, _FOLDER_FLAGS, dir_fd=opened[-1]))
        if not stat.S_ISREG(os.stat(name, dir_fd=opened[-1], follow_symlinks=False).st_mode):
            return None
        opened.append(os.open(name, _FILE_FLAGS, dir_fd=opened[-1]))
        status = os.fstat(opened[-1])
        if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1 or status.st_size > max_bytes:
            return None
        with os.fdopen(os.dup(opened[-1]), "rb") as stream:
            return stream.read(max_bytes)
    except OSError:
        return None
    finally:
        for descriptor in opened:
            os.close(descriptor)


def give_folder(path: Path, user: str) -> None:
    """Let a container's user write a folder of ours, `copy_folder`'s for example.

    Args:
        path: The folder.
        user: ``uid:gid``. Only root can give files to another user.
    """
    uid, gid = (int(part) for part in user.split(":"))
    if (uid, gid) != (os.getuid(), os.getgid()):
        for _, folders, files, descriptor in os.fwalk(path, follow_symlinks=False):
            os.fchown(descriptor, uid, gid)
            for name in (*folders, *files):
                os.chown(name, uid, gid, dir_fd=descriptor, follow_symlinks=False)


def remove_folder(path: Path) -> None:
    """Remove a folder that a container wrote in, whatever is in it; none there is fine."""
    try:
        shutil.rmtree(path)
    except FileNotFoundError:
        return
    except (OSError, RecursionError):
        # Folders without permissions, or nested deeper than Python goes: GNU's tools manage both.
        subprocess.run(["chmod", "-R", "u+rwX", "--", str(path)], check=False, capture_output=True)
        subprocess.run(["rm", "-rf", "--", str(path)], check=True, capture_output=True)
