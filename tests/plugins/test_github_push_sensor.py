"""Which push a run is about: by what started it, and by what GitHub answers."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from airflow.sdk import DAG, Context
from airflow.sdk.exceptions import (
    AirflowFailException,
    AirflowSensorTimeout,
    AirflowSkipException,
    TaskDeferred,
)

from include.source import Push
from plugins.sensors.github_push import GitHubPushSensor
from plugins.triggers.github_push import GitHubHeadTrigger
from tests.include.source.github_double import GitHubDouble, Reply, running_double

A, B, C, D = (letter * 40 for letter in "abcd")
HEAD = "git/ref/heads/main"


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubDouble]:
    with running_double() as running:
        connection = {"conn_type": "github", "password": "test-token", "host": running.base_url}
        monkeypatch.setenv("AIRFLOW_CONN_GITHUB_DOUBLE", json.dumps(connection))
        for sha in (A, B, C, D):
            author = {"name": "Ann", "email": "ann@example.org"}
            running.on(f"git/commits/{sha}", Reply(200, {"sha": sha, "author": author, "message": "m"}))
        running.on(HEAD, Reply(200, {"object": {"sha": A}}))
        running.on("", Reply(200, {"default_branch": "main"}))
        running.on("commits", Reply(200, []))
        yield running


def sensor(**changes: Any) -> GitHubPushSensor:
    usual = {"repository": "o/r", "branch": "main", "github_conn_id": "github_double", "poke_interval": 5}
    return GitHubPushSensor(task_id="wait_for_push", **{**usual, **changes})


@dataclass(frozen=True)
class Event:
    """As much of an asset event as the sensor reads."""

    extra: Any
    timestamp: datetime = field(default_factory=lambda: datetime.now(UTC))


def from_trigger(sha: str, second: int, repository: str = "o/r") -> Event:
    payload = {"sha": sha, "branch": "main", "repository": repository}
    when = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
    return Event({"from_trigger": True, "payload": payload}, when)


class Inlet(list[Event]):
    """The events of an inlet; like Airflow's, `after` includes the moment that it names."""

    def after(self, moment: str) -> list[Event]:
        return [event for event in self if event.timestamp >= datetime.fromisoformat(moment)]


def context(*events: Event, inlet: Sequence[Event] = (), began: int = 10) -> Context:
    run = SimpleNamespace(start_date=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=began))
    return cast(
        "Context",
        {
            "triggering_asset_events": {"asset": list(events)} if events else {},
            "inlet_events": {"asset": Inlet([*events, *inlet])},
            "dag_run": run,
        },
    )


def test_a_scheduled_run_takes_the_head(double: GitHubDouble) -> None:
    found = sensor().execute(context())
    assert found["also"] == []
    push = Push.from_json(found["push"])
    assert (push.sha, push.branch, push.author_email) == (A, "main", "ann@example.org")
    assert json.loads(json.dumps(found)) == found


def test_a_run_on_the_default_branch_asks_which_it_is(double: GitHubDouble) -> None:
    assert sensor(branch=None).execute(context())["push"]["branch"] == "main"


@pytest.mark.parametrize("ref", [B, B.upper(), f" {B}\n"])
def test_a_named_sha_is_taken(double: GitHubDouble, ref: str) -> None:
    assert sensor(ref=ref).execute(context())["push"]["sha"] == B


def test_a_named_branch_is_taken(double: GitHubDouble) -> None:
    double.on("git/ref/heads/dev", Reply(200, {"object": {"sha": C}}))
    push = sensor(ref="dev").execute(context())["push"]
    assert (push["sha"], push["branch"]) == (C, "dev")


def test_a_known_sha_asks_github_nothing(double: GitHubDouble) -> None:
    known = Push("o/r", "main", B, "Ann", None, "m", "", "")
    found = sensor(ref=B, known={B: known}.get).execute(context())
    assert found == {"push": known.to_json(), "also": []}
    assert not double.requests


def test_an_unknown_sha_is_asked_for(double: GitHubDouble) -> None:
    assert sensor(ref=B, known=lambda sha: None).execute(context())["push"]["author_name"] == "Ann"


@pytest.mark.parametrize(
    ("events", "sha", "also"),
    [
        ([from_trigger(B, 1)], B, []),
        ([from_trigger(B, 1), from_trigger(C, 2), from_trigger(D, 3)], D, [B, C]),
        ([from_trigger(D, 3), from_trigger(B, 1), from_trigger(C, 2)], D, [B, C]),
        ([from_trigger(B, 1), from_trigger(C, 2), from_trigger(B, 3)], B, [C]),
        ([from_trigger(B, 1), from_trigger(C, 2, "other/one")], B, []),
        ([Event({"sha": C})], C, []),
        ([Event({}), Event(None), Event({"payload": "x"}), Event({"sha": "main"})], A, []),
    ],
    ids=["one", "merged", "unordered", "repeated", "another repository's", "a webhook's", "without a SHA"],
)
def test_the_newest_event_wins_and_older_pushes_are_named(
    double: GitHubDouble, events: list[Event], sha: str, also: list[str]
) -> None:
    found = sensor().execute(context(*events))
    assert (found["push"]["sha"], found["also"]) == (sha, also)


def test_a_push_that_came_while_the_run_was_made_is_named_too(double: GitHubDouble) -> None:
    """Airflow drops its place in the queue, so no run would be made of it."""
    missed = [from_trigger(C, 3), from_trigger(D, 4), from_trigger(B, 5)]
    found = sensor().execute(context(from_trigger(A, 1), from_trigger(B, 2), inlet=missed))
    assert (found["push"]["sha"], found["also"]) == (B, [A, C, D])


@pytest.mark.parametrize(("second", "also"), [(0, []), (10, [C]), (11, [])])
def test_a_push_before_or_after_the_making_of_the_run_has_a_run_of_its_own(
    double: GitHubDouble, second: int, also: list[str]
) -> None:
    found = sensor().execute(context(from_trigger(B, 1), inlet=[from_trigger(C, second)], began=10))
    assert (found["push"]["sha"], found["also"]) == (B, also)


def test_what_a_person_names_beats_the_events(double: GitHubDouble) -> None:
    found = sensor(ref=C).execute(context(from_trigger(B, 1)))
    assert (found["push"]["sha"], found["also"]) == (C, [])


TRANSIENT = [
    Reply(500, {}),
    Reply(200, text="<html>proxy</html>"),
    Reply(403, {"message": "API rate limit exceeded"}),
]


@pytest.mark.parametrize("reply", TRANSIENT, ids=["500", "not JSON", "rate limit"])
def test_trouble_that_passes_defers_to_the_triggerer(double: GitHubDouble, reply: Reply) -> None:
    double.on(f"git/commits/{C}", reply)
    with pytest.raises(TaskDeferred, match=r"^$") as deferred:
        sensor(timeout=77).execute(context(from_trigger(B, 1), from_trigger(C, 2)))
    trigger = deferred.value.trigger
    assert isinstance(trigger, GitHubHeadTrigger)
    assert (trigger.ref, trigger.repository, trigger.branch) == (C, "o/r", "main")
    assert deferred.value.timeout == timedelta(seconds=77)
    assert deferred.value.method_name == "execute_complete"
    assert deferred.value.kwargs == {"also": [B]}


def test_a_rate_limit_is_not_asked_again_before_it_ends(double: GitHubDouble) -> None:
    reset = int(time.time()) + 1000
    limited = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset)}
    double.on(HEAD, Reply(403, {"message": "API rate limit exceeded"}, limited))
    with pytest.raises(TaskDeferred, match=r"^$") as deferred:
        sensor().execute(context())
    assert deferred.value.trigger.not_before == pytest.approx(reset)


@pytest.mark.parametrize(
    ("reply", "match"),
    [
        (Reply(401, {"message": "Bad credentials"}), "valid token"),
        (Reply(403, {"message": "Forbidden"}), "Contents: read"),
        (Reply(404, {"message": "Not Found"}), "no branch 'main'"),
    ],
)
def test_what_a_person_must_mend_fails_at_once(double: GitHubDouble, reply: Reply, match: str) -> None:
    double.on("", Reply(200, {"default_branch": "trunk"}))
    double.on(HEAD, reply)
    with pytest.raises(AirflowFailException, match=match):
        sensor().execute(context())


def test_a_connection_that_is_missing_fails_at_once() -> None:
    with pytest.raises(AirflowFailException, match="'nowhere' can't be used"):
        sensor(github_conn_id="nowhere").execute(context())


def test_an_empty_repository_is_skipped(double: GitHubDouble) -> None:
    double.on(HEAD, Reply(409, {"message": "Git Repository is empty."}))
    with pytest.raises(AirflowSkipException, match="no commit yet"):
        sensor().execute(context())


def test_the_triggers_push_is_returned_with_the_older_ones() -> None:
    push = Push("o/r", "main", C, "Ann", None, "m", "", "").to_json()
    assert sensor().execute_complete(context(), {"push": push}, also=[B, C]) == {"push": push, "also": [B]}


@pytest.mark.parametrize(
    ("error", "ending"), [("EmptyRepository", AirflowSkipException), ("BadCredentials", AirflowFailException)]
)
def test_the_triggers_failure_ends_the_task(error: str, ending: type[Exception]) -> None:
    with pytest.raises(ending, match="what to do"):
        sensor().execute_complete(context(), {"error": error, "message": "what to do"})


def test_without_a_triggerer_it_waits_by_itself(double: GitHubDouble) -> None:
    double.on(HEAD, Reply(503, {}), Reply(200, {"object": {"sha": A}}))
    waiting = sensor(deferrable=False, poke_interval=0)
    assert waiting.execute(context())["push"]["sha"] == A


def test_without_a_triggerer_it_ends_at_its_timeout(double: GitHubDouble) -> None:
    double.on(HEAD, Reply(503, {}))
    with pytest.raises(AirflowSensorTimeout, match="timed out"):
        sensor(deferrable=False, poke_interval=0, timeout=0).execute(context())


def test_its_arguments_are_templates() -> None:
    with DAG("dag", schedule=None):
        task = sensor(ref="{{ dag_run.conf['sha'] }}", repository="{{ owner }}/r")
    rendering = {"dag_run": type("Run", (), {"conf": {"sha": B}}), "owner": "o"}
    task.render_template_fields(cast("Context", rendering))
    assert (task.ref, task.repository) == (B, "o/r")


def test_a_misspelt_argument_is_refused() -> None:
    with pytest.raises(TypeError, match="brnach"):
        sensor(brnach="main")
