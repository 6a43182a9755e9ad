"""Waiting for GitHub in the triggerer: for the next push, or for the end of an outage."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from airflow.triggers.base import BaseEventTrigger, BaseTrigger, TriggerEvent

from include.source import BranchWatch, Patience, Push, SourceError, resolve
from plugins.hooks.github_api import connect

WATERMARK = "sha"
# The triggerer writes an event to the database within about a second of the yield. The watermark is
# written later than that: a triggerer killed in between repeats a push (which is trained once all the
# same) rather than losing it.
SETTLE_SECONDS = 2.0


def _event(payload: dict[str, Any]) -> TriggerEvent:
    return TriggerEvent(payload)  # type: ignore[no-untyped-call]  # Airflow's has no types


class GitHubPushTrigger(BaseEventTrigger):
    """Fires once for each push to a branch, for an asset watcher; never ends.

    The payload of its events is `{"sha", "branch", "repository"}`. Its watermark lives in the asset's
    state store, so a restart repeats nothing. Use one watcher for each repository and branch.

    Args:
        repository: `owner/repo`.
        branch: The branch; None for the default branch.
        github_conn_id: The Airflow connection.
        poll_interval: Seconds between two polls.
    """

    def __init__(
        self,
        repository: str,
        branch: str | None = None,
        github_conn_id: str = "github_default",
        poll_interval: float = 10.0,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Airflow's has no types
        self.repository = repository
        self.branch = branch
        self.github_conn_id = github_conn_id
        self.poll_interval = poll_interval

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the class path and plain arguments: never a token."""
        return "plugins.triggers.github_push.GitHubPushTrigger", {
            "repository": self.repository,
            "branch": self.branch,
            "github_conn_id": self.github_conn_id,
            "poll_interval": self.poll_interval,
        }

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield one event for each push, oldest first; any failure is logged, waited out and tried again."""
        watch = BranchWatch(partial(connect, self.github_conn_id), self.repository, self.branch)
        patience = Patience(self.poll_interval)
        saved = last = None
        is_recalled = False
        self.log.info("Watching %s@%s every %g s.", self.repository, self.branch or "", self.poll_interval)
        while True:
            news: tuple[str, ...] = ()
            pause = self.poll_interval
            try:
                if not is_recalled:
                    saved = last = await self._recall()
                    is_recalled = True
                if last != saved:
                    saved = await self._remember(last)
                news = await asyncio.to_thread(watch.news, last)
                self._tell_recovery(patience.reset())
            except SourceError as error:
                if patience.is_new(error):
                    self.log.warning("%s", error)
                pause = patience.pause(error, time.time())
            except Exception as error:
                if patience.is_new(error):
                    self.log.exception("Polling %s failed; trying again.", self.repository)
                pause = patience.pause(error, time.time())
            for sha in news:
                yield _event({"sha": sha, "branch": watch.branch, "repository": self.repository})
                last = sha
            await asyncio.sleep(min(SETTLE_SECONDS, pause) if news else pause)

    async def _recall(self) -> str | None:
        """The newest SHA of an earlier life."""
        if self.asset_state_store is None:
            return None
        sha = await self.asset_state_store.aget(WATERMARK)
        return str(sha) if sha else None

    async def _remember(self, sha: str | None) -> str | None:
        if self.asset_state_store is not None and sha is not None:
            await self.asset_state_store.aset(WATERMARK, sha)
        return sha

    def _tell_recovery(self, failures: int) -> None:
        if failures:
            self.log.info("%s answers again after %d failed polls.", self.repository, failures)


class GitHubHeadTrigger(BaseTrigger):
    """Waits out an outage or a rate limit, then finds the push that a deferred sensor asked for.

    Fires once: `{"push": …}`, or `{"error": class name, "message": …}` for what waiting can't mend.

    Args:
        repository: `owner/repo`.
        branch: The branch; None for the default branch.
        github_conn_id: The Airflow connection.
        ref: A SHA or branch; "" for the head of `branch`.
        poll_interval: Seconds between two polls.
        not_before: Unix seconds before which asking is useless.
    """

    def __init__(
        self,
        repository: str,
        branch: str | None = None,
        github_conn_id: str = "github_default",
        ref: str = "",
        poll_interval: float = 10.0,
        not_before: float = 0.0,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Airflow's has no types
        self.repository = repository
        self.branch = branch
        self.github_conn_id = github_conn_id
        self.ref = ref
        self.poll_interval = poll_interval
        self.not_before = not_before

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the class path and plain arguments: never a token."""
        return "plugins.triggers.github_push.GitHubHeadTrigger", {
            "repository": self.repository,
            "branch": self.branch,
            "github_conn_id": self.github_conn_id,
            "ref": self.ref,
            "poll_interval": self.poll_interval,
            "not_before": self.not_before,
        }

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield the one event."""
        patience = Patience(self.poll_interval)
        await asyncio.sleep(max(0.0, self.not_before - time.time()))
        while True:
            try:
                push = await asyncio.to_thread(self._find)
            except SourceError as error:
                if not error.transient:
                    yield _event({"error": type(error).__name__, "message": str(error)})
                    return
                if patience.is_new(error):
                    self.log.warning("%s", error)
                await asyncio.sleep(patience.pause(error, time.time()))
            else:
                yield _event({"push": push.to_json()})
                return

    def _find(self) -> Push:
        return resolve(connect(self.github_conn_id), self.repository, self.ref, self.branch)
