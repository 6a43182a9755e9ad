"""What Matplotlib had until 3.1, and seaborn until 0.10, and have no more."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from harness.hooks import Patch

_BY_POSITION = (
    "barplot",
    "boxplot",
    "boxenplot",
    "countplot",
    "lineplot",
    "pointplot",
    "regplot",
    "scatterplot",
    "stripplot",
    "swarmplot",
    "violinplot",
)


def patches() -> dict[str, Patch]:
    """Return what gives the packages their old functions back."""
    return {
        "matplotlib": _package,
        "matplotlib.axis": _labels,
        "matplotlib.axes": _axes,
        "matplotlib.cm": _colors,
        "matplotlib.figure": _figure,
        "matplotlib.backend_bases": _canvas,
        "matplotlib.pyplot": _pyplot,
        "matplotlib.style": _styles,
        "seaborn": _seaborn,
    }


def _package(matplotlib: Any) -> None:
    use = matplotlib.use

    @functools.wraps(use)
    def without_warning(backend: str, warn: bool = False, **kwargs: Any) -> None:
        use(backend, **kwargs)

    matplotlib.use = without_warning


def _labels(axis: Any) -> None:
    original = axis.Axis.set_ticklabels

    @functools.wraps(original)
    def set_ticklabels(self: Any, labels: Any, **kwargs: Any) -> Any:
        """Let labels be more or fewer than ticks."""
        try:
            return original(self, labels, **kwargs)
        except ValueError:
            ticks = len(self.get_minorticklocs() if kwargs.get("minor") else self.get_majorticklocs())
            return original(self, [*labels, *[""] * ticks][:ticks], **kwargs)

    axis.Axis.set_ticklabels = set_ticklabels


def _axes(axes: Any) -> None:
    original = axes.Axes.hist

    @functools.wraps(original)
    def hist(*args: Any, normed: Any = None, **kwargs: Any) -> Any:
        return original(*args, **kwargs if normed is None else {"density": normed, **kwargs})

    axes.Axes.hist = hist
    axes.Axes.hold = lambda self, b=None: None


def _colors(cm: Any) -> None:
    cm.spectral = cm.nipy_spectral


def _figure(figure: Any) -> None:
    original = figure.FigureBase.gca

    @functools.wraps(original)
    def gca(self: Any, **kwargs: Any) -> Any:
        return self.add_subplot(**kwargs) if kwargs else original(self)

    figure.FigureBase.gca = gca


def _canvas(bases: Any) -> None:
    def set_window_title(self: Any, title: str) -> None:
        """Do nothing: there is no window."""

    bases.FigureCanvasBase.set_window_title = set_window_title


def _pyplot(pyplot: Any) -> None:
    pyplot.hold = lambda b=None: None
    pyplot.gca = lambda **kwargs: pyplot.gcf().gca(**kwargs)


def _styles(style: Any) -> None:
    for name in [name for name in style.library if name.startswith("seaborn-v0_8")]:
        style.library[name.replace("-v0_8", "", 1)] = style.library[name]


def _seaborn(seaborn: Any) -> None:
    for name in _BY_POSITION:
        setattr(seaborn, name, _by_position(getattr(seaborn, name)))


def _by_position(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def draw(*args: Any, **kwargs: Any) -> Any:
        return original(**dict(zip(("x", "y", "hue", "data"), args, strict=False)), **kwargs)

    return draw
