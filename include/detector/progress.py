"""Tells which file is being looked at, for whoever has to say later where time or memory ran out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_told: ContextVar[Callable[[str], None] | None] = ContextVar("_told", default=None)


@contextmanager
def progress_to(tell: Callable[[str], None]) -> Iterator[None]:
    """Have each file told when it is read and when it is parsed, for as long as the context lasts."""
    token = _told.set(tell)
    try:
        yield
    finally:
        _told.reset(token)


def looking_at(file: str) -> None:
    """Tell a file, where somebody wants to know."""
    if tell := _told.get():
        tell(file)
