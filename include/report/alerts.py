"""Mails to the operator about this system's mails."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage

from include.report._render import BrokenTemplate
from include.report._text import paragraph
from include.report.message import plain_message

_TEXT = """A mail to a developer was made with the built-in templates, because an own template is broken:

{error}

Nothing is lost. See what your templates make of a real experiment with `.venv/bin/python -m ops mail`.
You are told of the same mistake once a day, as long as it is met.
"""


def broken_template(
    error: BrokenTemplate, to: Sequence[str], sender: str, now: datetime | None = None
) -> Iterator[tuple[str, EmailMessage]]:
    """Yield the alert about an operator's broken template, with the name of its event; none without address.

    Args:
        error: What is wrong with it.
        to: The operator's addresses.
        sender: Address that the mail comes from.
        now: The present; the same mistake is another event tomorrow.
    """
    if not to:
        return
    day = (now or datetime.now(UTC)).date().isoformat()
    digest = hashlib.sha256(str(error).encode("utf-8", "replace")).hexdigest()[:20]
    event_id = f"broken-template:{error.template}:{digest}:{day}"
    subject = f"[better-cnn] the mail template {error.template} is broken"
    text = _TEXT.format(error=paragraph(str(error), 2000))
    yield event_id, plain_message(subject, text, to, sender, event_id)
