"""A mail as a value, and as the MIME message that goes over the wire."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from enum import StrEnum

from include.report._text import one_line

_SUBJECT_LIMIT = 180


class MailKind(StrEnum):
    """What a mail tells; also the stem of its templates' names."""

    TARGET_MET = "target_met"
    BUDGET_SPENT = "budget_spent"
    TUNING_EXHAUSTED = "tuning_exhausted"
    NOT_A_CNN = "not_a_cnn"
    CANNOT_TRAIN = "cannot_train"
    SCRIPT_ERROR = "script_error"
    TWEAK_ERROR = "tweak_error"
    CRASHED = "crashed"
    STOPPED = "stopped"
    SYSTEM_FAILED = "system_failed"


@dataclass(frozen=True)
class Attachment:
    """A file that travels with a mail, byte for byte.

    Args:
        name: File name, set by us, never by a push.
        data: Content.
        mime: Media type, `type/subtype`.
    """

    name: str
    data: bytes
    mime: str


@dataclass(frozen=True)
class InlineImage:
    """A picture inside the HTML, which names it as `cid:<content_id>`."""

    content_id: str
    name: str
    png: bytes


@dataclass(frozen=True)
class Mail:
    """A mail before it has a sender.

    Args:
        kind: What it tells.
        subject: One line; what a mailbox lists.
        to: Addresses, at least one.
        html: The page, with pictures as `cid:` references.
        text: The same in plain text.
        attachments: Files to keep.
        images: Pictures that the HTML shows.
    """

    kind: MailKind
    subject: str
    to: tuple[str, ...]
    html: str
    text: str
    attachments: tuple[Attachment, ...] = ()
    images: tuple[InlineImage, ...] = ()

    def standalone_html(self) -> str:
        """The HTML with its pictures inside, as a browser can show it."""
        page = self.html
        for image in self.images:
            data = base64.b64encode(image.png).decode("ascii")
            page = page.replace(f"cid:{image.content_id}", f"data:image/png;base64,{data}")
        return page


class InvalidAddress(ValueError):
    """A sender or recipient that is no mail address."""

    def __init__(self, address: str) -> None:
        shown = one_line(address, 100)
        super().__init__(f"{shown!r} is no mail address; write it as name@host or Name <name@host>")


def message_id(event_id: str, sender: str) -> str:
    """The Message-ID of an event's mail: always the same, so that a mail sent again is known as the same."""
    domain = _address(sender).domain
    digest = hashlib.sha256(event_id.encode("utf-8", "surrogateescape")).hexdigest()
    return f"<{digest[:40]}@{domain}>"


def to_message(mail: Mail, sender: str, message_id: str, date: datetime | None = None) -> EmailMessage:
    """Make the MIME message: text and HTML as alternatives, pictures inside the HTML, attachments behind.

    Args:
        mail: What to say, and to whom.
        sender: `name@host` or `Name <name@host>`.
        message_id: From the function of that name.
        date: When it was written; now unless given.

    Raises:
        InvalidAddress: The sender or a recipient is no address.
    """
    message = _headed(mail.subject, sender, mail.to, message_id, date)
    message["X-Mail-Kind"] = mail.kind.value
    _add_bodies(message, mail)
    for attachment in mail.attachments:
        main, _, sub = attachment.mime.partition("/")
        message.add_attachment(attachment.data, maintype=main, subtype=sub, filename=attachment.name)
    return message


def plain_message(subject: str, text: str, to: Sequence[str], sender: str, event_id: str) -> EmailMessage:
    """Make a mail of plain text, such as an alert.

    Args:
        subject: One line.
        text: All that it says.
        to: Addresses, at least one.
        sender: As in `to_message`.
        event_id: Names the event; gives the Message-ID.

    Raises:
        InvalidAddress: The sender or a recipient is no address.
    """
    message = _headed(subject, sender, to, message_id(event_id, sender), None)
    message.set_content(text, cte="quoted-printable")
    return message


def _headed(
    subject: str, sender: str, to: Sequence[str], message_id: str, date: datetime | None
) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["Subject"] = one_line(subject, _SUBJECT_LIMIT)
    message["From"] = _address(sender)
    message["To"] = [_address(recipient) for recipient in to]
    message["Date"] = format_datetime(date or datetime.now(UTC))
    message["Message-ID"] = one_line(message_id)
    # Out-of-office programs leave mails alone that say so (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    return message


def _add_bodies(message: EmailMessage, mail: Mail) -> None:
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    html = message.get_body(("html",))
    assert isinstance(html, EmailMessage)  # noqa: S101 - it was added one line above
    for image in mail.images:
        html.add_related(
            image.png,
            maintype="image",
            subtype="png",
            cid=f"<{image.content_id}>",
            filename=image.name,
            disposition="inline",
        )


def _address(text: str) -> Address:
    name, bare = parseaddr(text)
    user, _, domain = bare.rpartition("@")
    if not user or not domain or not bare.isascii() or not text.replace(" ", "x").isprintable():
        raise InvalidAddress(text)
    try:
        return Address(one_line(name, 100), username=user, domain=domain)
    except (ValueError, IndexError) as error:
        raise InvalidAddress(text) from error
