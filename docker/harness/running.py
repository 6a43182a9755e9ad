"""Runs the script as Python itself would, and says how it ended."""

from __future__ import annotations

import contextlib
import os
import runpy
import sys
import threading
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from harness.launch import Launch
from harness.offline import is_lost_connection

_ERROR_CHARACTERS = 500


@dataclass(frozen=True)
class Ended:
    """How the script ended.

    Args:
        error: Its exception in one line, None when it ran to its end.
        traceback: The exception's traceback, only the frames of the pushed repository.
        offline: Whether the exception is that there is no network.
    """

    error: str | None = None
    traceback: str | None = None
    offline: bool = False


def run_script(launch: Launch) -> Ended:
    """Run the script as ``__main__`` in its working directory, with its arguments and standard input."""
    script = (launch.working_directory / launch.script).absolute()
    os.chdir(launch.working_directory)
    if launch.stdin is not None:
        _feed_stdin(launch.stdin)
    sys.argv = [launch.script, *launch.arguments]
    sys.path.insert(0, str(script.parent))
    streams = sys.stdout, sys.stderr
    try:
        runpy.run_path(str(script), run_name="__main__")
        _join_threads()
    except SystemExit as error:
        return _of_exit(error)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever the script raises is its result
        return _of_error(error, launch.working_directory)
    finally:
        _take_back(*streams)
    return Ended()


def leave_no_trace() -> None:
    """Take the harness out of the script's sight, so that a module of its own may be called the same."""
    home = str(Path(__file__).parent.parent)
    sys.path[:] = [entry for entry in sys.path if entry not in ("", home)]
    if os.environ.get("PYTHONPATH") == home:
        del os.environ["PYTHONPATH"]
    for name in [name for name in sys.modules if name.partition(".")[0] == __package__]:
        del sys.modules[name]


def _feed_stdin(text: str) -> None:
    """Put a text on descriptor 0, so that `input()` and the script's children read it too."""
    descriptor = os.memfd_create("stdin")
    with os.fdopen(os.dup(descriptor), "wb") as stream:
        stream.write(text.encode())
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.dup2(descriptor, 0)
    os.close(descriptor)


def _take_back(stdout: TextIO, stderr: TextIO) -> None:
    """Have standard output again where the script put a file in its place, or closed it.

    What it printed into its file is written out, as at the end of Python.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    sys.stdout = open(1, "w", closefd=False) if stdout.closed else stdout  # noqa: SIM115
    sys.stderr = open(2, "w", closefd=False) if stderr.closed else stderr  # noqa: SIM115


def _join_threads() -> None:
    """Wait for the threads that Python itself would wait for at its end.

    The idle workers of a thread pool would wait for work for ever: Python tells them to end, then joins them.
    """
    pools = sys.modules.get("concurrent.futures.thread")
    idle = set(getattr(pools, "_threads_queues", ()))
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and not thread.daemon and thread not in idle:
            thread.join()


def _of_exit(error: SystemExit) -> Ended:
    if error.code is None or error.code == 0:
        return Ended()
    what = f"exit code {error.code}" if isinstance(error.code, int) else str(error.code)
    return Ended(f"SystemExit: {what}"[:_ERROR_CHARACTERS])


def _of_error(error: BaseException, root: Path) -> Ended:
    told = traceback.TracebackException.from_exception(error)
    _trim(told, str(root.absolute()) + os.sep, set())
    text = "".join(told.format())
    message = str(error).strip().splitlines()
    line = f"{type(error).__name__}: {message[0]}" if message else type(error).__name__
    return Ended(line[:_ERROR_CHARACTERS], text, is_lost_connection(error))


def _trim(told: traceback.TracebackException, root: str, seen: set[int]) -> None:
    """Keep only the frames of the pushed repository, in the whole chain of exceptions."""
    if id(told) in seen:
        return
    seen.add(id(told))
    told.stack = traceback.StackSummary.from_list(
        [frame for frame in told.stack if frame.filename.startswith(root)]
    )
    for other in (told.__cause__, told.__context__):
        if other is not None:
            _trim(other, root, seen)
