"""The mails, one builder for each kind. What came from a push is bounded, made visible and escaped."""

from collections.abc import Sequence
from pathlib import Path

from include.detector.verdict import Verdict
from include.report import _numbers as shown
from include.report._attachments import text_file
from include.report._compose import Frame, compose, of_failure, of_results
from include.report._context import relaunch_rows, verdict_lines
from include.report._headline import (
    name_of_push,
    of_crash,
    of_error,
    of_experiment,
    of_stop,
    of_system_failure,
    of_tweak_error,
    of_verdict,
)
from include.report._text import head_and_tail, last_lines, one_line
from include.report.failing_source import failing_source, raised
from include.report.message import Mail, MailKind
from include.report.report import ExperimentReport
from include.source.push import Push

_TRACEBACK_LINES, _LOG_LINES, _UNTOUCHABLE = 60, 40, 20


def target_met(report: ExperimentReport, to: Sequence[str], *, templates: Path | None = None) -> Mail:
    """The best trial reached the target.

    Args:
        report: The experiment.
        to: Addresses, at least one.
        templates: An operator's folder of templates in front of ours.
    """
    return of_results(Frame(MailKind.TARGET_MET, of_experiment(report), report, to, templates), report)


def budget_spent(report: ExperimentReport, to: Sequence[str], *, templates: Path | None = None) -> Mail:
    """No trial is left in the budget; the best one so far, if any has an accuracy."""
    headline = of_experiment(report, ", budget spent")
    return of_results(Frame(MailKind.BUDGET_SPENT, headline, report, to, templates), report)


def tuning_exhausted(
    report: ExperimentReport,
    to: Sequence[str],
    *,
    untouchable: Sequence[str] = (),
    why: str | None = None,
    templates: Path | None = None,
) -> Mail:
    """The search space is empty, every configuration in it was tried, or the push's tweak script is done.

    Args:
        report: The experiment; empty `pushed_values` tell that nothing could be tweaked at all.
        to: Addresses, at least one.
        untouchable: Sentences on what could not be changed in the code.
        why: What the developer's own tweak script did, such as "tweak.py changed nothing"; None without one.
        templates: An operator's folder of templates in front of ours.
    """
    headline = of_experiment(report, ", nothing left to try")
    sentences = [one_line(sentence, 300) for sentence in untouchable[:_UNTOUCHABLE]]
    frame = Frame(MailKind.TUNING_EXHAUSTED, headline, report, to, templates)
    said = None if why is None else one_line(why, 300)
    return of_results(frame, report, untouchable=sentences, why=said)


def not_a_cnn(
    push: Push,
    verdict: Verdict,
    to: Sequence[str],
    *,
    run_url: str | None = None,
    experiment_url: str | None = None,
    templates: Path | None = None,
) -> Mail:
    """The push is no convolutional network: why, with evidence."""
    headline = of_verdict(verdict, name_of_push(push.repository, push.sha))
    frame = Frame(MailKind.NOT_A_CNN, headline, push, to, templates, run_url, experiment_url)
    return compose(frame, {"verdict": verdict_lines(verdict)})


def cannot_train(
    push: Push,
    verdict: Verdict,
    to: Sequence[str],
    *,
    run_url: str | None = None,
    experiment_url: str | None = None,
    templates: Path | None = None,
) -> Mail:
    """A CNN in a framework that the training image has not, or nothing that can be read."""
    headline = of_verdict(verdict, name_of_push(push.repository, push.sha))
    frame = Frame(MailKind.CANNOT_TRAIN, headline, push, to, templates, run_url, experiment_url)
    return compose(frame, {"verdict": verdict_lines(verdict)})


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
    headline = of_error(error, source, name_of_push(report.repository, report.sha))
    context = {
        "error": error,
        "source": source,
        "traceback": head_and_tail(traceback, _TRACEBACK_LINES),
        "first": len(report.trials) <= 1,
    }
    whole = (text_file("traceback.txt", traceback),) if traceback.strip() else ()
    frame = Frame(MailKind.SCRIPT_ERROR, headline, report, to, templates)
    return of_failure(frame, report, context, whole)


def tweak_error(
    report: ExperimentReport,
    to: Sequence[str],
    *,
    script: str,
    why: str,
    output: str,
    seconds: float,
    tree: Path | None = None,
    mount: str = "/mlops",
    templates: Path | None = None,
) -> Mail:
    """The push's own tweak script failed, which ends the search; the trials so far come after.

    Args:
        report: The experiment so far.
        to: Addresses, at least one.
        script: Path of the tweak script in the repository.
        why: What became of it, as "ended with exit code 1".
        output: All that it printed, errors included.
        seconds: Its time limit.
        tree: The code as it ran, to show the failing line among its neighbours.
        mount: Where the code was in the container.
        templates: An operator's folder of templates in front of ours.
    """
    error, source = raised(output), failing_source(output, tree, mount)
    push, name = name_of_push(report.repository, report.sha), one_line(script, 100)
    context = {
        "script": name,
        "why": one_line(why, 300),
        "error": error,
        "source": source,
        "output": head_and_tail(output, _TRACEBACK_LINES) if output.strip() else "",
        "seconds": f"{seconds:g}",
    }
    whole = (text_file("tweak-output.txt", output),) if output.strip() else ()
    frame = Frame(MailKind.TWEAK_ERROR, of_tweak_error(name, error, source, push), report, to, templates)
    return of_failure(frame, report, context, whole)


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
    headline = of_crash(relaunches, name_of_push(report.repository, report.sha))
    context = {
        "crashes": shown.count(relaunches + 1, "time"),
        "relaunched": shown.count(relaunches, "time"),
        "reason": one_line(reason, 400),
        "log": "\n".join(last_lines(log_lines, _LOG_LINES)),
        "relaunches": relaunch_rows(report),
        "more_relaunches": len(report.relaunched) - len(relaunch_rows(report)),
    }
    log = "\n".join(line.rstrip("\n") for line in log_lines)
    frame = Frame(MailKind.CRASHED, headline, report, to, templates)
    return of_failure(frame, report, context, (text_file("log.txt", log),) if log else ())


def stopped(
    report: ExperimentReport,
    to: Sequence[str],
    *,
    trial: int,
    reason: str,
    templates: Path | None = None,
) -> Mail:
    """A person stopped a training, which ends the search.

    Args:
        report: The experiment so far.
        to: Addresses, at least one.
        trial: Number of the trial.
        reason: What is on record of the stop, as a sentence.
        templates: An operator's folder of templates in front of ours.
    """
    headline = of_stop(trial, name_of_push(report.repository, report.sha))
    frame = Frame(MailKind.STOPPED, headline, report, to, templates)
    return of_failure(frame, report, {"trial": trial, "reason": one_line(reason, 400)}, ())


def system_failed(
    report: ExperimentReport,
    to: Sequence[str],
    *,
    trial: int | None = None,
    operator_told: bool = True,
    templates: Path | None = None,
) -> Mail:
    """The system itself failed, through no fault of the push: it was not fetched, or a trial not trained.

    Args:
        report: The experiment so far.
        to: Addresses, at least one.
        trial: Number of the trial that could not be trained; None where there was none yet.
        operator_told: Whether an operator gets alerts.
        templates: An operator's folder of templates in front of ours.
    """
    headline = of_system_failure(trial, name_of_push(report.repository, report.sha))
    frame = Frame(MailKind.SYSTEM_FAILED, headline, report, to, templates)
    return of_failure(frame, report, {"trial": trial, "operator_told": operator_told}, ())
