"""The JSON document that a webhook gets at the end of an experiment (docs/notifications.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from include.detector.verdict import Verdict
from include.report._text import one_line, web_link
from include.report.report import ExperimentReport, Value

VERSION = 1
_MOST_VALUES = 200


@dataclass(frozen=True)
class Event:
    """The end of an experiment, as everybody is told of it.

    Args:
        id: The same however often it is told.
        kind: How the experiment ended, as `include.experiments.records.State` spells it.
        headline: What happened, to which push, in one line.
        attempt: 1 for the push itself, more for forced repeats.
        verdict: What the detector said, None where it did not come to that.
    """

    id: str
    kind: str
    headline: str
    attempt: int = 1
    verdict: Verdict | None = None


def payload(event: Event, report: ExperimentReport) -> dict[str, Any]:
    """Describe an ended experiment for programs.

    Args:
        event: What is told.
        report: The experiment.

    Returns:
        A JSON object; texts that came from the push are on one line and bounded.
    """
    best = report.best_trial
    return {
        "version": VERSION,
        "event": event.kind,
        "event_id": event.id,
        "headline": event.headline,
        **_push(event, report),
        "target": report.target,
        "accuracy": None if best is None else best.accuracy,
        "trials": report.finished_trials,
        "best": _best(report),
        "pushed_values": _values(report.pushed_values),
        "relaunches": report.relaunches,
        "model": _model(report),
        "verdict": _verdict(event.verdict),
        "started_at": report.started_at,
        "seconds": round(report.seconds, 1),
        "links": {
            "experiment": web_link(report.experiment_url),
            "run": web_link(report.run_url),
            "commit": web_link(report.commit_url),
            "pull_request": web_link(report.pull_request_url),
        },
    }


def _push(event: Event, report: ExperimentReport) -> dict[str, Any]:
    return {
        "repository": one_line(report.repository, 200),
        "branch": one_line(report.branch, 300),
        "sha": one_line(report.sha, 64),
        "attempt": event.attempt,
        "author": one_line(report.author_name, 200),
        "message": one_line(report.message.strip().partition("\n")[0], 300),
    }


def _best(report: ExperimentReport) -> dict[str, Any] | None:
    best = report.best_trial
    if best is None:
        return None
    return {
        "trial": best.number,
        "accuracy": best.accuracy,
        "accuracy_source": None if best.accuracy_source is None else one_line(best.accuracy_source, 200),
        "values": _values(report.winning_values),
        "reason": one_line(best.reason, 500),
    }


def _values(values: Mapping[str, Value]) -> dict[str, Value]:
    items = list(values.items())[:_MOST_VALUES]
    return {one_line(name, 200): one_line(v, 300) if isinstance(v, str) else v for name, v in items}


def _model(report: ExperimentReport) -> dict[str, str | None] | None:
    if report.model_location is None:
        return None
    return {"location": one_line(report.model_location, 500), "sha256": report.model_sha256}


def _verdict(verdict: Verdict | None) -> dict[str, str] | None:
    if verdict is None:
        return None
    return {
        "kind": verdict.kind.value,
        "what": one_line(verdict.what, 200),
        "reason": one_line(verdict.reason, 1000),
    }
