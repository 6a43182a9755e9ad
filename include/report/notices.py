"""What Slack and webhooks are told, on its way: as durable as mail, in an outbox for each place.

One outbox each, because one place that does not answer says nothing of another.
"""

import json
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

from include.notify import Notify
from include.report._failures import NoticeFailed as NoticeFailed
from include.report._mail_folders import key_of
from include.report._text import one_line
from include.report.outbox import Delivery, Outbox

SendNotice = Callable[[Notify, Mapping[str, Any], str], None]
_FOLDER = "notices"


def post_notice(outbox: Path, place: Notify, event_id: str, document: Mapping[str, Any]) -> bool:
    """Store what a place is to be told of an event, once.

    Args:
        outbox: The installation's outbox.
        place: Who is told.
        event_id: Equal ids are the same event, for ever.
        document: A JSON object.

    Returns:
        Whether it is new.
    """
    message = EmailMessage(policy=SMTP)
    message["Subject"] = one_line(str(document.get("headline") or document.get("text") or event_id), 180)
    message["X-Event"] = one_line(event_id, 300)
    message.set_content(json.dumps(document).encode(), maintype="application", subtype="json")
    return _of(outbox, place).post(event_id, message)


def deliver_notices(outbox: Path, place: Notify, send: SendNotice) -> list[Delivery]:
    """Hand over what is due for one place; what it can't take now stays for later.

    Args:
        outbox: The installation's outbox.
        place: Who is told.
        send: Hands over one document with the id of its event; raises `NoticeFailed`.
    """

    def hand_over(message: EmailMessage) -> None:
        send(place, json.loads(message.get_content()), str(message["X-Event"]))

    return _of(outbox, place).deliver(hand_over)


def _of(outbox: Path, place: Notify) -> Outbox:
    return Outbox(outbox / _FOLDER / key_of(str(place)))
