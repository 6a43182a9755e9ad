"""The learning curves of one trial, from the file its training writes, thinned to what a screen shows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from include.containers.errors import ResultRefusedError
from include.containers.result import Epoch, read_metrics

MOST_POINTS = 400
_T = TypeVar("_T")
_CURVES = ("accuracy", "val_accuracy", "loss", "val_loss")


def curves(trial_dir: Path) -> dict[str, Any]:
    """The curves as JSON: one list of epochs, and one per figure with None where it was not measured.

    Args:
        trial_dir: The trial's folder; one that is gone has no epochs.
    """
    try:
        epochs = read_metrics(trial_dir / "out")
    except FileNotFoundError:
        epochs = ()
    except ResultRefusedError as error:
        return {"epochs": [], "planned": None, "refused": error.why}
    kept = thinned(epochs, MOST_POINTS)
    series = {name: [_figure(epoch, name) for epoch in kept] for name in _CURVES}
    return {
        "epochs": [epoch.epoch for epoch in kept],
        "planned": epochs[-1].planned if epochs else None,
        "done": epochs[-1].epoch if epochs else 0,
        **{name: figures for name, figures in series.items() if any(f is not None for f in figures)},
    }


def thinned(items: Sequence[_T], most: int) -> list[_T]:
    """At most so many items, evenly spread, with the first and the last."""
    if len(items) <= most:
        return list(items)
    step = (len(items) - 1) / (most - 1)
    return [items[round(position * step)] for position in range(most)]


def _figure(epoch: Epoch, name: str) -> float | None:
    figure: float | None = getattr(epoch, name)
    return None if figure is None else float(f"{figure:.6g}")
