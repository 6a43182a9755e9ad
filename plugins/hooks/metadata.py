"""Writing to Airflow's own database, from what runs inside its servers."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from airflow.utils.session import create_session
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

T = TypeVar("T")
# With SQLite a write loses now and then against another one; nothing of it was kept.
_TRIES, _PAUSE_SECONDS = 5, 0.2


def in_transaction(write: Callable[[Session], T]) -> T:
    """Do something in one transaction, again where it lost against another one.

    Args:
        write: What to do; all of it is done again.

    Raises:
        OperationalError: the database does not answer, or is too busy.
    """
    left = _TRIES
    while True:
        left -= 1
        try:
            with create_session() as session:
                return write(session)
        except OperationalError:
            if not left:
                raise
            time.sleep(_PAUSE_SECONDS)
