"""The bound on a training's disk use: measured while it trains, which ends when it is passed.

The kernel bounds each file (RLIMIT_FSIZE, in `_options`), and the engine log and /tmp. What all files come to
together no engine bounds for a folder of the host, unless its file system has quotas, or root mounts one for
each trial. Measuring works on any machine. It reacts within about a quarter of a second, so a training can
overshoot by what it writes in that time.
"""

from __future__ import annotations

import errno
import logging
import os
import stat
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import requests
from docker.errors import DockerException

from include.containers._reading import clean_text
from include.containers.engine import Engine
from include.containers.spec import MIB, ContainerSpec

log = logging.getLogger(__name__)

# What each file and folder counts at least: ext4 has one inode for this many bytes, and they run out too.
ENTRY_BYTES = 16 * 1024
# Without permissions, or nested deeper than a path is long.
_HIDING = (errno.EACCES, errno.EPERM, errno.ENAMETOOLONG)
_BLOCK = 512  # the unit of st_blocks, whatever the file system
_LOOK_SECONDS = 0.2
_AT_LEAST_SECONDS = 5.0  # between measurements, should others free what this training takes
_SHARE = 4.0  # measuring takes at most a fifth of the time
_LEASE_SECONDS = 60.0


class HiddenFilesError(Exception):
    """A folder that a container wrote can't be looked into, so that its files can't be counted."""

    def __init__(self, path: str, cause: OSError) -> None:
        super().__init__(f"{cause.strerror} ({clean_text(path, 120)})")


def disk_use(folders: Iterable[Path], enough: int | None = None) -> int:
    """Return the bytes that hostile folders take on disk; links are not followed.

    Args:
        folders: They may change meanwhile.
        enough: Stop counting beyond this many bytes.

    Raises:
        HiddenFilesError: A folder can't be looked into.
    """
    total, linked = 0, set[tuple[int, int]]()
    waiting = [str(folder) for folder in folders]
    while waiting:
        for entry in _entries(waiting.pop()):
            status = _status(entry)
            if status is None or (status.st_dev, status.st_ino) in linked:
                continue
            if stat.S_ISDIR(status.st_mode):
                waiting.append(entry.path)
            elif status.st_nlink > 1:
                linked.add((status.st_dev, status.st_ino))
            total += _size(status)
            if enough is not None and total > enough:
                return total
    return total


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    with _countable(folder), os.scandir(folder) as entries:
        yield from entries


def _status(entry: os.DirEntry[str]) -> os.stat_result | None:
    with _countable(entry.path):
        return entry.stat(follow_symlinks=False)
    return None


@contextmanager
def _countable(path: str) -> Iterator[None]:
    """Let pass what is gone meanwhile, but not what is kept from being seen."""
    try:
        yield
    except OSError as error:
        if error.errno in _HIDING:
            raise HiddenFilesError(path, error) from error


def _size(status: os.stat_result) -> int:
    return max(status.st_blocks * _BLOCK, ENTRY_BYTES)


def held_open(pids: Iterable[int], device: int) -> int:
    """Return the bytes of files that have no name any more but that these processes still hold.

    Args:
        pids: Process ids on this host; those of others that we may not look into count nothing.
        device: Only files on this device, as in `st_dev`.
    """
    found: dict[int, int] = {}
    for pid in pids:
        for kind in ("fd", "map_files"):
            with suppress(HiddenFilesError):
                found |= _nameless(f"/proc/{pid}/{kind}", device)
    return sum(found.values())


def _nameless(folder: str, device: int) -> dict[int, int]:
    """Sizes by inode of the files without a name that a folder of `/proc` leads to."""
    found: dict[int, int] = {}
    for entry in _entries(folder):
        with suppress(OSError):
            status = Path(entry.path).stat()
            if stat.S_ISREG(status.st_mode) and not status.st_nlink and status.st_dev == device:
                found[status.st_ino] = _size(status)
    return found


class DiskGauge:
    """Knows when folders hold more than they may; measures only when they possibly do.

    Args:
        folders: The folders, all on one file system.
        limit: Bytes that they may hold together.
        pids: Gives the processes that may hold files there.
        clock: Gives seconds that never go back.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        limit: int,
        pids: Callable[[], Iterable[int]] = tuple,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folders, self._limit, self._pids, self._clock = folders, limit, pids, clock
        self._used = self._free = 0
        self._earliest = self._latest = 0.0

    def passed(self) -> str | None:
        """Return a sentence that says what is wrong, None as long as all is well."""
        now, free = self._clock(), self._free_bytes()
        suspect = self._free - free >= self._limit - self._used
        if now < self._earliest or (now < self._latest and not suspect):
            return None
        try:
            self._free, self._used = free, self._measure()
        except HiddenFilesError as error:
            return f"It hid files from being counted: {error}."
        took = self._clock() - now
        self._earliest = now + _SHARE * took
        self._latest = now + max(_AT_LEAST_SECONDS, 2 * _SHARE * took)
        if self._used <= self._limit:
            return None
        return f"Its files took more than the {self._limit / MIB:,.0f} MB of disk that a training may use."

    def _measure(self) -> int:
        visible = disk_use(self._folders, self._limit)
        if visible > self._limit:
            return visible
        return visible + held_open(self._pids(), self._folders[0].stat().st_dev)

    def _free_bytes(self) -> int:
        """What the whole file system has left, files counted as bytes: it takes microseconds to ask."""
        system = os.statvfs(self._folders[0])
        return system.f_bfree * system.f_frsize + system.f_ffree * ENTRY_BYTES


class DiskGuard(threading.Thread):
    """Watches what a container writes, in a thread of its own, and kills it when that is too much.

    Args:
        engine: Where the container runs.
        container_id: The container.
        spec: What it may write, and how much.
        on_excess: Called with a sentence before it is killed.
    """

    def __init__(
        self, engine: Engine, container_id: str, spec: ContainerSpec, on_excess: Callable[[str], None]
    ) -> None:
        super().__init__(name=f"disk-{container_id[:12]}", daemon=True)
        self.container_id = container_id
        self._engine, self._on_excess = engine, on_excess
        folders = [Path(mount.source) for mount in spec.mounts if not mount.read_only]
        self._gauge = DiskGauge(folders, spec.limits.disk_bytes, self._processes)
        self._over = threading.Event()
        self.renew()

    def renew(self) -> None:
        """Go on for another minute: whoever watches the training may be gone without a word."""
        self._until = time.monotonic() + _LEASE_SECONDS

    def end(self) -> None:
        """End, because the container has."""
        self._over.set()

    def run(self) -> None:
        """Look again and again."""
        while not self._over.wait(_LOOK_SECONDS) and time.monotonic() < self._until:
            try:
                why = self._gauge.passed()
                if why is not None:
                    self._on_excess(why)
                    self._engine.kill(self.container_id)  # at once: until it ends, it goes on writing
            except (DockerException, requests.RequestException, OSError) as error:
                log.warning("The disk use of %s is not known now: %s", self.container_id[:12], error)

    def _processes(self) -> list[int]:
        try:
            listed = self._engine.client.api.top(self.container_id, "-eo pid")
        except DockerException:  # it has just ended, and holds nothing any more
            return []
        return [int(row[0]) for row in listed["Processes"] or ()]  # None when it ends just now
