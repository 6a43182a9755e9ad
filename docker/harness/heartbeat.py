"""A file touched every two seconds: as long as it is, the process is alive."""

from __future__ import annotations

import threading
from pathlib import Path

SECONDS = 2.0


def beat(path: Path) -> None:
    """Touch the file now and from now on, from a thread that ends with the process."""
    path.touch()
    threading.Thread(target=_run, args=(path,), name="harness-heartbeat", daemon=True).start()


def _run(path: Path) -> None:
    pause = threading.Event()
    while not pause.wait(SECONDS):
        path.touch()
