"""The root of every failure that setting up or running the system can report to a person."""

from __future__ import annotations

import errno


class OpsError(Exception):
    """Something a person must know: what happened, and what to do about it.

    Args:
        cause: What happened, in one sentence without a full stop.
        remedy: What the person can do, in one sentence without a full stop.
    """

    def __init__(self, cause: str, remedy: str) -> None:
        super().__init__(f"{cause}. {remedy}.")
        self.cause = cause
        self.remedy = remedy


_REMEDIES = {
    errno.EROFS: "Put the project on a disk that can be written to",
    errno.EACCES: "Give this user the right to write there (a run as root may have made it: sudo chown)",
    errno.EPERM: "Give this user the right to do that",
    errno.ENOSPC: "Free some space on that disk, then run this again",
    errno.EDQUOT: "Free some space within this user's quota, then run this again",
}


def refused(error: OSError) -> OpsError:
    """Say what the operating system refused, and what can be done about it."""
    where = f"{error.filename}: " if error.filename else ""
    remedy = _REMEDIES.get(error.errno or 0, "Mend that, then run this again")
    return OpsError(f"{where}{error.strerror or error}", remedy)
