"""The folders of an outbox; a mail is in exactly one of them at any time, and moves in one step."""

import fcntl
import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Literal

from include.report._stored_mail import MESSAGE, MailState, StoredMail, sync

Place = Literal["pending", "sent", "refused"]
_PLACES: tuple[Place, ...] = ("pending", "sent", "refused")
_DRAFTS = "drafts"


class MailFolders:
    """Stored mails in `<directory>/<place>/<key>/`; made when missing."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        for name in (*_PLACES, _DRAFTS):
            (directory / name).mkdir(parents=True, exist_ok=True)

    def add(self, message: EmailMessage, state: MailState) -> bool:
        """Put a new mail into pending, unless its event has one in any place; says whether it was new."""
        key = key_of(state.event_id)
        draft = Path(tempfile.mkdtemp(dir=self._directory / _DRAFTS, prefix=f"{key}."))
        try:
            StoredMail.create(draft, message, state)
            with self.unmoved():
                if self.find(key) is not None:
                    return False
                draft.rename(self._directory / "pending" / key)
                sync(self._directory / "pending")
                return True
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def find(self, key: str) -> tuple[Place, StoredMail] | None:
        """Where a mail is; to be asked while nothing moves."""
        for place in _PLACES:
            folder = self._directory / place / key
            if folder.is_dir():
                return place, StoredMail(folder)
        return None

    def move(self, stored: StoredMail, place: Place) -> None:
        """Move a mail that the caller has locked out of pending."""
        with self.unmoved():
            stored.folder.rename(self._directory / place / stored.folder.name)
            sync(self._directory / place)

    def pending(self) -> list[StoredMail]:
        """What waits to be sent, oldest first."""
        folders = [f for f in (self._directory / "pending").iterdir() if f.is_dir()]
        return [StoredMail(folder) for folder in sorted(folders, key=_age)]

    @contextmanager
    def unmoved(self) -> Iterator[None]:
        """Keep every process from moving mails: for moments only, never while one is sent."""
        with (self._directory / "lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def key_of(event_id: str) -> str:
    """A folder name that is always the same for an event, and never for two."""
    digest = hashlib.sha256(event_id.encode("utf-8", "surrogateescape")).hexdigest()
    readable = re.sub(r"[^A-Za-z0-9]+", "-", event_id[:60]).strip("-")
    return f"{readable}-{digest[:20]}"


def _age(folder: Path) -> tuple[float, str]:
    try:
        return (folder / MESSAGE).stat().st_mtime, folder.name
    except FileNotFoundError:  # another process has just moved it
        return 0.0, folder.name
