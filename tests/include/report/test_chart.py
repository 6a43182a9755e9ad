"""The chart of an experiment."""

import io
import math
import subprocess
import sys

import pytest
from PIL import Image

from include.report import TrialLine
from include.report.chart import accuracy_chart


def trials_of(*accuracies: float | None) -> list[TrialLine]:
    """Trials with these accuracies; None failed."""
    return [
        TrialLine(n, {}, a, 1.0, "", "complete" if a is not None else "failed")
        for n, a in enumerate(accuracies, start=1)
    ]


@pytest.mark.parametrize(
    ("accuracies", "best"),
    [
        ((0.742, 0.861, None, 0.981), 4),
        ((0.5,), 1),
        ((0.97,), 1),
        ((0.0, 1.0), 2),
        ((None, 0.3, math.nan), 2),
        (tuple(1 - 0.5 * abs(math.sin(n)) / (1 + n / 100) for n in range(1000)), 999),
    ],
)
def test_chart_is_a_small_transparent_picture(accuracies: tuple[float | None, ...], best: int) -> None:
    png = accuracy_chart(trials_of(*accuracies), 0.97, best)
    assert png is not None
    assert len(png) <= 60_000
    image = Image.open(io.BytesIO(png))
    assert image.size == (1120, 580)
    opacity = image.convert("RGBA").getchannel("A")
    assert opacity.getpixel((2, 2)) == 0
    assert sum(opacity.histogram()[240:]) > 1000


@pytest.mark.parametrize("trials", [[], trials_of(None), trials_of(None, math.nan, math.inf)])
def test_without_an_accuracy_there_is_no_chart(trials: list[TrialLine]) -> None:
    assert accuracy_chart(trials, 0.97, None) is None


def test_what_is_drawn_shows_on_white_and_on_black() -> None:
    png = accuracy_chart(trials_of(0.742, 0.861, 0.981), 0.97, 3)
    assert png is not None
    picture = Image.open(io.BytesIO(png)).convert("RGBA")
    opaque = [pixel for pixel in picture.get_flattened_data() if isinstance(pixel, tuple) and pixel[3] > 240]
    levels = [_luminance(pixel[:3]) for pixel in opaque]
    assert len(levels) > 5000
    for level in levels:
        assert 1.05 / (level + 0.05) > 2.5  # WCAG contrast against white
        assert (level + 0.05) / 0.06 > 2.5  # and against the dark card


def _luminance(colour: tuple[int, ...]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (x / 255 for x in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_matplotlib_is_imported_only_to_draw() -> None:
    program = "import sys, include.report.mails; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0


def test_drawing_leaves_no_figure_behind_in_pyplot() -> None:
    program = (
        "import sys; from include.report import TrialLine; from include.report.chart import accuracy_chart\n"
        "accuracy_chart([TrialLine(1, {}, 0.5, 1.0, '')], 0.9, 1)\n"
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0
