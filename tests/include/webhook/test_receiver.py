"""GitHub's requests: only what is signed counts, only watched branches start anything, and once."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from include.repositories import Repository
from include.webhook import Answer, Deliveries, PushEvent, Receiver, Sources
from include.webhook import deliveries as module
from tests.include.experiments.conftest import Clock
from tests.include.webhook.deliveries import OTHER, SECRET, A, B, push, sign

REPOSITORIES = (
    Repository(name="admin/mnist"),
    Repository(name="acme/digits", branch="dev", connection="acme"),
    Repository(name="no/secret", connection="silent"),
)


class Hook:
    """A receiver, and what it started."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.started: list[tuple[str, str | None]] = []
        self.asked = 0
        self.trouble: Exception | None = None
        self.receiver = Receiver(self._sources, Deliveries(folder, clock), self._start, clock)
        self.number = 0

    def _sources(self) -> Sources:
        self.asked += 1
        return Sources({"github_default": SECRET, "acme": OTHER, "silent": ""}, REPOSITORIES)

    def _start(self, repository: Repository, event: PushEvent) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.started.append((repository.name, event.sha))

    def send(
        self, document: Any, secret: str = SECRET, event: str = "push", delivery: str = "", **headers: str
    ) -> Answer:
        """Deliver a document as GitHub does."""
        self.number += 1
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        given = {
            "x-github-event": event,
            "x-github-delivery": delivery or f"delivery-{self.number}",
            "x-hub-signature-256": sign(body, secret),
            "content-type": "application/json",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        return self.receiver.receive({name: value for name, value in given.items() if value}, body)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hook(tmp_path: Path, clock: Clock) -> Hook:
    return Hook(tmp_path / "deliveries", clock)


def test_a_push_to_the_default_branch_is_started(hook: Hook) -> None:
    assert hook.send(push()) == Answer(202, "started")
    assert hook.started == [("admin/mnist", A)]


def test_the_repository_is_known_in_any_case_of_its_letters(hook: Hook) -> None:
    assert hook.send(push("Admin/MNIST")).status == 202
    assert hook.started == [("admin/mnist", A)]


def test_a_configured_branch_is_the_one_that_counts(hook: Hook) -> None:
    assert hook.send(push("acme/digits"), OTHER).said == "ignored: the branch is not watched"
    assert hook.send(push("acme/digits", "refs/heads/dev"), OTHER).status == 202


def test_a_form_is_read_as_well(hook: Hook) -> None:
    body = urlencode({"payload": json.dumps(push())}).encode()
    assert hook.send(body, content_type="application/x-www-form-urlencoded").status == 202


def test_a_ping_is_answered(hook: Hook) -> None:
    assert hook.send({"zen": "Keep it logically awesome."}, event="ping") == Answer(200, "pong")


@pytest.mark.parametrize("signature", ["", "sha1=" + "0" * 40, "sha256=", "sha256=" + "g" * 64, "0" * 64])
def test_nothing_unsigned_is_looked_at(hook: Hook, signature: str) -> None:
    answer = hook.send(push(), x_hub_signature_256=signature)
    assert answer == Answer(401, "a signature is needed")
    assert (hook.started, hook.asked) == ([], 0)


@pytest.mark.parametrize("secret", ["", "guess", SECRET + " ", OTHER.upper()])
@pytest.mark.parametrize("document", [push(), push("unknown/repository"), b"no json"])
def test_a_wrong_signature_is_refused_in_the_same_words_whatever_it_signs(
    hook: Hook, secret: str, document: Any
) -> None:
    assert hook.send(document, secret) == Answer(403, "the signature is not accepted")
    assert hook.started == []


def test_a_changed_body_is_refused(hook: Hook) -> None:
    body = json.dumps(push()).encode()
    assert hook.send(body.replace(b"main", b"evil"), x_hub_signature_256=sign(body, SECRET)).status == 403


def test_the_secret_of_one_connection_says_nothing_of_anothers_repository(hook: Hook) -> None:
    assert hook.send(push("acme/digits", "refs/heads/dev"), SECRET).said == (
        "ignored: the repository is not watched"
    )
    assert hook.send(push("no/secret"), SECRET).status == 200
    assert hook.started == []


IGNORED = [
    (push("else/where"), "the repository is not watched"),
    (push(ref="refs/heads/feature"), "the branch is not watched"),
    (push(ref="refs/heads/tuned/0123456789ab"), "the branch holds values that were tuned here"),
    (push(ref="refs/tags/v1"), "no branch got a commit"),
    (push(deleted=True), "no branch got a commit"),
    (push(sha="0" * 40), "no branch got a commit"),
]


@pytest.mark.parametrize(("document", "why"), IGNORED)
def test_what_is_not_watched_is_ignored(hook: Hook, document: Any, why: str) -> None:
    assert hook.send(document) == Answer(200, f"ignored: {why}")
    assert hook.started == []


@pytest.mark.parametrize("event", ["pull_request", "check_run", "", "PUSH"])
def test_other_events_are_ignored(hook: Hook, event: str) -> None:
    assert hook.send(push(), event=event) == Answer(200, "ignored: only pushes matter")


def test_a_default_branch_of_tuned_values_is_not_started(hook: Hook) -> None:
    document = push(ref="refs/heads/tuned/x")
    document["repository"]["default_branch"] = "tuned/x"
    assert hook.send(document).status == 200
    assert hook.started == []


BROKEN = [b"", b"{", b"[]", b"\xff", b'{"ref": 1}', b"[" * 100_000, json.dumps(push(sha="main")).encode()]


@pytest.mark.parametrize("body", BROKEN)
def test_a_signed_body_that_is_no_push_is_told_so(hook: Hook, body: bytes) -> None:
    answer = hook.send(body)
    assert answer.status == 400
    assert answer.said.startswith("the body is no push event of GitHub's: ")


def test_a_delivery_is_handled_once(hook: Hook) -> None:
    assert hook.send(push(), delivery="1").status == 202
    assert hook.send(push(), delivery="1") == Answer(200, "ignored: it was handled before")
    assert hook.started == [("admin/mnist", A)]


def test_a_replay_under_another_id_is_known_by_its_body(hook: Hook) -> None:
    hook.send(push(), delivery="1")
    assert hook.send(push(), delivery="2").said == "ignored: it was handled before"
    assert len(hook.started) == 1


def test_the_same_id_with_another_body_is_handled_before(hook: Hook) -> None:
    hook.send(push(), delivery="1")
    assert hook.send(push(sha=B), delivery="1").said == "ignored: it was handled before"


def test_another_process_knows_it_too(hook: Hook, tmp_path: Path, clock: Clock) -> None:
    hook.send(push(), delivery="1")
    other = Hook(tmp_path / "deliveries", clock)
    assert other.send(push(), delivery="1").said == "ignored: it was handled before"


def test_a_delivery_that_could_not_be_started_may_be_repeated(hook: Hook) -> None:
    hook.trouble = RuntimeError("the database is busy")
    with pytest.raises(RuntimeError, match="the database is busy"):
        hook.send(push(), delivery="1")
    hook.trouble = None
    assert hook.send(push(), delivery="1").status == 202


def test_a_replay_from_before_the_memory_is_too_old(hook: Hook, clock: Clock) -> None:
    clock.now = 1_000_000 + module.KEPT_SECONDS + 1
    assert hook.send(push()).said == "ignored: the push is too old"


def test_a_memory_that_was_removed_is_made_anew(hook: Hook, tmp_path: Path) -> None:
    hook.send(push(), delivery="1")
    shutil.rmtree(tmp_path / "deliveries")
    assert hook.send(push(sha=B), delivery="2").status == 202


def test_the_memory_is_bounded_in_number(
    hook: Hook, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST", 6)
    for number in range(1, 21):
        clock.now += 1_000
        hook.send(push(sha=f"{number:040x}"))
    assert len(list((tmp_path / "deliveries").iterdir())) <= 6 + 2
    assert len(hook.started) == 20
