"""How long to wait before asking GitHub again."""

from __future__ import annotations

import random

from include.source.errors import EmptyRepository, SourceError

LONGEST_SECONDS = 60.0
_JITTER = 0.25


class Patience:
    """Counts failures in a row and turns each into a wait.

    Args:
        interval: Seconds between two polls when all is well.
    """

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self.failures = 0
        self._problem: type[Exception] | None = None

    def is_new(self, error: Exception) -> bool:
        """Tell whether this is another problem than last time, so that it is worth a line in the log."""
        is_new = self._problem is not type(error)
        self._problem = type(error)
        return is_new

    def pause(self, error: Exception, now: float) -> float:
        """Return the seconds to wait after `error`.

        As long as GitHub says; one poll while the repository is empty; exponentially from 1 s to
        60 s for what may pass by itself; and for what a person must mend, 6 polls but at most 60 s.

        Args:
            error: What happened.
            now: Unix seconds.
        """
        self.failures += 1
        if isinstance(error, EmptyRepository):
            return self._interval
        if isinstance(error, SourceError) and (said := error.retry_after(now)) is not None:
            return said + random.uniform(0, 2)  # noqa: S311  # not all watchers in the same instant
        if isinstance(error, SourceError) and not error.transient:
            return min(LONGEST_SECONDS, 6 * self._interval)
        backoff = min(LONGEST_SECONDS, 2.0 ** (min(self.failures, 10) - 1))
        return backoff * random.uniform(1 - _JITTER, 1)  # noqa: S311

    def reset(self) -> int:
        """Forget the failures, now that all is well; return how many they were."""
        failures, self.failures, self._problem = self.failures, 0, None
        return failures
