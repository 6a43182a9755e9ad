"""The picture of an experiment: accuracy over its trials, the target, the best one."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from include.report._numbers import accuracy as shown
from include.report.report import TrialLine

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Transparent, in tones with equal contrast on white and near black: clients darken the page, not pictures.
_INK, _GRID, _LINE, _GOOD, _BAD, _TARGET = "#7d8590", "#7d859044", "#4f83e8", "#21a366", "#dd5b5b", "#b7791f"
_SIZE_INCHES, _DPI = (5.6, 2.9), 200
_MANY = 40


def accuracy_chart(trials: Sequence[TrialLine], target: float, best: int | None) -> bytes | None:
    """Draw the accuracies.

    Args:
        trials: All trials in their order.
        target: Accuracy to reach, fraction 0-1.
        best: Number of the best trial, or None.

    Returns:
        A PNG of 1120 x 580 pixels with transparent background and at most 60 kB, or None when no trial has an
        accuracy. Only numbers are drawn, nothing that came from a push.
    """
    points = [(t.number, t.accuracy) for t in trials if t.accuracy is not None and math.isfinite(t.accuracy)]
    if not points:
        return None
    # Slow to import, and needed only when a mail is written; no pyplot: it keeps figures in a global.
    from matplotlib.figure import Figure

    figure = Figure(figsize=_SIZE_INCHES, dpi=_DPI, layout="constrained")
    axes = figure.add_subplot()
    failed = [t.number for t in trials if t.state in ("failed", "pruned") and t.accuracy is None]
    _frame(axes, points, failed, target)
    _draw_target(axes, target, points)
    _draw_points(axes, points, target)
    _draw_failed(axes, failed)
    _mark_best(axes, points, best, target)
    return _png(figure)


def _frame(axes: Axes, points: list[tuple[int, float]], failed: list[int], target: float) -> None:
    from matplotlib.ticker import MaxNLocator

    values = [value for _, value in points] + [target]
    room = max(max(values) - min(values), 0.02)
    axes.set_ylim(max(min(values) - 0.22 * room, -0.03), max(values) + 0.3 * room)
    axes.set_xlim(0.5, max([number for number, _ in points] + failed) + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=10, integer=True, min_n_ticks=1))
    # No accuracy is above 1, so no tick is either.
    axes.set_yticks([tick for tick in MaxNLocator(nbins=5).tick_values(*axes.get_ylim()) if 0 <= tick <= 1])
    axes.set_ylim(max(min(values) - 0.22 * room, -0.03), max(values) + 0.3 * room)
    axes.set_axisbelow(True)
    axes.grid(axis="y", color=_GRID, linewidth=0.8)
    axes.tick_params(length=0, labelsize=11, labelcolor=_INK, pad=5)
    axes.set_xlabel("trial", color=_INK, fontsize=11, labelpad=3)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _draw_target(axes: Axes, target: float, points: list[tuple[int, float]]) -> None:
    axes.axhline(target, color=_TARGET, linewidth=1.4, dashes=(5, 3), zorder=2)
    axes.axhspan(target, axes.get_ylim()[1], color=_GOOD, alpha=0.08, linewidth=0, zorder=0)
    # At the end where the accuracies are farther from it.
    left = abs(points[0][1] - target) >= abs(points[-1][1] - target)
    axes.annotate(
        f"target {shown(target)}",
        (0 if left else 1, target),
        xycoords=("axes fraction", "data"),
        xytext=(5 if left else -5, 4),
        textcoords="offset points",
        color=_TARGET,
        fontsize=11,
        fontweight="bold",
        ha="left" if left else "right",
        va="bottom",
    )


def _draw_points(axes: Axes, points: list[tuple[int, float]], target: float) -> None:
    numbers, values = [n for n, _ in points], [v for _, v in points]
    many = len(points) > _MANY
    # Where single trials can no longer be told apart, the line is the best so far.
    line = list(accumulate(values, max)) if many else values
    axes.plot(numbers, line, color=_LINE, linewidth=2.0, solid_joinstyle="round", zorder=3)
    axes.fill_between(numbers, line, axes.get_ylim()[0], color=_LINE, alpha=0.10, linewidth=0, zorder=1)
    colours = [_GOOD if value >= target else _LINE for value in values]
    axes.scatter(
        numbers, values, s=9 if many else 34, c=colours, alpha=0.55 if many else 1, linewidths=0, zorder=4
    )


def _draw_failed(axes: Axes, failed: list[int]) -> None:
    if failed:
        bottom, top = axes.get_ylim()
        foot = bottom + 0.05 * (top - bottom)  # clear of the numbers below the axis
        axes.scatter(failed, [foot] * len(failed), s=36, c=_BAD, marker="x", linewidths=1.8, zorder=5)


def _mark_best(axes: Axes, points: list[tuple[int, float]], best: int | None, target: float) -> None:
    value = dict(points).get(best) if best is not None else None
    if best is None or value is None:
        return
    colour = _GOOD if value >= target else _LINE
    axes.scatter([best], [value], s=150, facecolors="none", edgecolors=colour, linewidths=2.0, zorder=6)
    left, right = axes.get_xlim()
    place = (best - left) / (right - left)
    axes.annotate(
        shown(value),
        (best, value),
        xytext=(0, 10),
        textcoords="offset points",
        color=colour,
        fontsize=13,
        fontweight="bold",
        ha="left" if place < 0.08 else "right" if place > 0.92 else "center",
        va="bottom",
        zorder=7,
    )


def _png(figure: Figure) -> bytes:
    from PIL import Image

    drawn, small = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", transparent=True)
    # A palette holds these few colours as well, in a third of the bytes.
    Image.open(drawn).quantize(128, Image.Quantize.FASTOCTREE).save(small, "PNG", optimize=True)
    return small.getvalue()
