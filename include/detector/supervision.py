"""The entry of the detector: inspects a push in a process of its own; answers whatever becomes of that."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from include.detector import limits
from include.detector.inspection import inspect_here, verdict_of_unreadable
from include.detector.isolation import Ending, Outcome, Report, collect, judged, run
from include.detector.progress import progress_to
from include.detector.sources import UnreadableSourceError
from include.detector.verdict import Verdict

_WORKER = Path(__file__).with_name("_worker.py")
_LISTS = ("accuracy_files", "model_files", "absolute_paths", "datasets", "network_use")
_ADVICE = "leave generated code and data out of it"
_log = logging.getLogger(__name__)


def inspect(tree: Path, script: str | None = None) -> Verdict:
    """Say what was pushed. Never imports, executes or evaluates any of it; any input is answered in 2 s.

    Args:
        tree: The pushed folder, or one file of it (its neighbours are then looked at as imports only).
        script: The training script that the operator configured, relative to the folder; where it is not
            there, the script is chosen as if none had been configured, and the reason says so.

    Returns:
        The verdict; what can't be read, takes too long or takes too much memory is a verdict of kind
        `UNREADABLE` with the reason, never an exception.

    Raises:
        OSError: This machine can't start another process.
    """
    tree = Path(tree)
    outcome = _in_fork(tree, script) if threading.active_count() == 1 else _in_new_process(tree, script)
    if outcome.ending is Ending.DONE:
        return Verdict.from_json(cast("Mapping[str, object]", outcome.result))
    if outcome.ending is Ending.FAULT:
        _log.error("The detector failed on %s\n%s", tree, outcome.result)
    return verdict_of_unreadable(_problem(tree, outcome))


def work(tree: Path, script: str | None, report: Report) -> dict[str, object]:
    """What the process of its own does: the verdict as JSON, bounded in size.

    Args:
        tree: As in `inspect`.
        script: As in `inspect`.
        report: Is told each file before it is read or parsed.
    """
    with progress_to(report):
        return _bounded(inspect_here(tree, script).to_json())


def _in_fork(tree: Path, script: str | None) -> Outcome:
    return run(
        lambda report: work(tree, script, report),
        limits.INSPECTION_SECONDS,
        limits.INSPECTION_MEMORY,
        limits.INSPECTION_PATIENCE,
    )


def _in_new_process(tree: Path, script: str | None) -> Outcome:
    """The same in a fresh interpreter, 60 ms slower: beside other threads a fork could copy a held lock."""
    deadline = time.monotonic() + limits.INSPECTION_PATIENCE
    command = [sys.executable, "-I", "-S", str(_WORKER)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        try:
            process.stdin.write(json.dumps([str(tree.absolute()), script]).encode())
            process.stdin.close()
            outcome = collect(process.stdout.fileno(), deadline)
        finally:
            process.kill()
    return judged(outcome, process.returncode)


def _problem(tree: Path, outcome: Outcome) -> UnreadableSourceError:
    file = outcome.progress or tree.name or str(tree)
    match outcome.ending:
        case Ending.OUT_OF_TIME:
            what, limit = "code that takes too long", f"{limits.INSPECTION_SECONDS:g} seconds"
            complaint = f"was being analysed when the {limit} of work for a push were over; {_ADVICE}"
        case Ending.OUT_OF_MEMORY:
            what, limit = (
                "code that takes too much memory",
                f"{limits.INSPECTION_MEMORY // limits.MEGABYTE} MB",
            )
            complaint = (
                f"was being analysed when the {limit} of memory that a push may take were full; {_ADVICE}"
            )
        case Ending.FAULT:
            fault = str(outcome.result).strip().rpartition("\n")[2]
            what = "fault of the detector"
            complaint = f"hit a fault of the detector itself ({fault}), not of your code; tell the operator"
        case _:
            what, version = (
                "code that breaks the parser",
                f"{sys.version_info.major}.{sys.version_info.minor}",
            )
            complaint = f"made the parser of Python {version} fall; {_ADVICE}"
    return UnreadableSourceError(file, what, complaint)


def _bounded(document: dict[str, object]) -> dict[str, object]:
    """Without floods and without what can't be encoded: it goes into a database, a log and a mail."""
    for name in _LISTS:
        texts = cast("Sequence[str]", document[name])[: limits.LISTED]
        document[name] = [text[: limits.LISTED_LENGTH] for text in texts]
    return cast("dict[str, object]", _encodable(document))


def _encodable(value: object) -> object:
    match value:
        case str():
            return value.encode(errors="replace").decode()
        case list() | tuple():
            return [_encodable(one) for one in value]
        case dict():
            return {name: _encodable(one) for name, one in value.items()}
    return value
