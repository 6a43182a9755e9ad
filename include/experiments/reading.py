"""The values that stand in pushed files, and in those of a trial that a tweak script made."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

from include.detector.isolation import Ending, Outcome
from include.detector.verdict import Verdict
from include.experiments.isolating import Request, isolated
from include.tweaker import Launch, SearchSpace, TweakError, apply, discover
from include.tweaker.caps import Caps

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


def read_space(tree: Path, verdict: Verdict, caps: Caps) -> SearchSpace | None:
    """Find what can be tweaked in a push; a push whose files can't be read for it is trained as it is.

    Args:
        tree: The pushed files.
        verdict: What the detector said of them.
        caps: How large a tweaked network may become.
    """
    request = {"tree": str(tree.absolute()), "verdict": verdict.to_json(), "caps": asdict(caps)}
    document = _answer(isolated(discover_here, request), tree)
    return None if document is None else SearchSpace.from_json(document)


def read_trial(work: Path, verdict: Verdict, interface: str | None) -> Reading:
    """Read a trial's files; what can't be read goes on without names for its values.

    Args:
        work: The files; of the stdin protocol, `input.txt` is made where it is missing.
        verdict: The push's; names the script.
        interface: The one in which the push's values were found: another one's would be other values.
    """
    if interface is None:
        return Reading()
    request = {"work": str(work.absolute()), "verdict": verdict.to_json(), "interface": interface}
    document = _answer(isolated(read_here, request), work)
    if document is None:
        return Reading()
    launch = Launch(arguments=tuple(document["arguments"]), stdin=document["stdin"])
    return Reading(SearchSpace.from_json(document["space"]), launch)


def discover_here(request: Request) -> dict[str, Any] | None:
    """`read_space` in this process, as JSON; None where nothing was found."""
    verdict, caps = Verdict.from_json(request["verdict"]), Caps(**request["caps"])
    space = discover(Path(request["tree"]), verdict, caps)
    return None if space is None else space.to_json()


def read_here(request: Request) -> dict[str, Any] | None:
    """`read_trial` in this process, as JSON; None where nothing was found."""
    work, verdict = Path(request["work"]), Verdict.from_json(request["verdict"])
    try:
        space = discover(work, verdict)
        if space is None or space.interface != request["interface"]:
            return None
        launch = Launch()  # literals are in the files already
        if space.interface != "literals":
            launch = apply(space, {}, tree=work, working_directory=work, verdict=verdict)
    except (TweakError, RecursionError) as error:
        log.warning("The values in %s can't be read: %s", work, error)
        return None
    return {"space": space.to_json(), "arguments": list(launch.arguments), "stdin": launch.stdin}


def _answer(outcome: Outcome, files: Path) -> dict[str, Any] | None:
    if outcome.ending is Ending.DONE:
        return cast("dict[str, Any] | None", outcome.result)
    log.warning("The values in %s can't be read: %s %s", files, outcome.ending.value, outcome.result or "")
    return None
