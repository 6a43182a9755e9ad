"""The mail that ends an experiment: which one, with what in it, posted once."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from include.containers.ending import EndingKind
from include.containers.errors import ResultRefusedError
from include.containers.result import read_result
from include.detector import Kind
from include.experiments.declaring import declared_recipients, wished_recipients
from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.records import State, TrialRecord
from include.experiments.reporting import report_of
from include.experiments.scripted import OUTPUT_FILE
from include.report import (
    BrokenTemplate,
    ExperimentReport,
    Mail,
    Outbox,
    Recipients,
    choose_recipients,
    mails,
    message_id,
    to_message,
)
from include.report.alerts import broken_template

log = logging.getLogger(__name__)

_LOG_BYTES = 64 * 1024


class NotEnded(ValueError):
    """A mail was asked for of an experiment that goes on."""

    def __init__(self, experiment: Experiment) -> None:
        super().__init__(f"{experiment} has not ended; nothing is to be told yet")


@dataclass(frozen=True)
class Told:
    """What became of the mail of an ended experiment.

    Args:
        event_id: Names the event in the outbox; one mail each.
        posted: Whether the mail is new; False when it was posted before, or there is nobody to write to.
        explanation: Who gets it and why, for the log.
        headline: What happened, to which push.
    """

    event_id: str
    posted: bool
    explanation: str
    headline: str


def tell_developer(
    installation: Installation,
    experiment: str,
    sender: str,
    run_url: str | None = None,
    experiment_url: str | None = None,
) -> Told:
    """Put the mail about an ended experiment into the outbox, once for each way it ended.

    Args:
        installation: Where the experiment lives.
        experiment: Its id.
        sender: Address that the mail comes from.
        run_url: Page of the DAG run that tells.
        experiment_url: Page of the experiment.

    Raises:
        NotEnded: the experiment still runs.
    """
    found = installation.store.get(experiment)
    recipients = recipients_of(installation, found)
    event_id = event_of(found)
    outbox = Outbox(installation.settings.outbox)

    def alert(error: BrokenTemplate) -> None:
        log.warning("%s", error)
        operators = choose_recipients(None, installation.watched.alerts).addresses  # the valid ones
        for name, message in broken_template(error, operators, sender):
            outbox.post(name, message)

    mail = compose(installation, found, recipients.addresses, run_url, experiment_url, on_broken=alert)
    posted = bool(mail.to) and outbox.post(event_id, to_message(mail, sender, message_id(event_id, sender)))
    return Told(event_id, posted, recipients.explanation, mail.subject)


def event_of(experiment: Experiment) -> str:
    """Name the end of an experiment, the same however often it is told."""
    return f"{experiment}:{experiment.state.value}"


def recipients_of(installation: Installation, experiment: Experiment) -> Recipients:
    """Choose who gets the mail: the author, whom the operator names, whom the push names and may name."""
    repository = installation.repository(experiment)
    author = experiment.push.author_email if repository.notify_author else None
    wished = wished_recipients(experiment, repository)
    configured = (*repository.recipients, *declared_recipients(experiment), *wished.allowed)
    chosen = choose_recipients(author, configured, installation.watched.alerts)
    return replace(chosen, explanation="; ".join((chosen.explanation, *wished.refusals)))


def _warn(error: BrokenTemplate) -> None:
    log.warning("%s", error)


def compose(
    installation: Installation,
    experiment: Experiment,
    to: Sequence[str],
    run_url: str | None = None,
    experiment_url: str | None = None,
    *,
    on_broken: Callable[[BrokenTemplate], None] = _warn,
) -> Mail:
    """Make the mail that fits how an experiment ended.

    Args:
        installation: Where the experiment lives; `templates/` beside its `repositories.yaml` has the
            operator's templates.
        experiment: The ended experiment.
        to: Addresses, at least one.
        run_url: Page of the DAG run that tells.
        experiment_url: Page of the experiment.
        on_broken: Told that an operator's template can't be rendered; the mail is made with ours then.

    Raises:
        NotEnded: the experiment still runs.
    """
    maker = _MAKERS.get(experiment.state)
    if maker is None:
        raise NotEnded(experiment)
    report = report_of(installation, experiment, run_url, experiment_url)
    templates = installation.settings.config / "templates"
    if templates.is_dir():
        try:
            return maker(_About(installation, experiment, report, to, templates))
        except BrokenTemplate as error:
            on_broken(error)
    return maker(_About(installation, experiment, report, to, None))


@dataclass(frozen=True)
class _About:
    """What a mail is made from."""

    installation: Installation
    experiment: Experiment
    report: ExperimentReport
    to: Sequence[str]
    templates: Path | None

    def folder(self, trial: int) -> Path:
        """The folder of a trial."""
        return self.installation.settings.trial(str(self.experiment), trial)


Maker = Callable[[_About], Mail]


def _target_met(about: _About) -> Mail:
    return mails.target_met(about.report, about.to, templates=about.templates)


def _budget_spent(about: _About) -> Mail:
    return mails.budget_spent(about.report, about.to, templates=about.templates)


def _exhausted(about: _About) -> Mail:
    space, end = about.experiment.space, about.experiment.attribute("tweak_end")
    return mails.tuning_exhausted(
        about.report,
        about.to,
        untouchable=space.untouchable if space and end is None else (),
        why=None if end is None else f"{end['script']} {end['why']}",
        templates=about.templates,
    )


def _not_trainable(about: _About) -> Mail:
    verdict = about.experiment.verdict
    if verdict is None:
        raise NotEnded(about.experiment)
    maker = mails.not_a_cnn if verdict.kind is Kind.NOT_CNN else mails.cannot_train
    return maker(
        about.experiment.push,
        verdict,
        about.to,
        run_url=about.report.run_url,
        experiment_url=about.report.experiment_url,
        templates=about.templates,
    )


def _script_error(about: _About) -> Mail:
    trial = about.experiment.trials()[0]  # of a later one the search goes on
    folder = about.folder(trial.number)
    return mails.script_error(
        about.report,
        _traceback(folder) or trial.error or "",
        about.to,
        tree=folder / "work",
        mount=about.installation.repository(about.experiment).mount_point,
        templates=about.templates,
    )


def _tweak_error(about: _About) -> Mail:
    end, repository = about.experiment.attribute("tweak_end"), about.installation.repository(about.experiment)
    folder = about.folder(end["trial"])
    return mails.tweak_error(
        about.report,
        about.to,
        script=end["script"],
        why=end["why"],
        output=(folder / OUTPUT_FILE).read_text(encoding="utf-8"),
        seconds=repository.tweak_seconds,
        tree=folder / "work",
        mount=repository.mount_point,
        templates=about.templates,
    )


def _given_up(about: _About) -> Mail:
    trial, report, to = _trial_given_up(about.experiment), about.report, about.to
    stopped = about.experiment.attribute("stopped")
    if trial is None and stopped is not None:
        return mails.stopped(report, to, trial=1, reason=stopped, templates=about.templates)
    if trial is None or _untrained(trial):
        number = None if trial is None else trial.number
        told = bool(about.installation.watched.alerts)
        return mails.system_failed(report, to, trial=number, operator_told=told, templates=about.templates)
    reason = trial.error or "its container kept crashing"
    if trial.ending == EndingKind.STOPPED:
        return mails.stopped(report, to, trial=trial.number, reason=reason, templates=about.templates)
    return mails.crashed(
        report,
        to,
        relaunches=len(trial.relaunches),
        reason=reason,
        log_lines=_log_tail(about.folder(trial.number)),
        templates=about.templates,
    )


def _untrained(trial: TrialRecord) -> bool:
    return trial.ending in (None, EndingKind.CRASHED) and trial.container_id is None


def _trial_given_up(experiment: Experiment) -> TrialRecord | None:
    trials = experiment.trials()
    number = experiment.attribute("given_up") or len(trials)
    return trials[number - 1] if 1 <= number <= len(trials) else None


_MAKERS: dict[State, Maker] = {
    State.TARGET_MET: _target_met,
    State.BUDGET_SPENT: _budget_spent,
    State.EXHAUSTED: _exhausted,
    State.NOT_TRAINABLE: _not_trainable,
    State.SCRIPT_ERROR: _script_error,
    State.TWEAK_ERROR: _tweak_error,
    State.CRASHED: _given_up,
}


def _traceback(folder: Path) -> str | None:
    try:
        result = read_result(folder / "out")
    except ResultRefusedError:
        return None  # the trial's error says already why the document was refused
    return result.traceback if result else None


def _log_tail(folder: Path) -> list[str]:
    log = folder / "log.txt"
    if not log.exists():
        return []
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _LOG_BYTES))
        return file.read().decode("utf-8", "replace").splitlines()
