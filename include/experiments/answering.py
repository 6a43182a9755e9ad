"""From the store to GitHub: what a push has come to is told there, and told again later where that failed."""

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.remembering import memory_of
from include.experiments.reporting import report_of
from include.experiments.store import UnknownExperiment
from include.feedback import CHANNELS, News, Pages, Pending, PendingPushes, Told, tell
from include.feedback.telling import failed
from include.identity import ExperimentId
from include.repositories import Repository, UnknownRepository
from include.source import SourceError

if TYPE_CHECKING:
    from github import Github

log = logging.getLogger(__name__)

_SECONDS = 20.0

Connect = Callable[[str], "Github"]


def answer_push(
    installation: Installation,
    experiment: str,
    connect: Connect,
    pages: Pages = Pages(),  # noqa: B008
) -> None:
    """Tell on GitHub how a push stands; what can't be told now is told by `answer_pending`.

    Never raises for GitHub's sake, and the same call again tells nothing twice.

    Args:
        installation: Where the experiment lives.
        experiment: Its id; of several attempts at a push the newest is told.
        connect: Makes a client from the id of an Airflow connection.
        pages: Where more is told.
    """
    identity = ExperimentId.parse(experiment)
    repository = installation.watched.named(identity.repository)
    if not _wanted(repository):
        return
    pushes = pending_pushes(installation)
    _try(installation, pushes, pushes.add(f"{identity.repository}@{identity.sha}", pages), connect)


def answer_pending(installation: Installation, connect: Connect) -> None:
    """Tell what could not be told before, as far as it is due; raises nothing for GitHub's sake.

    Ends at the first push that must wait, and within seconds: whoever calls has containers to watch.

    Args:
        installation: Where the experiments live.
        connect: Makes a client from the id of an Airflow connection.
    """
    pushes, deadline = pending_pushes(installation), time.monotonic() + _SECONDS
    for pending in pushes.due():
        told = _try(installation, pushes, pending, connect)
        if time.monotonic() > deadline or any(one.state == "delayed" for one in told):
            return


def pending_pushes(installation: Installation) -> PendingPushes:
    """The pushes of which GitHub has not been told everything."""
    return PendingPushes(installation.settings.var / "feedback")


def _try(
    installation: Installation, pushes: PendingPushes, pending: Pending, connect: Connect
) -> tuple[Told, ...]:
    with pushes.telling(pending.push) as mine:
        if not mine:
            log.info("%s is being told of by another process.", pending.push)
            return ()
        try:
            told = _tell(installation, pending, connect)
        except (UnknownRepository, UnknownExperiment) as error:
            log.warning("GitHub is told no more of %s: %s", pending.push, error)
            pushes.done(pending)
            return ()
        _note(pushes, pending, told)
        return told


def _note(pushes: PendingPushes, pending: Pending, told: tuple[Told, ...]) -> None:
    """Log what became of it, and remember what is to be tried again."""
    for one in told:
        level = logging.INFO if one.state == "told" else logging.WARNING
        log.log(level, "%s: %s %s: %s", pending.push, one.channel, one.state, one.detail)
    delayed = next((one for one in told if one.state == "delayed"), None)
    if delayed is None:
        pushes.done(pending)
        return
    pause = pushes.delay(pending, delayed.retry_after)
    log.warning(
        "%s: %s",
        pending.push,
        "given up after five days" if pause is None else f"tried again in {pause:.0f} s at the earliest",
    )


def _tell(installation: Installation, pending: Pending, connect: Connect) -> tuple[Told, ...]:
    first = installation.store.get(pending.push)
    repository = installation.watched.named(first.identity.repository)
    try:
        client = connect(repository.connection)
    except SourceError as error:
        return (failed("connection", error, time.time()),)
    news = news_of(installation, newest_attempt(installation, first), pending.pages)
    return tell(client, news, _wanted(repository), memory_of(first), time.time())


def _wanted(repository: Repository) -> frozenset[str]:
    return frozenset(name for name in CHANNELS if getattr(repository, name))


def newest_attempt(installation: Installation, first: Experiment) -> Experiment:
    """The last forced repeat of a push, or its only experiment."""
    newest = first
    while True:
        identity = newest.identity
        try:
            newest = installation.store.get(
                str(ExperimentId(identity.repository, identity.sha, identity.attempt + 1))
            )
        except UnknownExperiment:
            return newest


def news_of(installation: Installation, experiment: Experiment, pages: Pages) -> News:
    """How a push stands, as GitHub is to show it."""
    identity = experiment.identity
    return News(
        experiment=str(experiment),
        state=experiment.state,
        report=report_of(installation, experiment, pages.run, pages.experiment),
        max_trials=experiment.goals.max_trials,
        tree=installation.settings.tree(identity.repository, identity.sha),
        verdict=experiment.verdict,
        stopped=experiment.attribute("stopped"),
    )
