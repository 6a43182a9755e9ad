"""Pictures that nobody can make or see here are left out: there is no Graphviz and no display."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.offline import mentions

# Where each Keras has the function, and where `tensorflow.keras` takes it from when it is first used.
_TODAY = ("keras.utils", "keras.src.utils.model_visualization")
_WINDOWS = (
    "namedWindow",
    "moveWindow",
    "resizeWindow",
    "destroyWindow",
    "destroyAllWindows",
    "startWindowThread",
)
_LEGACY = ("tf_keras.utils", "tf_keras.src.utils.vis_utils", "tensorflow.keras.utils")


def plot_model(model: Any, *args: Any, **options: Any) -> None:
    """Draw nothing, and say so: there is no Graphviz here, and training needs no picture."""
    print("[harness] plot_model: no picture is drawn, because there is no Graphviz here", flush=True)  # noqa: T201


def leave_out(*, legacy: bool = False) -> None:
    """Let an imported Keras draw nothing where it can't, instead of failing.

    Args:
        legacy: That it is the one of the 1 and 2 era.
    """
    if importlib.util.find_spec("pydot") is not None:
        return
    for name in _LEGACY if legacy else _TODAY:
        place: Any = importlib.import_module(name)
        place.plot_model = place.model_to_dot = plot_model


def open_no_windows(script: Path, say: Callable[[str], None]) -> None:
    """Let a script that shows pictures with OpenCV go on without a display.

    Args:
        script: The training script; its neighbours are what it may import.
        say: Prints a line.
    """
    if not mentions(script, b"cv2", b"imshow") or importlib.util.find_spec("cv2") is None:
        return
    window: Any = importlib.import_module("cv2")  # here, because importing it costs time
    told: list[str] = []

    def imshow(name: str, picture: Any) -> None:
        if not told:
            told.append(name)
            say("cv2.imshow: no window is opened, because there is no display here")

    window.imshow = imshow
    window.waitKey = window.waitKeyEx = lambda delay=0: ord("q")  # the key that ends a loop of pictures
    for name in _WINDOWS:
        setattr(window, name, lambda *args: None)
