"""The mails, one builder for each kind. What came from a push is bounded, made visible and escaped."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from include.detector.verdict import Verdict
from include.report import _headline as headlines
from include.report import _numbers as shown
from include.report._attachments import text_file, winning_files
from include.report._context import Results, push_lines, results, verdict_lines
from include.report._render import render
from include.report._text import head_and_tail, last_lines, one_line, web_link
from include.report.chart import accuracy_chart
from include.report.failing_source import failing_source, raised
from include.report.message import Attachment, InlineImage, Mail, MailKind
from include.report.report import ExperimentReport
from include.source.push import Push

_LABELS = {
    MailKind.TARGET_MET: ("good", "Target met"),
    MailKind.BUDGET_SPENT: ("warn", "Budget spent"),
    MailKind.TUNING_EXHAUSTED: ("warn", "Nothing left to try"),
    MailKind.NOT_A_CNN: ("info", "Not a CNN"),
    MailKind.CANNOT_TRAIN: ("info", "Not trained"),
    MailKind.SCRIPT_ERROR: ("bad", "Script error"),
    MailKind.CRASHED: ("bad", "Crashed"),
}
_TRACEBACK_LINES, _LOG_LINES, _UNTOUCHABLE = 60, 40, 20


def target_met(report: ExperimentReport, to: Sequence[str], *, templates: Path | None = None) -> Mail:
    """The best trial reached the target.

    Args:
        report: The experiment.
        to: Addresses, at least one.
        templates: An operator's folder of templates in front of ours.
    """
    return _of_results(MailKind.TARGET_MET, headlines.of_experiment(report), report, to, templates)


def budget_spent(report: ExperimentReport, to: Sequence[str], *, templates: Path | None = None) -> Mail:
    """No trial is left in the budget; the best one so far, if any has an accuracy."""
    headline = headlines.of_experiment(report, ", budget spent")
    return _of_results(MailKind.BUDGET_SPENT, headline, report, to, templates)


def tuning_exhausted(
    report: ExperimentReport,
    to: Sequence[str],
    *,
    untouchable: Sequence[str] = (),
    templates: Path | None = None,
) -> Mail:
    """The search space is empty, or every configuration in it was tried.

    Args:
        report: The experiment; empty `pushed_values` tell that nothing could be tweaked at all.
        to: Addresses, at least one.
        untouchable: Sentences on what could not be changed in the code.
        templates: An operator's folder of templates in front of ours.
    """
    headline = headlines.of_experiment(report, ", nothing left to try")
    sentences = [one_line(sentence, 300) for sentence in untouchable[:_UNTOUCHABLE]]
    return _of_results(MailKind.TUNING_EXHAUSTED, headline, report, to, templates, untouchable=sentences)


def not_a_cnn(
    push: Push,
    verdict: Verdict,
    to: Sequence[str],
    *,
    run_url: str | None = None,
    templates: Path | None = None,
) -> Mail:
    """The push is no convolutional network: why, with evidence."""
    return _of_verdict(MailKind.NOT_A_CNN, push, verdict, to, run_url, templates)


def cannot_train(
    push: Push,
    verdict: Verdict,
    to: Sequence[str],
    *,
    run_url: str | None = None,
    templates: Path | None = None,
) -> Mail:
    """A CNN in a framework that the training image has not, or nothing that can be read."""
    return _of_verdict(MailKind.CANNOT_TRAIN, push, verdict, to, run_url, templates)


def script_error(
    report: ExperimentReport,
    traceback: str,
    to: Sequence[str],
    *,
    tree: Path | None = None,
    mount: str = "/mlops",
    templates: Path | None = None,
) -> Mail:
    """The pushed script raised.

    Args:
        report: The experiment so far.
        traceback: As the harness caught it, or the script's last output.
        to: Addresses, at least one.
        tree: The code as it ran, to show the failing line among its neighbours.
        mount: Where the code was in the container.
        templates: An operator's folder of templates in front of ours.
    """
    error, source = raised(traceback), failing_source(traceback, tree, mount)
    headline = headlines.of_error(error, source, headlines.name_of_push(report.repository, report.sha))
    extra = {
        "error": error,
        "source": source,
        "traceback": head_and_tail(traceback, _TRACEBACK_LINES),
        "first": len(report.trials) <= 1,
    }
    whole = (text_file("traceback.txt", traceback),) if traceback.strip() else ()
    return _of_failure(MailKind.SCRIPT_ERROR, headline, report, to, templates, whole, extra)


def crashed(
    report: ExperimentReport,
    to: Sequence[str],
    *,
    relaunches: int,
    reason: str,
    log_lines: Sequence[str],
    templates: Path | None = None,
) -> Mail:
    """The training container crashed once too often and was given up.

    Args:
        report: The experiment so far.
        to: Addresses, at least one.
        relaunches: How often it was relaunched before it was given up.
        reason: Why it was given up, as a sentence.
        log_lines: The end of the container's log; the last 40 lines stand in the mail, all are attached.
        templates: An operator's folder of templates in front of ours.
    """
    headline = headlines.of_crash(relaunches, headlines.name_of_push(report.repository, report.sha))
    extra = {
        "crashes": shown.count(relaunches + 1, "time"),
        "relaunched": shown.count(relaunches, "time"),
        "reason": one_line(reason, 400),
        "log": "\n".join(last_lines(log_lines, _LOG_LINES)),
    }
    whole = (text_file("log.txt", "\n".join(line.rstrip("\n") for line in log_lines)),) if log_lines else ()
    return _of_failure(MailKind.CRASHED, headline, report, to, templates, whole, extra)


def _of_results(
    kind: MailKind,
    headline: headlines.Headline,
    report: ExperimentReport,
    to: Sequence[str],
    templates: Path | None,
    **extra: object,
) -> Mail:
    found, files, images = _found(report)
    context = {"results": found, **extra}
    return _mail(kind, headline, report, to, templates, context, files, images)


def _of_failure(
    kind: MailKind,
    headline: headlines.Headline,
    report: ExperimentReport,
    to: Sequence[str],
    templates: Path | None,
    whole: tuple[Attachment, ...],
    extra: Mapping[str, object],
) -> Mail:
    """A failure comes first; trials that went well before it come after."""
    if not any(trial.accuracy is not None for trial in report.trials):
        return _mail(kind, headline, report, to, templates, {**extra, "results": None}, whole, ())
    found, files, images = _found(report)
    return _mail(kind, headline, report, to, templates, {**extra, "results": found}, whole + files, images)


def _found(report: ExperimentReport) -> tuple[Results, tuple[Attachment, ...], tuple[InlineImage, ...]]:
    png = accuracy_chart(report.trials, report.target, report.best)
    files = winning_files(report, png)
    if png is None:
        return results(report, None, files), files, ()
    image = InlineImage(f"chart-{hashlib.sha256(png).hexdigest()[:16]}@better-cnn", "chart.png", png)
    return results(report, image, files), files, (image,)


def _of_verdict(
    kind: MailKind,
    push: Push,
    verdict: Verdict,
    to: Sequence[str],
    run_url: str | None,
    templates: Path | None,
) -> Mail:
    headline = headlines.of_verdict(verdict, headlines.name_of_push(push.repository, push.sha))
    context = {"verdict": verdict_lines(verdict), "run_url": run_url}
    return _mail(kind, headline, push, to, templates, context, (), ())


def _mail(
    kind: MailKind,
    headline: headlines.Headline,
    subject_of: Push | ExperimentReport,
    to: Sequence[str],
    templates: Path | None,
    context: Mapping[str, object],
    files: tuple[Attachment, ...],
    images: tuple[InlineImage, ...],
) -> Mail:
    tone, badge = _LABELS[kind]
    run_url = context.get("run_url")
    whole = {
        "headline": headline,
        "tone": tone,
        "badge": badge,
        "push": push_lines(subject_of),
        "links": _links(subject_of, run_url if isinstance(run_url, str) else None),
        "footer": f"You get this because of a push to {one_line(subject_of.repository, 100)}.",
        **context,
    }
    html = render(f"{kind}.html.j2", whole, templates)
    text = render(f"{kind}.txt.j2", whole, templates)
    return Mail(kind, str(headline), tuple(to), html, text, files, images)


def _links(about: Push | ExperimentReport, run_url: str | None) -> list[tuple[str, str, bool]]:
    if isinstance(about, Push):
        named = [("Open the run", run_url), ("Open the commit", about.url)]
    else:
        named = [
            ("Open the experiment", about.experiment_url),
            ("Open the pull request", about.pull_request_url),
            ("Open the run", about.run_url),
            ("Open the commit", about.commit_url),
        ]
    links = [(label, url) for label, url in named if web_link(url)]
    return [(label, str(url), place == 0) for place, (label, url) in enumerate(links)]
