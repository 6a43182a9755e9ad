"""An outbox with a clock that tests set, and the mails in it."""

import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest

from include.report import Outbox, message_id

SENDER = "better-cnn <cnn@example.org>"


class Clock:
    """A clock that stands still until it is set."""

    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Setting:
    """An outbox whose time is in the test's hands."""

    outbox: Outbox
    folder: Path
    clock: Clock

    def places(self) -> dict[str, int]:
        """How many mails lie where."""
        return {name: len(list((self.folder / name).iterdir())) for name in ("pending", "sent", "refused")}


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    """An empty outbox."""
    clock = Clock()
    return Setting(Outbox(tmp_path / "outbox", clock), tmp_path / "outbox", clock)


def mail_to(*to: str, event: str = "e1") -> EmailMessage:
    """A small mail with an attachment."""
    message = EmailMessage()
    message["Subject"] = f"0.981 ≥ 0.970 of {event}"
    message["From"] = SENDER
    message["To"] = ", ".join(to)
    message["Message-ID"] = message_id(event, SENDER)
    message.set_content("Grüße")
    message.add_attachment(
        b"\x00\xff\r\n.\r\nx", maintype="application", subtype="octet-stream", filename="x"
    )
    return message


def sender_to(port: int) -> Callable[[EmailMessage], dict[str, tuple[int, bytes]]]:
    """What an Airflow task does: a new connection for each mail."""

    def send(message: EmailMessage) -> dict[str, tuple[int, bytes]]:
        with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
            return client.send_message(message)

    return send
