"""The Markdown that GitHub shows: the comment, the summary of a check run, the body of a pull request."""

from collections.abc import Callable, Iterable
from math import isfinite
from typing import TypeGuard

from include.detector.verdict import Verdict
from include.feedback.markdown import block, code, link, text
from include.feedback.news import News
from include.report import ExperimentReport
from include.report import _numbers as shown
from include.report._text import web_link
from include.report._view import TrialRow, trial_rows, usual_source, value_rows

# GitHub takes 65,536 characters at most; a long experiment shows fewer of its trials.
_MOST_CHARACTERS = 60_000
_ROWS = (30, 15, 8, 4)
_BAR, _EVIDENCE, _POINTS, _WISHES = 10, 8, 100, 10
_MARKS = {"success": "✅", "failure": "❌", "error": "⚠️", "pending": "⏳"}
_WARM = (
    "Trial {} went on from the weights of trial {}: "
    "its values trained from nothing may come to another accuracy."
)


def summary(news: News, pull_request: str | None = None) -> str:
    """What happened to a push: headline, trials, chart, links.

    Args:
        news: How the push stands.
        pull_request: Address of its pull request, where there is one.
    """
    parts = (_headline(news), *_verdict(news), *_news(news))
    return _fitting(
        lambda rows: (*parts, _trials(news.report, rows), _chart(news), _links(news, pull_request))
    )


def pull_request_body(news: News) -> str:
    """The report of a push, for the pull request with its winning values."""
    report = news.report
    about = f"The winning values for {code(report.sha[:12])}, pushed to {code(report.branch)}."
    parts = (f"**{text(news.headline)}**\n\n{about}", _values(report), *_warm_start(report))
    return _fitting(lambda rows: (*parts, _trials(report, rows), _chart(news), _links(news, None)))


def _fitting(parts: Callable[[int], Iterable[str]]) -> str:
    """The longest form of a page that GitHub takes."""
    for rows in _ROWS:
        page = "\n\n".join(part for part in parts(rows) if part) + "\n"
        if len(page) <= _MOST_CHARACTERS:
            break
    return page


def _headline(news: News) -> str:
    return f"### {_MARKS[news.status]} {text(news.headline)}"


def _verdict(news: News) -> tuple[str, ...]:
    """Why nothing was trained, with the evidence."""
    verdict = news.verdict
    if verdict is None or verdict.trainable:
        return ()
    return text(verdict.reason, 1500), "\n".join(f"- {line}" for line in _evidence(verdict))


def _evidence(verdict: Verdict) -> Iterable[str]:
    for row in verdict.evidence[:_EVIDENCE]:
        where = f"{code(row.file)}" + (f", line {row.line}" if row.line else "")
        yield f"{text(row.sentence)} {where}" + (f": {code(row.source)}" if row.source else "")


def _news(news: News) -> tuple[str, ...]:
    """What is to be known besides the trials."""
    wishes = tuple(f"Not granted: {text(wish)}" for wish in news.report.refused_wishes[:_WISHES])
    return (*_warm_start(news.report), *wishes)


def _warm_start(report: ExperimentReport) -> tuple[str, ...]:
    return () if report.warm_started_from is None else (_WARM.format(report.best, report.warm_started_from),)


def _values(report: ExperimentReport) -> str:
    rows = []
    for row in value_rows(report):
        strong = "**" if row.changed else ""
        rows.append(f"| {text(row.name)} | {text(row.before)} | {strong}{text(row.after)}{strong} |")
    return "\n".join(["| hyper-parameter | pushed | winning |", "|:--|--:|--:|", *rows]) if rows else ""


def _trials(report: ExperimentReport, most: int) -> str:
    rows = _some(trial_rows(report), most)
    if not rows:
        return ""
    source = usual_source(report)
    left_out = len(report.trials) - len(rows)
    notes = [f"Accuracy as {code(source)} says."] if source else []
    notes += [f"{shown.count(left_out, 'trial')} in between not shown."] if left_out else []
    head = ["| trial | accuracy | | time | changed | why |", "|--:|--:|:--|--:|:--|:--|"]
    table = "\n".join([*head, *(_row(row, report) for row in rows)])
    return f"{table}\n\n<sub>{' '.join(notes)}</sub>" if notes else table


def _some(rows: tuple[TrialRow, ...], most: int) -> list[TrialRow]:
    last = set(range(len(rows) - most + 2, len(rows)))
    return [row for i, row in enumerate(rows) if len(rows) <= most or i == 0 or i in last or row.best]


def _row(row: TrialRow, report: ExperimentReport) -> str:
    accuracy = "in training" if row.state == "running" else row.accuracy
    trial = report.trials[row.number - 1]
    bar = _bar(trial.accuracy, report.target) if _is_number(trial.accuracy) else ""
    strong = "**" if row.best else ""
    changed = ", ".join(f"{text(c.name)}: {text(c.before)} → {text(c.after)}" for c in row.changes)
    changed += f", {row.more_changes} more" if row.more_changes else ""
    why = " · ".join(text(part) for part in (row.because, *row.notes) if part)
    cells = (f"{strong}{row.number}{strong}", f"{strong}{accuracy}{strong}", bar, row.seconds, changed, why)
    return f"| {' | '.join(cells)} |"


def _is_number(accuracy: float | None) -> TypeGuard[float]:
    """Say whether an accuracy can be drawn: a script may report NaN."""
    return accuracy is not None and isfinite(accuracy)


def _bar(accuracy: float, target: float) -> str:
    """A bar from 0 to 1 in which the target is a line."""
    filled, mark = (min(max(round(x * _BAR), 0), _BAR - 1) for x in (accuracy, target))
    if accuracy >= target:
        filled = max(filled, mark + 1)
    cells = ["█" if i < filled else "░" for i in range(_BAR)]
    cells[mark] = "▓" if mark < filled else "┃"
    return f"`{''.join(cells)}`"


def _chart(news: News) -> str:
    """Accuracy over trials, drawn by GitHub itself: there is no place for a picture that all may see."""
    judged = [(t.number, t.accuracy) for t in news.report.trials if _is_number(t.accuracy)]
    if len(judged) < 2:
        return ""
    judged = judged[:: -(-len(judged) // _POINTS)]
    axis = ", ".join(f'"{number}"' for number, _ in judged)
    lines = [
        "xychart-beta",
        '    title "Accuracy over trials, and the target"',
        f"    x-axis [{axis}]",
        '    y-axis "accuracy"',
        f"    line [{', '.join(f'{accuracy:.4f}' for _, accuracy in judged)}]",
        f"    line [{', '.join([f'{news.report.target:.4f}'] * len(judged))}]",
    ]
    return f"<details><summary>Chart</summary>\n\n{block(chr(10).join(lines), 'mermaid')}\n\n</details>"


def _links(news: News, pull_request: str | None) -> str:
    named = (
        ("Pull request with the winning values", pull_request),
        ("Experiment, with its chart", news.report.experiment_url),
        ("Run", news.report.run_url),
    )
    return " · ".join(link(label, url) for label, url in named if url and web_link(url))
