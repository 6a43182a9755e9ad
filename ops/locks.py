"""One process at a time: locks on files, which the kernel opens again whatever becomes of their holder."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ops.errors import OpsError


class BusyError(OpsError):
    """Another process holds the lock."""


@contextmanager
def locked(path: Path, *, busy: BusyError | None = None) -> Iterator[None]:
    """Hold a lock for as long as the block lasts.

    Args:
        path: Its file; made with its folder.
        busy: Raised where another process holds it; None waits for that one.

    Raises:
        BusyError: As given.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (fcntl.LOCK_NB if busy else 0))
        except BlockingIOError as error:
            if busy is None:
                raise
            raise busy from error
        yield
