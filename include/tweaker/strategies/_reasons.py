"""Says in a developer's words why a value is tried."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from include.tweaker.space import Parameter, SearchSpace, Value

OWN_VALUES = "your own values"
RUNNING = math.nan  # the accuracy of a trial that still trains


@dataclass(frozen=True)
class Outcome:
    """What one trial of a climb did to the accuracy.

    `before` and `after` are None where training failed; `after` is `RUNNING` where it has not ended.
    """

    parameter: Parameter
    change: str
    before: float | None
    after: float | None
    improved: bool


def change(old: Value, new: Value) -> str:
    """Return ``32 → 64``."""
    return f"{shown(old)} → {shown(new)}"


def shown(value: Value) -> str:
    """Return a value as a person would write it."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def fraction(accuracy: float | None) -> str:
    """Return an accuracy as a fraction with two to four decimals."""
    if accuracy is None:
        return "nothing"
    text = f"{accuracy:.4f}"
    return text.rstrip("0").ljust(4, "0")


def changes(space: SearchSpace, old: Mapping[str, Value], new: Mapping[str, Value]) -> str:
    """Return ``filters of conv 1: 64 → 128, epochs: 5 → 10``; a value that is new stands alone."""
    changed = [p for p in space.parameters if p.name in new and new[p.name] != old.get(p.name)]
    return ", ".join(
        f"{p.label}: {change(old[p.name], new[p.name]) if p.name in old else shown(new[p.name])}"
        for p in changed
    )


def because(parameter: Parameter, last: Outcome | None, best: float | None) -> str:
    """Return why `parameter` is tried now, after the last outcome of the climb."""
    if last is None:
        return so_far(best)
    return ended(_what(parameter, last), last.before, last.after, improved=last.improved)


def so_far(best: float | None) -> str:
    """Return where a search stands that has tried only the developer's own values."""
    return f"accuracy is {fraction(best)} so far" if best is not None else "your own values failed to train"


def ended(what: str, before: float | None, after: float | None, *, improved: bool) -> str:
    """Return what a change did, as ``32 → 64 raised accuracy 0.61 → 0.68``; accuracies as in `Outcome`."""
    if improved:
        return f"{what} raised accuracy {fraction(before)} → {fraction(after)}"
    if after is not None and math.isnan(after):
        return f"{what} is still in training"
    if after is None:
        return f"{what} failed to train"
    return f"{what} did not raise accuracy ({fraction(before)} → {fraction(after)})"


def _what(parameter: Parameter, last: Outcome) -> str:
    if last.parameter.name.startswith("growth."):
        return f"one more {last.parameter.label.removeprefix('added ').removesuffix('s')}"
    return last.change if last.parameter == parameter else f"{last.parameter.label} {last.change}"
