"""What webhooks and Slack are told: the documented keys, and push text that means nothing but itself."""

import json
import re

import pytest

from include.report.payload import Event, payload
from include.report.slack import slack_message
from include.settings import PROJECT_ROOT
from tests.include.report.samples import PUSHED, SHA, make_report, make_verdict

EVENT = Event(
    f"admin/mnist@{SHA}:target_met", "target_met", "0.981 ≥ 0.970 after 4 trials · admin/mnist@abc1234"
)
HOSTILE = "<!channel> <@U123> <http://evil.test|click> *bold* :smile: & {{ 7 * 7 }}"


def test_a_webhook_gets_what_a_program_needs() -> None:
    document = json.loads(json.dumps(payload(EVENT, make_report())))
    assert document["event"] == "target_met"
    assert document["event_id"] == f"admin/mnist@{SHA}:target_met"
    assert document["headline"].startswith("0.981 ≥ 0.970")
    assert (document["repository"], document["sha"]) == ("admin/mnist", SHA)
    assert (document["accuracy"], document["target"], document["trials"]) == (0.981, 0.97, 4)
    assert document["best"]["values"] == {**PUSHED, "filters": 32}
    assert document["pushed_values"] == PUSHED
    assert document["relaunches"] == 2
    assert document["links"]["commit"] == f"https://github.com/admin/mnist/commit/{SHA}"
    assert document["links"]["pull_request"] is None


def test_a_push_that_was_not_trained_has_its_verdict_and_no_best_trial() -> None:
    event = Event("e", "not_trainable", "Not a CNN", verdict=make_verdict())
    document = payload(event, make_report(trials=(), best=None, winning_values={}))
    assert (document["best"], document["accuracy"], document["trials"]) == (None, None, 0)
    assert document["verdict"] == {
        "kind": "not_cnn",
        "what": "dense network",
        "reason": "It has only Dense layers.",
    }


def test_every_key_of_the_document_is_documented() -> None:
    page = (PROJECT_ROOT / "docs" / "notifications.md").read_text()
    report = make_report(pull_request_url="https://github.com/admin/mnist/pull/1")
    document = payload(Event("e", "target_met", "x", verdict=make_verdict()), report)
    keys = [*document, *document["best"], *document["links"], *document["verdict"], *document["model"]]
    assert [key for key in keys if f"`{key}`" not in page] == []


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://a.test/ x", 'http://a.test/"><'])
def test_only_web_addresses_become_links(url: str) -> None:
    links = ("commit_url", "run_url", "experiment_url", "pull_request_url")
    report = make_report(**dict.fromkeys(links, url))
    assert set(payload(EVENT, report)["links"].values()) == {None}
    assert url not in json.dumps(slack_message(EVENT, report))


def test_nothing_of_a_push_means_anything_to_slack() -> None:
    report = make_report(
        message=HOSTILE,
        author_name=HOSTILE,
        branch=HOSTILE,
        winning_values={HOSTILE: HOSTILE},
        commit_url="https://github.com/a/b/commit/1|<!here>",
    )
    message = slack_message(Event("e", "target_met", HOSTILE, verdict=make_verdict(reason=HOSTILE)), report)
    marked = [message["text"], *_texts_with_markup(message["blocks"])]
    assert not [text for text in marked if re.search(r"<[!@#]|<http://evil", text)]
    assert "&lt;!channel&gt;" in message["text"]


def test_a_message_stays_within_the_limits_of_slack() -> None:
    long = "x" * 5000
    values = {f"{long}{n}": n for n in range(100)}
    report = make_report(message=long, author_name=long, branch=long, winning_values=values)
    blocks = slack_message(Event("e", "target_met", long, verdict=make_verdict(reason=long)), report)[
        "blocks"
    ]
    assert len(blocks[0]["text"]["text"]) <= 150
    assert all(len(text) <= 3000 for text in _all_texts(blocks))
    assert len(blocks) <= 50


def _texts_with_markup(blocks: list[dict[str, object]]) -> list[str]:
    return [text for kind, text in _typed(blocks) if kind == "mrkdwn"]


def _all_texts(blocks: list[dict[str, object]]) -> list[str]:
    return [text for _, text in _typed(blocks)]


def _typed(node: object) -> list[tuple[str, str]]:
    """Every text object of Slack's blocks: its type and its text."""
    if isinstance(node, dict) and isinstance(node.get("text"), str):
        return [(str(node["type"]), str(node["text"]))]
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return [found for child in children for found in _typed(child)]
