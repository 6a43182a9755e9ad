"""The root of every failure that setting up or running the system can report to a person."""

from __future__ import annotations


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
