"""The values that stand in the files of a trial which a tweak script made, read where a parser may fall."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from include.detector.isolation import Ending, Outcome, collect, run, serve
from include.detector.verdict import Verdict
from include.settings import PROJECT_ROOT
from include.tweaker import Launch, SearchSpace, TweakError, apply, discover

SECONDS, MEMORY = 10.0, 1024**3
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reading:
    """What was read of a trial's files.

    Args:
        space: What can be tweaked in them, its defaults the trial's values; None where nothing was found.
        launch: What the training must be given so that it runs with just these values.
    """

    space: SearchSpace | None = None
    launch: Launch = field(default_factory=Launch)


def read_trial(work: Path, verdict: Verdict, interface: str | None) -> Reading:
    """Read a trial's files in a process of its own; what can't be read goes on without names for its values.

    Args:
        work: The files; of the stdin protocol, `input.txt` is made where it is missing.
        verdict: The push's; names the script.
        interface: The one in which the push's values were found: another one's would be other values.
    """
    if interface is None:
        return Reading()
    isolated = _in_fork if threading.active_count() == 1 else _in_new_process
    outcome = isolated(work, verdict, interface)
    if outcome.ending is not Ending.DONE:
        log.warning("The values in %s can't be read: %s %s", work, outcome.ending.value, outcome.result or "")
        return Reading()
    document = cast("dict[str, Any] | None", outcome.result)
    if document is None:
        return Reading()
    launch = Launch(arguments=tuple(document["arguments"]), stdin=document["stdin"])
    return Reading(SearchSpace.from_json(document["space"]), launch)


def read_here(work: Path, verdict: Verdict, interface: str) -> dict[str, Any] | None:
    """The same as JSON, in this process; None where nothing was found."""
    try:
        space = discover(work, verdict)
        if space is None or space.interface != interface:
            return None
        launch = Launch()  # literals are in the files already
        if interface != "literals":
            launch = apply(space, {}, tree=work, working_directory=work, verdict=verdict)
    except (TweakError, RecursionError) as error:
        log.warning("The values in %s can't be read: %s", work, error)
        return None
    return {"space": space.to_json(), "arguments": list(launch.arguments), "stdin": launch.stdin}


def _in_fork(work: Path, verdict: Verdict, interface: str) -> Outcome:
    return run(lambda _: read_here(work, verdict, interface), SECONDS, MEMORY)


def _in_new_process(work: Path, verdict: Verdict, interface: str) -> Outcome:
    """The same in a fresh interpreter, slower: beside other threads a fork could copy a held lock."""
    deadline = time.monotonic() + SECONDS
    command = [sys.executable, "-m", __name__]
    request = json.dumps([str(work.absolute()), verdict.to_json(), interface]).encode()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=PROJECT_ROOT
    ) as process:
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        try:
            process.stdin.write(request)
            process.stdin.close()
            return collect(process.stdout.fileno(), deadline)
        finally:
            process.kill()


def _serve() -> None:
    work, verdict, interface = json.load(sys.stdin)
    known = Verdict.from_json(verdict)
    serve(lambda _: read_here(Path(work), known, interface), sys.stdout.fileno(), SECONDS, MEMORY)


if __name__ == "__main__":
    _serve()
