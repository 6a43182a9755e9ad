"""The mail that ends an experiment: which one, with what in it, posted once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from include.containers.errors import ResultRefusedError
from include.containers.result import read_result
from include.detector import Kind
from include.experiments.declaring import declared_recipients
from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.records import State
from include.experiments.reporting import report_of
from include.experiments.scripted import OUTPUT_FILE
from include.report import Mail, Outbox, choose_recipients, mails, message_id, to_message

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
    """

    event_id: str
    posted: bool
    explanation: str


def tell_developer(
    installation: Installation, experiment: str, sender: str, run_url: str | None = None
) -> Told:
    """Put the mail about an ended experiment into the outbox, once for each way it ended.

    Args:
        installation: Where the experiment lives.
        experiment: Its id.
        sender: Address that the mail comes from.
        run_url: Page of the DAG run that tells.

    Raises:
        NotEnded: the experiment still runs.
    """
    found = installation.store.get(experiment)
    repository = installation.repository(found)
    author = found.push.author_email if repository.notify_author else None
    configured = (*repository.recipients, *declared_recipients(found))
    recipients = choose_recipients(author, configured, installation.watched.alerts)
    event_id = f"{experiment}:{found.state.value}"
    if not recipients.addresses:
        return Told(event_id, False, recipients.explanation)
    mail = compose(installation, found, recipients.addresses, run_url)
    message = to_message(mail, sender, message_id(event_id, sender))
    posted = Outbox(installation.settings.outbox).post(event_id, message)
    return Told(event_id, posted, recipients.explanation)


def compose(
    installation: Installation, experiment: Experiment, to: Sequence[str], run_url: str | None
) -> Mail:
    """Make the mail that fits how an experiment ended.

    Args:
        installation: Where the experiment lives.
        experiment: The ended experiment.
        to: Addresses, at least one.
        run_url: Page of the DAG run that tells.

    Raises:
        NotEnded: the experiment still runs.
    """
    maker = _MAKERS.get(experiment.state)
    if maker is None:
        raise NotEnded(experiment)
    return maker(installation, experiment, to, run_url)


Maker = Callable[[Installation, Experiment, Sequence[str], str | None], Mail]


def _target_met(
    installation: Installation, experiment: Experiment, to: Sequence[str], url: str | None
) -> Mail:
    return mails.target_met(report_of(installation, experiment, url), to)


def _budget_spent(
    installation: Installation, experiment: Experiment, to: Sequence[str], url: str | None
) -> Mail:
    return mails.budget_spent(report_of(installation, experiment, url), to)


def _exhausted(
    installation: Installation, experiment: Experiment, to: Sequence[str], url: str | None
) -> Mail:
    space = experiment.space
    report, end = report_of(installation, experiment, url), experiment.attribute("tweak_end")
    if end is not None:
        return mails.tuning_exhausted(report, to, why=f"{end['script']} {end['why']}")
    return mails.tuning_exhausted(report, to, untouchable=space.untouchable if space else ())


def _not_trainable(
    _installation: Installation, experiment: Experiment, to: Sequence[str], url: str | None
) -> Mail:
    verdict = experiment.verdict
    if verdict is None:
        raise NotEnded(experiment)
    maker = mails.not_a_cnn if verdict.kind is Kind.NOT_CNN else mails.cannot_train
    return maker(experiment.push, verdict, to, run_url=url)


def _script_error(
    installation: Installation, experiment: Experiment, to: Sequence[str], url: str | None
) -> Mail:
    trial = experiment.trials()[-1]
    folder = installation.settings.trial(str(experiment), trial.number)
    return mails.script_error(
        report_of(installation, experiment, url),
        _traceback(folder) or trial.error or "",
        to,
        tree=folder / "work",
        mount=installation.repository(experiment).mount_point,
    )


def _tweak_error(
    installation: Installation, experiment: Experiment, to: Sequence[str], url: str | None
) -> Mail:
    end, repository = experiment.attribute("tweak_end"), installation.repository(experiment)
    folder = installation.settings.trial(str(experiment), end["trial"])
    return mails.tweak_error(
        report_of(installation, experiment, url),
        to,
        script=end["script"],
        why=end["why"],
        output=(folder / OUTPUT_FILE).read_text(encoding="utf-8"),
        seconds=repository.tweak_seconds,
        tree=folder / "work",
        mount=repository.mount_point,
    )


def _crashed(installation: Installation, experiment: Experiment, to: Sequence[str], url: str | None) -> Mail:
    report, trials = report_of(installation, experiment, url), experiment.trials()
    if not trials:
        return mails.crashed(report, to, relaunches=0, reason=_NOT_BEGUN, log_lines=())
    return mails.crashed(
        report,
        to,
        relaunches=len(trials[-1].relaunches),
        reason=trials[-1].error or "its container kept crashing",
        log_lines=_log_tail(installation.settings.trial(str(experiment), trials[-1].number)),
    )


_NOT_BEGUN = "the training system failed before the first training; its operator has been told"


_MAKERS: dict[State, Maker] = {
    State.TARGET_MET: _target_met,
    State.BUDGET_SPENT: _budget_spent,
    State.EXHAUSTED: _exhausted,
    State.NOT_TRAINABLE: _not_trainable,
    State.SCRIPT_ERROR: _script_error,
    State.TWEAK_ERROR: _tweak_error,
    State.CRASHED: _crashed,
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
