"""From an Airflow SMTP connection to mails handed over."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

from airflow.providers.smtp.hooks.smtp import SmtpHook
from airflow.sdk.bases.hook import BaseHook
from airflow.sdk.exceptions import AirflowException, AirflowNotFoundException

from include.report import Delivery, Outbox

DEFAULT_SENDER = "better-cnn <better-cnn@localhost.localdomain>"


def sender_of(smtp_conn_id: str) -> str:
    """The connection's `from_email`, or an address that says to set one."""
    try:
        extra = BaseHook.get_connection(smtp_conn_id).extra_dejson
    except AirflowNotFoundException:
        return DEFAULT_SENDER
    return str(extra.get("from_email") or DEFAULT_SENDER)


def deliver_pending(outbox: Path, smtp_conn_id: str) -> list[Delivery]:
    """Hand over every mail that is due; what the server can't take now stays for later.

    Args:
        outbox: The outbox's folder.
        smtp_conn_id: The Airflow connection.
    """
    return Outbox(outbox).deliver(lambda message: _send(message, smtp_conn_id))


def _send(message: EmailMessage, smtp_conn_id: str) -> dict[str, tuple[int, bytes]]:
    with _server(smtp_conn_id) as server:
        return server.send_message(message)


@contextmanager
def _server(smtp_conn_id: str) -> Iterator[smtplib.SMTP]:
    try:
        hook = SmtpHook(smtp_conn_id=smtp_conn_id).get_conn()
    except AirflowException as error:  # the hook's word for no connection, or no answer
        raise smtplib.SMTPServerDisconnected(f"connection {smtp_conn_id!r}: {error}") from error
    with hook:
        # The hook sends only mails that it composes itself; ours have a text alternative and inline pictures.
        client = hook._smtp_client
        if not isinstance(client, smtplib.SMTP):
            raise smtplib.SMTPServerDisconnected(f"connection {smtp_conn_id!r} has no synchronous client")
        yield client
