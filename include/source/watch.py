"""A branch watched poll by poll: what is new since a given SHA."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from include.source.errors import BranchNotFound, RateLimited, SourceError
from include.source.head import default_branch, poll_head, pushes_since, watchable

if TYPE_CHECKING:
    from github import Github

log = logging.getLogger(__name__)


class BranchWatch:
    """Polls one branch over one connection that is opened when needed and again after a failure.

    Args:
        connect: Returns a client; called again after failures, so that mended credentials are seen.
        repository: `owner/repo`.
        branch: The branch; None follows the default branch, also when it is renamed.
    """

    def __init__(self, connect: Callable[[], Github], repository: str, branch: str | None) -> None:
        self._connect = connect
        self.repository = repository
        self._configured = branch
        self._client: Github | None = None
        self.branch = branch
        self._etag: str | None = None

    def news(self, last: str | None) -> tuple[str, ...]:
        """Return the SHAs pushed since `last`, oldest first; the first head ever seen is news too.

        Args:
            last: The newest SHA that is known; None when there is none.

        Raises:
            SourceError: what went wrong; the next call starts afresh.
        """
        try:
            return self._news(last)
        except RateLimited:
            raise
        except SourceError as error:
            self._client = self._etag = None
            if isinstance(error, BranchNotFound):
                self.branch = self._configured
            raise

    def _news(self, last: str | None) -> tuple[str, ...]:
        self._client = client = self._client or self._connect()
        branch = watchable(self.repository, self.branch or default_branch(client, self.repository))
        self.branch = branch
        found = poll_head(client, self.repository, branch, self._etag if last else None)
        if found.sha is None or found.sha == last:
            self._etag = found.etag
            return ()
        news = (
            (found.sha,) if last is None else pushes_since(client, self.repository, branch, last, found.sha)
        )
        self._etag = found.etag  # only now: had the activity failed, this head would be lost behind a 304
        return news
