"""The triggers that wait for GitHub: not before, but after; whatever happens, and across restarts."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any
from unittest.mock import create_autospec

import pytest
from airflow.sdk import Asset, AssetWatcher
from airflow.sdk.execution_time.context import AssetStateStoreAccessors
from airflow.triggers.base import BaseEventTrigger, BaseTrigger, TriggerEvent
from github import Github

from plugins.hooks.github_api import connect as open_connection
from plugins.triggers import github_push
from plugins.triggers.github_push import GitHubHeadTrigger, GitHubPushTrigger
from tests.include.source.github_double import GitHubDouble, Reply, running_double

A, B, C = (letter * 40 for letter in "abc")
HEAD = "git/ref/heads/main"


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubDouble]:
    with running_double() as running:
        connection = {"conn_type": "github", "password": "test-token", "host": running.base_url}
        monkeypatch.setenv("AIRFLOW_CONN_GITHUB_DOUBLE", json.dumps(connection))
        monkeypatch.setattr(github_push, "SETTLE_SECONDS", 0.01)
        yield running


class Memory:
    """What the asset's state store keeps; `store` speaks its interface."""

    def __init__(self, **kept: str) -> None:
        self.kept: dict[str, Any] = dict(kept)
        self.writes: list[str] = []
        self.store = create_autospec(AssetStateStoreAccessors, instance=True)
        self.store.aget.side_effect = self._get
        self.store.aset.side_effect = self._set

    async def _get(self, key: str, default: object = None) -> object:
        return self.kept.get(key, default)

    async def _set(self, key: str, value: str) -> None:
        self.kept[key] = value
        self.writes.append(value)


def ref(sha: str) -> Reply:
    return Reply(200, {"object": {"sha": sha}})


def watcher(memory: Memory | None = None, branch: str | None = "main") -> GitHubPushTrigger:
    trigger = GitHubPushTrigger("o/r", branch, "github_double", poll_interval=0.01)
    trigger.asset_state_store = memory.store if memory else None
    return trigger


class Running:
    """A trigger that runs in the background, as in the triggerer."""

    def __init__(self, trigger: BaseTrigger, double: GitHubDouble) -> None:
        self.events: asyncio.Queue[TriggerEvent] = asyncio.Queue()
        self._double = double
        self._task = asyncio.create_task(self._collect(trigger))

    async def _collect(self, trigger: BaseTrigger) -> None:
        events: AsyncIterator[TriggerEvent] = trigger.run()
        async for event in events:
            self.events.put_nowait(event)

    async def next_sha(self) -> str:
        event = await asyncio.wait_for(self.events.get(), 30)
        return str(event.payload["sha"])

    async def polls(self, count: int) -> None:
        """Wait until `count` more polls of the head were answered and digested."""
        target = self._polls() + count + 1  # when the next one is asked, the last one is digested
        async with asyncio.timeout(30):
            while self._polls() < target:
                self._task.done() and self._task.result()
                await asyncio.sleep(0.005)

    def _polls(self) -> int:
        return sum(request.path.endswith(HEAD) for request in self._double.requests)

    async def stop(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task


@contextlib.asynccontextmanager
async def running(trigger: BaseTrigger, double: GitHubDouble) -> AsyncIterator[Running]:
    run = Running(trigger, double)
    try:
        yield run
    finally:
        await run.stop()


def inflate(trigger: BaseTrigger) -> BaseTrigger:
    """Do what the triggerer does with a stored row: import the class, call it with the arguments."""
    path, arguments = trigger.serialize()
    module, _, name = path.rpartition(".")
    assert (module, name) == (type(trigger).__module__, type(trigger).__name__)
    return type(trigger)(**json.loads(json.dumps(arguments)))


@pytest.mark.parametrize(
    "trigger",
    [
        GitHubPushTrigger("o/r", "dev", "ghe", 3.5),
        GitHubPushTrigger("o/r"),
        GitHubHeadTrigger("o/r", "dev", "ghe", A, 3.5, 1234.5),
        GitHubHeadTrigger("o/r"),
    ],
)
def test_a_trigger_survives_serialization(trigger: BaseTrigger) -> None:
    assert inflate(trigger).serialize() == trigger.serialize()


def test_a_trigger_serializes_no_token(double: GitHubDouble) -> None:
    assert "test-token" not in repr(watcher().serialize())


def test_an_asset_watcher_takes_the_trigger() -> None:
    trigger = GitHubPushTrigger("o/r")
    watched = Asset(name="pushes", watchers=[AssetWatcher(name="w", trigger=trigger)])
    assert isinstance(trigger, BaseEventTrigger)
    assert watched.watchers[0].trigger is trigger


async def test_it_fires_after_a_push_and_not_before(double: GitHubDouble) -> None:
    double.on(HEAD, ref(A))
    async with running(watcher(Memory(sha=A)), double) as run:
        await run.polls(3)
        assert run.events.empty()
        double.on(HEAD, ref(B))
        assert await run.next_sha() == B
        await run.polls(3)
        assert run.events.empty()


async def test_the_first_head_ever_seen_is_a_push(double: GitHubDouble) -> None:
    double.on("", Reply(200, {"default_branch": "main"}))
    double.on(HEAD, ref(A))
    async with running(watcher(Memory(), branch=None), double) as run:
        event = await asyncio.wait_for(run.events.get(), 30)
    assert event.payload == {"sha": A, "branch": "main", "repository": "o/r"}


async def test_every_push_between_two_polls_fires_oldest_first(double: GitHubDouble) -> None:
    double.on(HEAD, ref(C))
    pushes = [(B, C), (A, B)]
    activity = [{"before": old, "after": new, "activity_type": "push"} for old, new in pushes]
    double.on("activity", Reply(200, activity))
    async with running(watcher(Memory(sha=A)), double) as run:
        assert [await run.next_sha(), await run.next_sha()] == [B, C]


async def test_a_restart_repeats_nothing(double: GitHubDouble) -> None:
    memory = Memory()
    double.on(HEAD, ref(A))
    async with running(watcher(memory), double) as run:
        assert await run.next_sha() == A
        await run.polls(2)
    assert memory.kept == {"sha": A}
    async with running(watcher(memory), double) as run:
        await run.polls(3)
        assert run.events.empty()
        double.on(HEAD, ref(B))
        assert await run.next_sha() == B


async def test_the_watermark_is_written_after_the_event(double: GitHubDouble) -> None:
    memory = Memory()
    double.on(HEAD, ref(A))
    events = watcher(memory).run()
    await anext(events)
    assert memory.writes == []


async def test_a_state_store_that_fails_stops_nothing(double: GitHubDouble) -> None:
    memory = Memory()
    answers = iter([ConnectionError("api-server restarts"), ConnectionError("again")])
    real = memory._set

    async def failing(key: str, value: str) -> None:
        if (error := next(answers, None)) is not None:
            raise error
        await real(key, value)

    memory.store.aset.side_effect = failing
    double.on(HEAD, ref(A))
    async with running(watcher(memory), double) as run:
        assert await run.next_sha() == A
        double.on(HEAD, ref(B))
        assert await run.next_sha() == B
        await run.polls(2)
    assert memory.writes == [A, B]


TROUBLE = [
    Reply(500, {"message": "boom"}),
    Reply(502, text="<html>"),
    Reply(401, {"message": "Bad credentials"}),
    Reply(
        403, {"message": "API rate limit exceeded"}, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}
    ),
    Reply(404, {"message": "Not Found"}),
    Reply(409, {"message": "Git Repository is empty."}),
    Reply(200, {"surprise": True}),
]


@pytest.mark.parametrize(
    "trouble", TROUBLE, ids=["500", "502", "401", "rate limit", "404", "empty", "nonsense"]
)
async def test_it_outlives_every_failure(double: GitHubDouble, trouble: Reply) -> None:
    double.on(HEAD, trouble, ref(A))
    async with running(watcher(), double) as run:
        assert await run.next_sha() == A


async def test_one_problem_is_one_line_in_the_log(
    double: GitHubDouble, capsys: pytest.CaptureFixture[str]
) -> None:
    double.on(HEAD, *[Reply(401, {"message": "Bad credentials"})] * 4, ref(A))
    async with running(watcher(), double) as run:
        assert await run.next_sha() == A
    log = capsys.readouterr().out
    assert log.count("Put a valid token") == 1
    assert "o/r answers again after 4 failed polls." in log
    assert "test-token" not in log


async def test_a_missing_connection_is_waited_for(
    double: GitHubDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = {"conn_type": "github", "password": "test-token", "host": double.base_url}
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()

    def connect(github_conn_id: str) -> Github:
        loop.call_soon_threadsafe(asked.set)
        return open_connection(github_conn_id)

    monkeypatch.setattr(github_push, "connect", connect)
    double.on(HEAD, ref(A))
    trigger = GitHubPushTrigger("o/r", "main", "github_later", poll_interval=0.01)
    async with running(trigger, double) as run:
        await asyncio.wait_for(asked.wait(), 30)
        assert run.events.empty()
        monkeypatch.setenv("AIRFLOW_CONN_GITHUB_LATER", json.dumps(connection))
        assert await run.next_sha() == A


async def only_event(trigger: GitHubHeadTrigger) -> dict[str, Any]:
    events = [event async for event in trigger.run()]
    assert len(events) == 1
    return dict(events[0].payload)


async def test_a_deferred_sensor_gets_its_push_once_the_outage_is_over(double: GitHubDouble) -> None:
    limited = Reply(429, {"message": "slow down"}, {"Retry-After": "0.01"})
    double.on(HEAD, Reply(503, {}), limited, ref(A))
    double.on(f"git/commits/{A}", Reply(200, {"sha": A, "author": {"name": "Ann", "email": "a@x.org"}}))
    payload = await only_event(GitHubHeadTrigger("o/r", "main", "github_double", poll_interval=0.01))
    assert payload["push"]["sha"] == A
    assert payload["push"]["author_email"] == "a@x.org"


async def test_a_deferred_sensor_is_told_what_waiting_can_not_mend(double: GitHubDouble) -> None:
    double.on(HEAD, Reply(503, {}), Reply(401, {"message": "Bad credentials"}))
    payload = await only_event(GitHubHeadTrigger("o/r", "main", "github_double", poll_interval=0.01))
    assert payload["error"] == "BadCredentials"
    assert "valid token" in payload["message"]
