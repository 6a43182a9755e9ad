"""A container's output, line by line as it is printed, cleaned and bounded for another log."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import requests
from docker.errors import DockerException

from include.containers._reading import clean_text
from include.containers.engine import Engine

log = logging.getLogger(__name__)

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[@-Z\\-_])")
_LINE_CHARACTERS = 500
_BUFFER_BYTES = 65536


def readable_lines(pieces: Iterable[bytes]) -> Iterator[str]:
    """Give the lines of an output as a person would see them at its end.

    Progress bars rewrite their line with carriage returns and backspaces: only the last state is given.
    Indentation stays: tracebacks are read by it.
    """
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from (text for line in whole if (text := _readable(line)))
        rest = rest[-_BUFFER_BYTES:]
    if text := _readable(rest):
        yield text


def _readable(line: bytes) -> str:
    text = _ANSI.sub("", line[-_BUFFER_BYTES:].decode("utf-8", errors="replace"))
    states = [state.rstrip() for state in re.split(r"[\r\x08]+", text)]
    return clean_text(next((state for state in reversed(states) if state), ""), _LINE_CHARACTERS)


class Bounded:
    """Passes on at most so many lines a second and in all, and says how many it left out.

    Args:
        emit: Gets the lines that pass.
        burst: Lines that pass at once after a quiet time, and the most per `seconds`.
        seconds: The time in which a burst is earned anew.
        total: Lines that pass in all.
        clock: Gives seconds that never go back.
    """

    def __init__(
        self,
        emit: Callable[[str], None],
        burst: int = 100,
        seconds: float = 5.0,
        total: int = 20_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._emit, self._burst, self._rate, self._clock = emit, burst, burst / seconds, clock
        self._allowed, self._at, self._left, self._skipped = float(burst), clock(), total, 0

    def __call__(self, line: str) -> None:
        """Take a line; pass it on unless there are too many."""
        now = self._clock()
        self._allowed = min(self._burst, self._allowed + (now - self._at) * self._rate)
        self._at = now
        if self._allowed < 1 or self._left < 1:
            self._skipped += 1
            return
        self.tell_skipped()
        self._allowed, self._left = self._allowed - 1, self._left - 1
        self._emit(line)

    def tell_skipped(self) -> None:
        """Say how many lines were left out since it was last said."""
        if self._skipped:
            self._emit(f"… {self._skipped} lines left out here; all are in log.txt")
            self._skipped = 0


def write_logs(engine: Engine, target: Path, experiment: str, trial: int, max_bytes: int) -> Path:
    """Save the log of all of a trial's launches in one file, in order, at most `max_bytes` of it."""
    left = max_bytes
    with target.open("wb") as stream:
        for state in engine.find(experiment, trial):
            stream.write(f"==> {state.name} <==\n".encode())
            for piece in engine.logs(str(state.id)):
                stream.write(piece[:left])
                left -= len(piece)
                if left <= 0:
                    stream.write(b"\n[cut here: the log is longer than it may be]\n")
                    return target
    return target


class LogFollower(threading.Thread):
    """Follows a container's output in a thread of its own, which a waiting engine can't hold a process up by.

    Args:
        engine: The engine; the follower closes its own connection at the end.
        container_id: The container.
        on_line: Gets each readable line, in this thread.
        on_end: Called when the output has ended, which is when the container has.
    """

    def __init__(
        self,
        engine: Engine,
        container_id: str,
        on_line: Callable[[str], None],
        on_end: Callable[[], None],
    ) -> None:
        super().__init__(name=f"follow-{container_id[:12]}", daemon=True)
        self._engine, self._container_id = engine, container_id
        self._on_line, self._on_end = on_line, on_end

    def run(self) -> None:
        """Follow until the output ends."""
        bounded = Bounded(self._on_line)
        try:
            for line in readable_lines(self._engine.logs(self._container_id, follow=True)):
                bounded(line)
        except (DockerException, requests.RequestException, OSError) as error:
            # The training goes on without its live log; whoever watches it sees its state anyway.
            log.warning("The log of container %s broke off: %s", self._container_id[:12], error)
        finally:
            bounded.tell_skipped()
            self._on_end()
