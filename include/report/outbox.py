"""A durable outbox: each event's mail is stored once, sent once, and lost never.

    outbox/pending/<key>/   stored, waiting for the SMTP server
    outbox/sent/<key>/      handed over
    outbox/refused/<key>/   refused for good; `state.json` says why. Move it back to pending to try it again

A process that dies while it sends leaves the mail pending; it is sent again with the same Message-ID.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Literal

from include.report._failures import Failure, RefusedRecipients, describe, judge, temporary
from include.report._mail_folders import MailFolders, Place, key_of
from include.report._stored_mail import MailState, StoredMail

Send = Callable[[EmailMessage], RefusedRecipients | None]
DeliveryState = Literal["sent", "delayed", "refused"]
_STATES: dict[Place, DeliveryState] = {"pending": "delayed", "sent": "sent", "refused": "refused"}
_FIRST_PAUSE, _LONGEST_PAUSE = 30.0, 900.0
_GIVE_UP_DAYS = 5


@dataclass(frozen=True)
class Delivery:
    """What became of one event's mail.

    Args:
        event_id: The event it tells of.
        state: "sent", "delayed" (still pending) or "refused" (for good).
        detail: Why, in words; worth a log line.
    """

    event_id: str
    state: DeliveryState
    detail: str


class Outbox:
    """Mails on their way, in a folder that any number of processes of one machine share.

    Args:
        directory: Made when it is missing.
        clock: Source of POSIX time.
    """

    def __init__(self, directory: Path, clock: Callable[[], float] = time.time) -> None:
        self._folders = MailFolders(directory)
        self._clock = clock

    def post(self, event_id: str, message: EmailMessage) -> bool:
        """Store an event's mail, unless it was stored before, be it sent or not.

        Args:
            event_id: Any text; equal ids are the same event, for ever.
            message: A complete mail, with its Message-ID.

        Returns:
            Whether the mail is new. False means that nothing was done.
        """
        return self._folders.add(message, MailState(event_id, self._clock()))

    def status(self, event_id: str) -> Delivery | None:
        """What became of an event's mail; None if none was posted."""
        with self._folders.unmoved():
            found = self._folders.find(key_of(event_id))
            if found is None:
                return None
            place, stored = found
            return Delivery(event_id, _STATES[place], stored.state().detail or "not tried yet")

    def deliver(self, send: Send, *, now: bool = False) -> list[Delivery]:
        """Send what is pending and due, oldest first; each mail by one process only.

        Args:
            send: Hands one mail to the SMTP server, to the addresses in its `To`. Raises what smtplib raises;
                may return the recipients that were refused while others were taken, as
                `smtplib.SMTP.send_message` does.
            now: Try also the mails that wait for their next try.

        Returns:
            What became of every mail that was pending, without those that another process is sending.

        Raises:
            DamagedMail: A stored mail can't be read.
            Exception: whatever else `send` raises. The attempt is recorded and the mail stays pending.
        """
        deliveries: list[Delivery] = []
        away: Failure | None = None
        for stored in self._folders.pending():
            with stored.locked() as mine:
                if mine:
                    delivery, failure = self._deliver_one(stored, send, now, away)
                    deliveries.append(delivery)
                    away = failure if failure is not None and failure.server_away else away
        return deliveries

    def _deliver_one(
        self, stored: StoredMail, send: Send, now: bool, away: Failure | None
    ) -> tuple[Delivery, Failure | None]:
        state = stored.state()
        waits = None if now else _waits(state, self._clock())
        if waits is not None:
            return Delivery(state.event_id, "delayed", waits), None
        if away is not None:
            return Delivery(state.event_id, "delayed", f"not tried: {away.reason}"), None
        return self._attempt(stored, send)

    def _attempt(self, stored: StoredMail, send: Send) -> tuple[Delivery, Failure | None]:
        attempts = stored.state().attempts + 1
        pause = min(_FIRST_PAUSE * 2.0 ** min(attempts - 1, 30), _LONGEST_PAUSE)
        # Written before the attempt: a mail that kills its process does not block the others for ever.
        stored.note(attempts=attempts, next_try=self._clock() + pause, detail="sending was begun")
        try:
            refused = send(stored.message()) or {}
        except Exception as error:
            failure = judge(error)
            if failure is None:
                stored.note(detail=f"{type(error).__name__} while sending: {error}"[:300])
                raise
            return self._failed(stored, failure), failure
        return self._handed_over(stored, refused), None

    def _handed_over(self, stored: StoredMail, refused: RefusedRecipients) -> Delivery:
        later = temporary(refused)
        if not later:
            return self._end(stored, "sent", f"sent, but not to {describe(refused)}" if refused else "sent")
        # The others have their mail: only who was refused for now is written to again.
        message = stored.message()
        message.replace_header("To", ", ".join(later))
        stored.write_message(message)
        return self._delay(stored, describe(refused))

    def _failed(self, stored: StoredMail, failure: Failure) -> Delivery:
        state = stored.state()
        if failure.permanent:
            return self._end(stored, "refused", failure.reason)
        if self._clock() - state.posted_at > _GIVE_UP_DAYS * 86_400:
            reason = (
                f"given up after {state.attempts} attempts in {_GIVE_UP_DAYS} days, last: {failure.reason}"
            )
            return self._end(stored, "refused", reason)
        return self._delay(stored, failure.reason)

    def _delay(self, stored: StoredMail, detail: str) -> Delivery:
        return Delivery(stored.note(detail=detail).event_id, "delayed", detail)

    def _end(self, stored: StoredMail, place: Literal["sent", "refused"], detail: str) -> Delivery:
        # A crash between the two steps leaves the mail pending, to be sent again with its Message-ID.
        state = stored.note(detail=detail)
        self._folders.move(stored, place)
        return Delivery(state.event_id, place, detail)


def _waits(state: MailState, now: float) -> str | None:
    if state.next_try <= now:
        return None
    return f"{state.detail}; tried {state.attempts} times, next in {round(state.next_try - now)} s"
