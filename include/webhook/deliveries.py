"""What GitHub has delivered already: one empty file each, for some days, shared by all processes."""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path

# GitHub lets deliveries be repeated for three days.
KEPT_SECONDS = 4 * 86_400.0
_MOST = 20_000
_TIDY_SECONDS = 600.0


class Deliveries:
    """A bounded memory of deliveries.

    Args:
        folder: Made when it is missing.
        clock: Source of POSIX time.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._clock = clock
        self._tidied_at = 0.0

    def claim(self, delivery: str, body: bytes) -> bool:
        """Take a delivery for handling, unless its id or its very body was taken before.

        The id is not signed: a replay may give another one, but has the same body.

        Args:
            delivery: The header `X-GitHub-Delivery`.
            body: The raw body.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        self._tidy()
        claimed: list[Path] = []
        for path in self._paths(delivery, body):
            try:
                path.touch(exist_ok=False)
            except FileExistsError:
                for mine in claimed:
                    mine.unlink(missing_ok=True)
                return False
            claimed.append(path)
        return True

    def release(self, delivery: str, body: bytes) -> None:
        """Forget a delivery that could not be handled, so that GitHub's next try is."""
        for path in self._paths(delivery, body):
            path.unlink(missing_ok=True)

    def _paths(self, delivery: str, body: bytes) -> tuple[Path, Path]:
        keys = (b"id " + delivery.encode("utf-8", "replace"), b"body " + body)
        by_id, by_body = (self._folder / hashlib.sha256(key).hexdigest() for key in keys)
        return by_id, by_body

    def _tidy(self) -> None:
        now = self._clock()
        if now - self._tidied_at < _TIDY_SECONDS:
            return
        self._tidied_at = now
        ages = sorted((_modified(path), path) for path in self._folder.iterdir())
        for number, (modified, path) in enumerate(ages):
            if modified < now - KEPT_SECONDS or number < len(ages) - _MOST:
                path.unlink(missing_ok=True)


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # another process has tidied too
        return 0.0
