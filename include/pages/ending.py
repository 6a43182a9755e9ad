"""How an experiment ended that went wrong, in one sentence for the head of its page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from include.experiments.records import State
from include.pages.database import Database, Point
from include.report._text import one_line

KEYS = ("tweak_end", "given_up", "stopped")
_WITH_A_CAUSE = (State.SCRIPT_ERROR, State.TWEAK_ERROR, State.CRASHED, State.EXHAUSTED)


def how_it_ended(
    database: Database, attributes: Mapping[str, Any], points: Sequence[Point]
) -> dict[str, Any] | None:
    """The cause of an end that is no judgement of accuracy, as JSON.

    Args:
        database: The store.
        attributes: The study's, with `KEYS` among them.
        points: Its trials.

    Returns:
        The sentence and the trial whose container, log and patch show it; None where nothing went wrong.
    """
    state = attributes.get("state")
    if state not in _WITH_A_CAUSE:
        return None
    tweak = attributes.get("tweak_end")
    if tweak is not None:
        return {"text": one_line(f"{tweak['script']} {tweak['why']}.", 500), "trial": tweak["trial"]}
    if state == State.EXHAUSTED:
        return None
    number = int(attributes.get("given_up") or len(points))
    if not 1 <= number <= len(points):
        text = "It ended before its first trial. The training system itself failed."
        return {"text": attributes.get("stopped") or text, "trial": None}
    error = database.trial_attributes([points[number - 1].id]).get(points[number - 1].id, {}).get("error")
    text = f"Trial {number}: {error or 'it was given up'}"
    return {"text": one_line(text, 500), "trial": number}
