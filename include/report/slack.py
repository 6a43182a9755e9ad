"""The message that a Slack channel gets at the end of an experiment, in Slack's blocks.

What came from a push stands in `plain_text` only, where Slack gives meaning to nothing, or is escaped as
Slack asks for: it links nowhere and calls nobody.
"""

from typing import Any

from include.report import _numbers as shown
from include.report._text import one_line, web_link
from include.report._view import value_rows
from include.report.payload import Event
from include.report.report import ExperimentReport

Block = dict[str, Any]

_SIGNS = {"target_met": "✅", "budget_spent": "⏳", "exhausted": "⏳", "not_trainable": "ℹ️"}
_MOST_CHANGES = 12


def slack_message(event: Event, report: ExperimentReport) -> dict[str, Any]:
    """Say how an experiment ended.

    Args:
        event: What is told.
        report: The experiment.

    Returns:
        `text`, for notifications and screen readers, and `blocks`.
    """
    line = f"{_SIGNS.get(event.kind, '❌')} {event.headline}"
    blocks = [
        {"type": "header", "text": _plain(line, 150)},
        *_figures(report),
        *_changes(report),
        *_reason(event),
        {"type": "context", "elements": [_plain(_push(report), 500)]},
        *_links(report),
    ]
    return {"text": escaped(one_line(line, 300)), "blocks": blocks}


def escaped(text: str) -> str:
    """Text in which Slack sees no mention, link or channel."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _plain(text: str, limit: int) -> Block:
    return {"type": "plain_text", "text": one_line(text, limit) or "–", "emoji": False}


def _push(report: ExperimentReport) -> str:
    message = report.message.strip().partition("\n")[0]
    return f"{one_line(message, 200)} · {one_line(report.author_name, 80)} on {one_line(report.branch, 100)}"


def _figures(report: ExperimentReport) -> list[Block]:
    best = report.best_trial
    if best is None:
        return []
    first = report.trials[0]
    figures = {
        shown.pushed(first.state): shown.accuracy(first.accuracy),
        "best": shown.accuracy(best.accuracy),
        "target": shown.accuracy(report.target),
        "trials": str(report.finished_trials),
        "relaunches": str(report.relaunches),
        "took": shown.duration(report.seconds),
    }
    if not report.relaunches:
        del figures["relaunches"]
    fields = [{"type": "mrkdwn", "text": f"*{label}*\n{figure}"} for label, figure in figures.items()]
    return [{"type": "section", "fields": fields}]


def _changes(report: ExperimentReport) -> list[Block]:
    rows = [row for row in value_rows(report) if row.changed] if report.best_trial else []
    lines = [f"{row.name}: {row.before} → {row.after}" for row in rows[:_MOST_CHANGES]]
    if len(rows) > _MOST_CHANGES:
        lines.append(f"and {len(rows) - _MOST_CHANGES} more")
    if not lines:
        return []
    return [{"type": "section", "text": {"type": "plain_text", "text": "\n".join(lines), "emoji": False}}]


def _reason(event: Event) -> list[Block]:
    if event.verdict is None or event.verdict.trainable:
        return []
    return [{"type": "section", "text": _plain(event.verdict.reason, 1000)}]


def _links(report: ExperimentReport) -> list[Block]:
    named = {
        "Experiment": report.experiment_url,
        "Pull request": report.pull_request_url,
        "Run": report.run_url,
        "Commit": report.commit_url,
    }
    links = [_link(label, url) for label, url in named.items() if url and web_link(url)]
    return [{"type": "section", "text": {"type": "mrkdwn", "text": " · ".join(links)}}] if links else []


def _link(label: str, url: str) -> str:
    return f"<{escaped(url).replace('|', '%7C')}|{label}>"
