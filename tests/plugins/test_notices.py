"""Slack and webhooks by Airflow's own notifiers, against a real HTTP server: told once, failing no run."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from include.experiments.announcing import announce
from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.feedback import Pages
from include.notify import Notify
from include.report.notices import NoticeFailed
from plugins.hooks.ends import _announce
from plugins.hooks.notices import deliver_notices, send_notice
from tests.plugins.noticed import (
    MESSAGE,
    TOKEN,
    Receiver,
    claimed,
    connect,
    experiment,
    installation,
    receiver,
    receiving,
)

__all__ = ["claimed", "experiment", "installation", "receiver"]


def test_every_place_is_told_once_however_often_a_task_is_tried(
    installation: Installation, experiment: Experiment, receiver: Receiver
) -> None:
    for _ in range(2):
        announce(installation, str(experiment), "No accuracy after 0 trials")
        deliver_notices(installation, logging.getLogger("task"))
    assert [path for path, _, _ in receiver.requests] == [
        "/told",
        "/api/chat.postMessage",
        f"/services/{TOKEN}",
    ]


def test_a_webhook_gets_the_document_with_the_headers_of_its_connection(
    installation: Installation, experiment: Experiment, receiver: Receiver
) -> None:
    announce(installation, str(experiment), "No accuracy after 0 trials", "http://a.test/run")
    deliver_notices(installation, logging.getLogger("task"))
    _, headers, document = receiver.requests[0]
    assert (document["event"], document["links"]["run"]) == ("budget_spent", "http://a.test/run")
    assert headers["x-key"] == "k"
    assert headers["content-type"] == "application/json"
    assert headers["idempotency-key"] == f"{experiment}:budget_spent"


def test_text_of_a_push_is_no_template_to_any_notifier(
    installation: Installation, experiment: Experiment, receiver: Receiver
) -> None:
    announce(installation, str(experiment), f"No accuracy {MESSAGE}")
    deliver_notices(installation, logging.getLogger("task"))
    assert len(receiver.requests) == 3
    assert all("{{ 7 * 191 }}" in json.dumps(told) for _, _, told in receiver.requests)
    assert "1337" not in json.dumps([told for _, _, told in receiver.requests])


def test_slack_gets_channel_and_token_of_configuration_and_connection(
    installation: Installation, experiment: Experiment, receiver: Receiver
) -> None:
    announce(installation, str(experiment), "No accuracy after 0 trials")
    deliver_notices(installation, logging.getLogger("task"))
    _, headers, told = receiver.requests[1]
    assert headers["authorization"] == "Bearer xoxb-token"
    assert told["channel"] == "#ml"
    assert json.loads(told["blocks"])[0]["text"]["text"] == "⏳ No accuracy after 0 trials"


def test_a_place_that_is_away_is_told_later_and_holds_up_no_other(
    installation: Installation,
    experiment: Experiment,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with receiving() as gone:
        port = gone.port
    connect(monkeypatch, port)
    announce(installation, str(experiment), "No accuracy after 0 trials")
    with caplog.at_level(logging.INFO, "task"):
        deliver_notices(installation, logging.getLogger("task"))
    said = [record.getMessage() for record in caplog.records if record.name == "task"]
    assert len(said) == 3
    assert all("is delayed" in line for line in said)
    waiting = list(installation.settings.outbox.rglob("state.json"))
    assert TOKEN not in "".join([*said, *(path.read_text() for path in waiting)])
    with receiving(port) as back:
        for path in waiting:
            path.write_text(json.dumps({**json.loads(path.read_text()), "next_try": 0.0}))
        deliver_notices(installation, logging.getLogger("task"))
    assert len(back.requests) == 3


@pytest.mark.parametrize(
    ("place", "code", "answer", "permanent", "said"),
    [
        ({"webhook": "hook"}, 503, {}, False, "it answered 503"),
        ({"webhook": "hook"}, 404, {}, False, "it answered 404"),
        ({"webhook": "hook"}, 422, {}, True, "it answered 422"),
        ({"slack_webhook": "incoming"}, 404, {"e": "no_service"}, False, "it answered 404"),
        (
            {"slack": "team", "channel": "#x"},
            200,
            {"ok": False, "error": "channel_not_found"},
            False,
            "channel_not_found",
        ),
        (
            {"slack": "team", "channel": "#x"},
            200,
            {"ok": False, "error": "invalid_blocks"},
            True,
            "invalid_blocks",
        ),
        ({"webhook": "no_such_connection"}, 200, {}, False, "its Airflow connection is missing"),
    ],
)
def test_a_refusal_is_judged_by_whether_it_can_ever_be_taken(
    receiver: Receiver, place: dict[str, str], code: int, answer: dict[str, Any], permanent: bool, said: str
) -> None:
    receiver.answers.append((code, answer))
    with pytest.raises(NoticeFailed, match=said) as refused:
        send_notice(Notify(**place), {"text": "x", "blocks": []}, "event")
    assert refused.value.permanent is permanent


def test_whatever_goes_wrong_with_notices_fails_no_task(
    installation: Installation, experiment: Experiment, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    outbox = installation.settings.outbox
    outbox.mkdir(parents=True)
    (outbox / "notices").write_text("a file where a folder should be")
    log = logging.getLogger("task")
    _announce(installation, str(experiment), "No accuracy after 0 trials", Pages(), log)
    deliver_notices(installation, log)
    assert receiver.requests == []
    assert "could not be told" in caplog.text
