"""One mail in its own folder: the message, what was tried so far, and a lock for whoever sends it."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

MESSAGE, STATE, LOCK = "message.eml", "state.json", "lock"


@dataclass(frozen=True)
class MailState:
    """What is known of a stored mail.

    Args:
        event_id: What the mail tells of; one mail for each.
        posted_at: POSIX time when it was stored.
        attempts: How often sending was begun.
        next_try: POSIX time before which it is not tried again.
        detail: What happened last, in words.
    """

    event_id: str
    posted_at: float
    attempts: int = 0
    next_try: float = 0.0
    detail: str = ""


class DamagedMail(ValueError):
    """A stored mail whose state can't be read."""

    def __init__(self, folder: Path, error: Exception) -> None:
        super().__init__(
            f"{folder / STATE} can't be read ({error}); move {folder} out of the outbox and look at it"
        )


@dataclass(frozen=True)
class StoredMail:
    """A folder with a message and its state; writes are atomic and on the disk before they return."""

    folder: Path

    @classmethod
    def create(cls, folder: Path, message: EmailMessage, state: MailState) -> "StoredMail":
        """Write a new mail into a folder that nobody else looks at yet."""
        stored = cls(folder)
        stored.write_message(message)
        stored.write_state(state)
        (folder / LOCK).touch()
        sync(folder)
        return stored

    def message(self) -> EmailMessage:
        """The message as it was stored."""
        return message_from_bytes((self.folder / MESSAGE).read_bytes(), EmailMessage, policy=SMTP)

    def write_message(self, message: EmailMessage) -> None:
        """Store the message."""
        _write(self.folder / MESSAGE, message.as_bytes(policy=SMTP))

    def state(self) -> MailState:
        """What is known of the mail.

        Raises:
            DamagedMail: The file is missing or no state.
        """
        try:
            document = json.loads((self.folder / STATE).read_text(encoding="utf-8"))
            return MailState(**document)
        except (OSError, ValueError, TypeError) as error:
            raise DamagedMail(self.folder, error) from error

    def write_state(self, state: MailState) -> None:
        """Store what is known of the mail."""
        _write(self.folder / STATE, json.dumps(asdict(state), indent=2).encode("utf-8"))

    def note(self, **changes: object) -> MailState:
        """Change some fields of the state."""
        state = replace(self.state(), **changes)  # type: ignore[arg-type]
        self.write_state(state)
        return state

    @contextmanager
    def locked(self) -> Iterator[bool]:
        """Hold the mail for sending; gives False when another process holds it or has dealt with it."""
        try:
            handle = os.open(self.folder / LOCK, os.O_RDWR)
        except FileNotFoundError:
            yield False
            return
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The folder may have been moved between the look at it and the lock.
            yield (self.folder / LOCK).exists()
        except BlockingIOError:
            yield False
        finally:
            os.close(handle)


def sync(folder: Path) -> None:
    """Wait until the entries of a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(path: Path, content: bytes) -> None:
    draft = path.with_suffix(".new")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync(path.parent)
