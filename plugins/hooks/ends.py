"""Tells of the end of an experiment in every way that is configured, each of them once."""

from typing import Any

from include.experiments.announcing import announce
from include.experiments.answering import answer_push
from include.experiments.installation import Installation
from include.experiments.telling import tell_developer
from include.feedback import Pages
from plugins.hooks.github_api import connect
from plugins.hooks.mail import deliver_pending, sender_of
from plugins.hooks.notices import deliver_notices


def tell_of_end(experiment: str, smtp_conn_id: str, pages: Pages, log: Any) -> None:
    """Tell GitHub, the developer by mail, and a team by Slack or webhook.

    What a server can't take now stays in the outbox; `monitor_containers` hands it over later.

    Args:
        experiment: Id of the ended experiment.
        smtp_conn_id: The SMTP connection.
        pages: Where there is more to read.
        log: The task's.
    """
    installation = Installation.from_environment()
    sender = sender_of(smtp_conn_id)
    _tell_github(installation, experiment, pages, log)
    told = tell_developer(installation, experiment, sender, pages.run, pages.experiment)
    log.info("%s: %s", told.event_id, told.explanation)
    _announce(installation, experiment, told.headline, pages, log)
    hand_over(installation, smtp_conn_id, log)


def hand_over(installation: Installation, smtp_conn_id: str, log: Any) -> None:
    """Try to send the mails and notices that wait."""
    for delivery in deliver_pending(installation.settings.outbox, smtp_conn_id):
        log.info("%s is %s: %s", delivery.event_id, delivery.state, delivery.detail)
    deliver_notices(installation, log)


def _tell_github(installation: Installation, experiment: str, pages: Pages, log: Any) -> None:
    """First of all, so that the mail can link the pull request; the mail goes out all the same."""
    try:
        answer_push(installation, experiment, connect, pages)
    except Exception:  # GitHub's own failures are none: this would be a mistake of ours
        log.exception("GitHub was not told; it is tried again")


def _announce(installation: Installation, experiment: str, headline: str, pages: Pages, log: Any) -> None:
    try:
        for place in announce(installation, experiment, headline, pages.run, pages.experiment):
            log.info("%s is to be told", place)
    except Exception:  # a mistake there is no reason to train nothing more
        log.exception("Slack and webhooks are not told of this")
