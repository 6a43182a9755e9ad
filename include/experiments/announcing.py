"""Slack and webhooks told of the end of an experiment, once each; none of them can fail a run."""

from collections.abc import Iterator

from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.reporting import report_of
from include.experiments.telling import event_of
from include.notify import Notify
from include.report import Delivery
from include.report.notices import SendNotice, deliver_notices, post_notice
from include.report.payload import Event, payload
from include.report.slack import slack_message


def announce(
    installation: Installation,
    experiment: str,
    headline: str,
    run_url: str | None = None,
    experiment_url: str | None = None,
) -> list[Notify]:
    """Store what the places under `notify:` are to be told of an ended experiment.

    Args:
        installation: Where the experiment lives.
        experiment: Its id.
        headline: What happened, in one line.
        run_url: Page of the DAG run that tells.
        experiment_url: Page of the experiment.

    Returns:
        The places that had not been told before.
    """
    found = installation.store.get(experiment)
    places = installation.repository(found).notify
    if not places:
        return []
    event = _event(found, headline)
    report = report_of(installation, found, run_url, experiment_url)
    documents = {"webhook": payload(event, report)}
    documents["slack"] = documents["slack_webhook"] = slack_message(event, report)
    outbox = installation.settings.outbox
    return [place for place in places if post_notice(outbox, place, event.id, documents[place.kind])]


def deliver(installation: Installation, send: SendNotice) -> Iterator[tuple[Notify, Delivery]]:
    """Hand over what is due, to every place that is configured now.

    Args:
        installation: Whose outbox it is.
        send: Hands over one document; raises `include.report.notices.NoticeFailed`.

    Yields:
        What became of everything that waited.
    """
    places = {place: None for entry in installation.watched.repositories for place in entry.notify}
    for place in places:
        for delivery in deliver_notices(installation.settings.outbox, place, send):
            yield place, delivery


def _event(experiment: Experiment, headline: str) -> Event:
    return Event(
        id=event_of(experiment),
        kind=experiment.state.value,
        headline=headline,
        attempt=experiment.identity.attempt,
        verdict=experiment.verdict,
    )
