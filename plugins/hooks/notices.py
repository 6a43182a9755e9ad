"""From a place under `notify:` to Airflow's notifier for it, and from its failures to sentences."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from airflow.sdk.bases.hook import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

from include.experiments.announcing import deliver
from include.experiments.installation import Installation
from include.report.notices import NoticeFailed

if TYPE_CHECKING:
    from airflow.sdk.bases.notifier import BaseNotifier

    from include.notify import Notify

_SECONDS = 10
# Answers that speak of the document and not of the connection: it will never be taken.
_REFUSED_CODES = frozenset({400, 413, 415, 422})
_REFUSED_WORDS = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_too_long", "no_text"})
# As the HTTP hook and the Slack webhook's hook word what a server answered.
_CODE = re.compile(r"^(\d{3}):|Status Code: (\d{3})")


def deliver_notices(installation: Installation, log: Any) -> None:
    """Tell all that waits to be told, and say so in a log; never raises, because no run may fail of it.

    Args:
        installation: Whose outbox it is.
        log: The task's log.
    """
    try:
        for place, delivery in deliver(installation, send_notice):
            log.info("%s, told of %s, is %s: %s", place, delivery.event_id, delivery.state, delivery.detail)
    except Exception:
        log.exception("Slack and webhooks could not be told; the next minute tries again")


def send_notice(place: Notify, document: Mapping[str, Any], event_id: str) -> None:
    """Hand one document to one place.

    `notify` is called, not the notifier itself: that would take texts of the document for templates, and they
    came from a push.

    Args:
        place: Who is told.
        document: What `include.report.payload` or `include.report.slack` made.
        event_id: The event; receivers know a document sent twice by it.

    Raises:
        NoticeFailed: it was not taken. The reason names no address: those of webhooks are secrets.
    """
    try:
        _notifier(place, document, event_id).notify({})
    except NoticeFailed:
        raise
    except Exception as error:  # noqa: BLE001 - a notifier raises what the library beneath it raises
        raise judged(error) from None  # its text may hold the address


def _notifier(place: Notify, document: Mapping[str, Any], event_id: str) -> BaseNotifier:
    if place.kind == "webhook":
        from airflow.providers.http.notifications.http import HttpNotifier

        return HttpNotifier(
            http_conn_id=place.connection,
            endpoint=place.path or None,
            json=dict(document),
            headers={"Idempotency-Key": event_id.encode("ascii", "replace").decode()},
            extra_options=_with_timeout(place.connection),
        )
    return _slack(place, document)


def _slack(place: Notify, document: Mapping[str, Any]) -> BaseNotifier:
    try:
        from airflow.providers.slack.notifications.slack import SlackNotifier
        from airflow.providers.slack.notifications.slack_webhook import SlackWebhookNotifier
    except ImportError as error:
        raise NoticeFailed("no Slack provider: pip install apache-airflow-providers-slack") from error
    quiet = {"unfurl_links": False, "unfurl_media": False, "timeout": _SECONDS}
    told = {"text": document["text"], "blocks": document["blocks"], **quiet}
    if place.channel is None:
        return SlackWebhookNotifier(slack_webhook_conn_id=place.connection, **told)
    return SlackNotifier(slack_conn_id=place.connection, channel=place.channel, username="better-cnn", **told)


def _with_timeout(connection: str) -> dict[str, Any]:
    """Without one a silent server would hold the task for ever; the connection's own wins."""
    own = BaseHook.get_connection(connection).extra_dejson.get("timeout")
    return {} if own is not None else {"timeout": _SECONDS}


def judged(error: Exception) -> NoticeFailed:
    """Say what a notifier's exception means, in words that give no address away."""
    if isinstance(error, AirflowNotFoundException):
        return NoticeFailed("its Airflow connection is missing or incomplete; see Admin, Connections")
    word = _slack_word(error)
    if word is not None:
        return NoticeFailed(f"Slack answered {word}", permanent=word in _REFUSED_WORDS)
    found = _CODE.search(str(error))
    if found is None:
        return NoticeFailed(f"{type(error).__name__} while it was told")
    code = int(found[1] or found[2])
    return NoticeFailed(f"it answered {code}", permanent=code in _REFUSED_CODES)


def _slack_word(error: Exception) -> str | None:
    """Slack's own word for a refusal, which it sends with a 200."""
    response = getattr(error, "response", None)
    data = getattr(response, "data", None)
    word = data.get("error") if isinstance(data, Mapping) else None
    return word if isinstance(word, str) and re.fullmatch(r"[a-z_]{1,60}", word) else None
