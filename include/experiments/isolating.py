"""Work on hostile files in a process of its own: LibCST's parser can take the process that runs it down."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from include.detector.isolation import Outcome, collect, judged, run, serve
from include.settings import PROJECT_ROOT

SECONDS, MEMORY = 10.0, 1024**3
Request = Mapping[str, Any]


def isolated(work: Callable[[Request], object], request: Request) -> Outcome:
    """Do a piece of work in a process of its own, with limits on time and memory.

    Args:
        work: A function of a module, so that a fresh interpreter finds it; returns what JSON can hold.
        request: Its argument, in JSON types.

    Raises:
        OSError: This machine can't start another process.
    """
    if threading.active_count() == 1:
        return run(lambda _: work(request), SECONDS, MEMORY)
    return _in_new_process(work, request)


def _in_new_process(work: Callable[[Request], object], request: Request) -> Outcome:
    """The same in a fresh interpreter, slower: beside other threads a fork could copy a held lock."""
    deadline = time.monotonic() + SECONDS
    command = [sys.executable, "-m", __name__, work.__module__, work.__qualname__]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=PROJECT_ROOT
    ) as process:
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        try:
            process.stdin.write(json.dumps(dict(request)).encode())
            process.stdin.close()
            outcome = collect(process.stdout.fileno(), deadline)
        finally:
            process.kill()
    return judged(outcome, process.returncode)


def _serve() -> None:
    module, name = sys.argv[1:]
    work, request = getattr(import_module(module), name), json.load(sys.stdin)
    serve(lambda _: work(request), sys.stdout.fileno(), SECONDS, MEMORY)


if __name__ == "__main__":
    _serve()
