"""Which push is this DAG run about?"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NoReturn, Protocol, TypedDict

from airflow.sdk import BaseSensorOperator, Context, PokeReturnValue
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from include.source import EmptyRepository, Push, SourceError, is_sha, resolve
from plugins.hooks.github_api import connect
from plugins.triggers.github_push import GitHubHeadTrigger


class Found(TypedDict):
    """What the sensor returns.

    `push` is `Push.to_json()`; `also` are the SHAs of other pushes that get no run of their own from Airflow:
    older ones that were merged into this run, and newer ones that came while Airflow made it.
    """

    push: dict[str, str | None]
    also: list[str]


def _payload(extra: object) -> dict[str, str]:
    """What an asset event says of its push; a webhook relay leaves out the trigger's `payload` level."""
    document = extra.get("payload", extra) if isinstance(extra, dict) else {}
    return document if isinstance(document, dict) and is_sha(str(document.get("sha", ""))) else {}


class _Event(Protocol):
    """As much of an asset event as is read here."""

    extra: Any
    timestamp: datetime


def _missed(newest: datetime, context: Context) -> Iterator[_Event]:
    """Events of the task's inlets that came after the run's newest one and before the run began.

    Such an event finds the DAG queued already, for the event before it. The scheduler then makes a run of
    the events up to the moment of queueing, and empties the queue: no run is made of it until the next push.
    """
    began = context["dag_run"].start_date
    for asset in context["inlet_events"]:
        for event in context["inlet_events"][asset].after(newest.isoformat()):
            if began is not None and newest < event.timestamp <= began:
                yield event


class GitHubPushSensor(BaseSensorOperator):
    """Finds the push of a run: what `ref` names, else the newest asset event, else the branch's head.

    GitHub in trouble (rate limit, 5xx, time-out) defers to the triggerer, which spends no worker. What
    a person must mend fails the task at once, with the remedy; an empty repository skips it.

    Declare the asset that schedules the DAG as an inlet too: Airflow starts no run for an event that comes
    while it makes a run of the one before it, and this is where such an event is found.

    Args:
        repository: `owner/repo`.
        branch: The branch; None for the default branch.
        github_conn_id: The Airflow connection.
        ref: A SHA or the name of a branch, usually a template on the run's conf; "" when there is none.
        known: Returns the Push of a SHA that needs no look-up at GitHub, or None.
        deferrable: False waits in the worker (or rescheduled) instead of the triggerer.
    """

    template_fields: Sequence[str] = ("repository", "branch", "github_conn_id", "ref")
    ui_color = "#d7e8fb"

    def __init__(
        self,
        *,
        repository: str,
        branch: str | None = None,
        github_conn_id: str = "github_default",
        ref: str = "",
        known: Callable[[str], Push | None] | None = None,
        deferrable: bool = True,
        poke_interval: timedelta | float = 10.0,
        timeout: timedelta | float = timedelta(hours=6),
        **kwargs: Any,  # the base operator's own arguments, which refuses unknown ones
    ) -> None:
        super().__init__(poke_interval=poke_interval, timeout=timeout, **kwargs)
        self.repository = repository
        self.branch = branch
        self.github_conn_id = github_conn_id
        self.ref = ref
        self.known = known
        self.deferrable = deferrable

    def execute(self, context: Context) -> Found:
        """Return the push, or defer until GitHub can tell it.

        Raises:
            AirflowFailException: a person must mend something; the message says what.
            AirflowSkipException: the repository has no commit yet.
            AirflowSensorTimeout: GitHub was unavailable for longer than `timeout`.
        """
        if not self.deferrable:
            found: Found = super().execute(context)
            return found
        try:
            return self.find(context)
        except SourceError as error:
            if not error.transient:
                self.end(type(error).__name__, str(error))
            self._wait(error, context)

    def poke(self, context: Context) -> PokeReturnValue:
        """Ask once, for use without a triggerer."""
        try:
            return PokeReturnValue(is_done=True, xcom_value=self.find(context))
        except SourceError as error:
            if not error.transient:
                self.end(type(error).__name__, str(error))
            self.log.warning("%s", error)
            return PokeReturnValue(is_done=False)

    def find(self, context: Context) -> Found:
        """Return the run's push; raises SourceError."""
        ref, also = self.wanted(context)
        push = self.known(ref) if self.known and is_sha(ref) else None
        push = push or resolve(connect(self.github_conn_id), self.repository, ref, self.branch or None)
        self.log.info("Push %s on %s@%s by %s.", push.sha, push.repository, push.branch, push.author_name)
        return Found(push=push.to_json(), also=[sha for sha in also if sha != push.sha])

    def wanted(self, context: Context) -> tuple[str, list[str]]:
        """Return the ref to look up ("" for the branch's head), and the other SHAs that are this run's."""
        if ref := str(self.ref or "").strip():
            return ref, []
        by_asset = context.get("triggering_asset_events") or {}
        events = sorted((e for group in by_asset.values() for e in group), key=lambda event: event.timestamp)
        newest_first = list(dict.fromkeys(reversed(self._shas(events))))
        if not newest_first:
            return "", []
        merged = newest_first[:0:-1]
        missed = dict.fromkeys(self._shas(_missed(events[-1].timestamp, context)))
        return newest_first[0], [*merged, *(sha for sha in missed if sha not in newest_first)]

    def _shas(self, events: Iterable[_Event]) -> list[str]:
        payloads = [_payload(event.extra) for event in events]
        return [p["sha"] for p in payloads if p and p.get("repository", self.repository) == self.repository]

    def _wait(self, error: SourceError, context: Context) -> NoReturn:
        now = time.time()
        wait = error.retry_after(now)
        wait = float(self.poke_interval) if wait is None else wait
        ref, also = self.wanted(context)
        self.log.warning("%s Waiting in the triggerer.", error)
        self.defer(
            trigger=GitHubHeadTrigger(
                repository=self.repository,
                branch=self.branch or None,
                github_conn_id=self.github_conn_id,
                ref=ref,
                poll_interval=float(self.poke_interval),
                not_before=now + wait,
            ),
            method_name="execute_complete",
            kwargs={"also": also},
            timeout=timedelta(seconds=self.timeout),
        )

    def execute_complete(self, context: Context, event: dict[str, Any], also: Sequence[str] = ()) -> Found:
        """Return what the trigger found, or end as `execute` does."""
        del context
        if "error" in event:
            self.end(str(event["error"]), str(event["message"]))
        push = Push.from_json(event["push"])
        return Found(push=push.to_json(), also=[sha for sha in also if sha != push.sha])

    def end(self, error: str, message: str) -> NoReturn:
        """End the task for a failure that waiting can't mend; `error` is the exception's class name."""
        if error == EmptyRepository.__name__:
            raise AirflowSkipException(message)
        raise AirflowFailException(message)
