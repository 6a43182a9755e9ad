"""What a failed attempt to send a mail means: a server that is away, or a mail that nobody will ever take."""

import smtplib
from collections.abc import Mapping
from dataclasses import dataclass

from include.report._text import one_line

# As smtplib reports them: recipient → (code, answer).
RefusedRecipients = Mapping[str, tuple[int, bytes]]

# 530 asks for a login, 534, 535 and 538 refuse ours: the operator mends these, the mail itself is fine.
_LOGIN_CODES = frozenset({530, 534, 535, 538})


@dataclass(frozen=True)
class Failure:
    """A judged failure.

    Args:
        permanent: No later attempt can succeed.
        server_away: No other mail would have got through either.
        reason: What the server or the network said, on one line.
    """

    permanent: bool
    server_away: bool
    reason: str


class NoticeFailed(Exception):
    """A place did not take what it was told.

    Args:
        reason: What it answered; never its address, which may be a secret.
        permanent: Whether the document itself was refused, so that no later attempt can succeed.
    """

    def __init__(self, reason: str, *, permanent: bool = False) -> None:
        super().__init__(reason)
        self.permanent = permanent


def judge(error: Exception) -> Failure | None:
    """Decide what an exception of `send` means; None when it is no failure of mail but a defect of ours."""
    if isinstance(error, NoticeFailed):
        return Failure(error.permanent, not error.permanent, one_line(str(error), 300))
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return Failure(not temporary(error.recipients), False, describe(error.recipients))
    if isinstance(error, smtplib.SMTPResponseException):
        return _judge_answer(error)
    # smtplib's other exceptions are OSErrors too: disconnected, TLS or log-in not offered, HELO refused.
    if isinstance(error, OSError):
        return Failure(False, True, one_line(f"{type(error).__name__}: {error}", 300))
    if isinstance(error, UnicodeError):
        return Failure(True, False, one_line(f"the mail can't be encoded: {error}", 300))
    return None


def _judge_answer(error: smtplib.SMTPResponseException) -> Failure:
    answer = error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode()
    reason = _answer(error.smtp_code, answer)
    of_the_session = isinstance(
        error, smtplib.SMTPConnectError | smtplib.SMTPHeloError | smtplib.SMTPAuthenticationError
    )
    if of_the_session or error.smtp_code in _LOGIN_CODES or error.smtp_code == 421:
        return Failure(False, True, reason)
    return Failure(500 <= error.smtp_code < 600, False, reason)


def temporary(refused: RefusedRecipients) -> list[str]:
    """The recipients that the server may take later."""
    return [address for address, (code, _) in refused.items() if not 500 <= code < 600]


def describe(refused: RefusedRecipients) -> str:
    """One line that names every refused recipient with the server's answer."""
    return "; ".join(f"{one_line(to, 100)}: {_answer(code, text)}" for to, (code, text) in refused.items())


def _answer(code: int, text: bytes) -> str:
    return one_line(f"{code} {text.decode('utf-8', 'replace')}", 300)
