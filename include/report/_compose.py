"""From what a mail tells to the mail: results, chart, attachments, links and templates put together."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from include.report._attachments import winning_files
from include.report._context import Results, push_lines, results
from include.report._headline import Headline
from include.report._render import render
from include.report._text import one_line, web_link
from include.report.chart import accuracy_chart
from include.report.message import Attachment, InlineImage, Mail, MailKind
from include.report.report import ExperimentReport
from include.source.push import Push

# Gmail cuts a page off at 102 kB.
_MOST_BYTES = 100_000
_FEWEST_TRIALS = 3
_LABELS = {
    MailKind.TARGET_MET: ("good", "Target met"),
    MailKind.BUDGET_SPENT: ("warn", "Budget spent"),
    MailKind.TUNING_EXHAUSTED: ("warn", "Nothing left to try"),
    MailKind.NOT_A_CNN: ("info", "Not a CNN"),
    MailKind.CANNOT_TRAIN: ("info", "Not trained"),
    MailKind.SCRIPT_ERROR: ("bad", "Script error"),
    MailKind.TWEAK_ERROR: ("bad", "Tweak script error"),
    MailKind.CRASHED: ("bad", "Crashed"),
    MailKind.STOPPED: ("info", "Stopped"),
    MailKind.SYSTEM_FAILED: ("warn", "Not your code"),
}


@dataclass(frozen=True)
class Frame:
    """What every mail has, whatever it tells."""

    kind: MailKind
    headline: Headline
    about: Push | ExperimentReport
    to: Sequence[str]
    templates: Path | None
    run_url: str | None = None
    experiment_url: str | None = None


def of_results(frame: Frame, report: ExperimentReport, **extra: object) -> Mail:
    """A mail about trials that went as they should."""
    found, files, images = _found(report)
    return compose(frame, {"results": found, **extra}, files, images)


def of_failure(
    frame: Frame, report: ExperimentReport, context: Mapping[str, object], whole: tuple[Attachment, ...]
) -> Mail:
    """A failure comes first; trials that went well before it come after."""
    if not any(trial.accuracy is not None for trial in report.trials):
        return compose(frame, {**context, "results": None}, whole)
    found, files, images = _found(report)
    return compose(frame, {**context, "results": found}, whole + files, images)


def _found(report: ExperimentReport) -> tuple[Results, tuple[Attachment, ...], tuple[InlineImage, ...]]:
    png = accuracy_chart(report.trials, report.target, report.best)
    files = winning_files(report, png)
    if png is None:
        return results(report, None, files), files, ()
    image = InlineImage(f"chart-{hashlib.sha256(png).hexdigest()[:16]}@better-cnn", "chart.png", png)
    return results(report, image, files), files, (image,)


def compose(
    frame: Frame,
    context: Mapping[str, object],
    files: tuple[Attachment, ...] = (),
    images: tuple[InlineImage, ...] = (),
) -> Mail:
    """Render both forms of a mail and put it together."""
    tone, badge = _LABELS[frame.kind]
    whole = {
        "headline": frame.headline,
        "tone": tone,
        "badge": badge,
        "push": push_lines(frame.about),
        "links": _links(frame),
        "footer": f"You get this because of a push to {one_line(frame.about.repository, 100)}.",
        **context,
    }
    html = render(f"{frame.kind}.html.j2", whole, frame.templates)
    found = context.get("results")
    while (
        isinstance(found, Results) and len(found.trials) > _FEWEST_TRIALS and len(html.encode()) > _MOST_BYTES
    ):
        found = found.shorter()
        whole["results"] = found
        html = render(f"{frame.kind}.html.j2", whole, frame.templates)
    text = render(f"{frame.kind}.txt.j2", whole, frame.templates)
    text = re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"
    return Mail(frame.kind, str(frame.headline), tuple(frame.to), html, text, files, images)


def _links(frame: Frame) -> list[tuple[str, str, bool]]:
    about = frame.about
    if isinstance(about, Push):
        named = [
            ("Open the experiment", frame.experiment_url),
            ("Run", frame.run_url),
            ("Commit", about.url),
        ]
    else:
        named = [
            ("Open the experiment", about.experiment_url),
            ("Pull request", about.pull_request_url),
            ("Run", about.run_url),
            ("Commit", about.commit_url),
        ]
    links = [(label, url) for label, url in named if web_link(url)]
    return [(label, str(url), place == 0) for place, (label, url) in enumerate(links)]
