"""Pushes of which GitHub has not been told everything: small files, one for each push, until it has.

feedback/pending/<key>.json   what is to be told, and when it is tried again
feedback/locks/<key>          held by the process that tells
"""

import fcntl
import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

log = logging.getLogger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = 30.0, 900.0
_GIVE_UP_SECONDS = 5 * 86_400.0


@dataclass(frozen=True)
class Pages:
    """Pages that tell more of a push.

    Args:
        run: Page of the DAG run with the newest news, or None.
        experiment: Page of the experiment, or None.
    """

    run: str | None = None
    experiment: str | None = None


@dataclass(frozen=True)
class Pending:
    """A push to be told of.

    Args:
        push: `owner/repository@sha`.
        noticed_at: POSIX time of the newest news.
        pages: Where more is told of them.
        attempts: How often telling them was begun.
        next_try: POSIX time before which it is not tried again.
    """

    push: str
    noticed_at: float
    pages: Pages = Pages()  # frozen
    attempts: int = 0
    next_try: float = 0.0


class PendingPushes:
    """The pushes to be told of, in a folder that any number of processes of one machine share.

    Args:
        folder: Made when it is missing.
        clock: Source of POSIX time.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._pending, self._locks = folder / "pending", folder / "locks"
        for place in (self._pending, self._locks):
            place.mkdir(parents=True, exist_ok=True)
        self._clock = clock

    def add(self, push: str, pages: Pages) -> Pending:
        """Note that there are news of a push; they take the place of older ones."""
        pending = Pending(push, self._clock(), pages)
        self._write(pending)
        return pending

    def due(self) -> list[Pending]:
        """What is to be tried now, oldest first."""
        now = self._clock()
        found = [self._read(path) for path in self._pending.glob("*.json")]
        due = [pending for pending in found if pending is not None and pending.next_try <= now]
        return sorted(due, key=lambda pending: (pending.noticed_at, pending.push))

    def done(self, pending: Pending) -> None:
        """Everything was told; later news stay."""
        if self._read(self._file(pending.push)) == pending:
            self._file(pending.push).unlink(missing_ok=True)

    def delay(self, pending: Pending, seconds: float | None) -> float | None:
        """Try again later: after `seconds`, else exponentially from 30 s to 15 minutes, for five days.

        Returns:
            Seconds until then; None where it is given up.
        """
        now = self._clock()
        if now - pending.noticed_at > _GIVE_UP_SECONDS:
            self.done(pending)
            return None
        backoff = min(_FIRST_PAUSE * 2.0 ** min(pending.attempts, 30), _LONGEST_PAUSE)
        pause = backoff if seconds is None else max(seconds, 1.0)
        if self._read(self._file(pending.push)) == pending:
            self._write(replace(pending, attempts=pending.attempts + 1, next_try=now + pause))
        return pause

    @contextmanager
    def telling(self, push: str) -> Iterator[bool]:
        """Let one process at a time tell of a push; gives False, without waiting, to any other."""
        handle = os.open(self._locks / _key(push), os.O_RDWR | os.O_CREAT, 0o644)
        try:
            yield _is_mine(handle)
        finally:
            os.close(handle)

    def _file(self, push: str) -> Path:
        return self._pending / f"{_key(push)}.json"

    def _read(self, path: Path) -> Pending | None:
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            return Pending(**{**document, "pages": Pages(**document["pages"])})
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, KeyError) as error:
            log.warning("%s can't be read (%s); it is removed; the next trial's end tells all.", path, error)
            path.unlink(missing_ok=True)
            return None

    def _write(self, pending: Pending) -> None:
        path = self._file(pending.push)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.write_text(json.dumps(asdict(pending)), encoding="utf-8")
        draft.replace(path)


def _is_mine(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _key(push: str) -> str:
    return push.replace("/", "__")
