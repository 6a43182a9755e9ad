"""Pictures that nobody can make or see here are left out: there is no Graphviz and no display."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.hooks import after_import
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
# Of Matplotlib: what draws into a window.
_INTERACTIVE = ("gtk", "macosx", "nbagg", "qt", "tk", "webagg", "wx")
_LEGACY = ("tf_keras.utils", "tf_keras.src.utils.vis_utils", "tensorflow.keras.utils")


def plot_model(model: Any, *args: Any, **options: Any) -> None:
    """Draw nothing, and say so: there is no Graphviz here, and training needs no picture."""
    print("[harness] plot_model: no picture is drawn, because there is no Graphviz here", flush=True)  # noqa: T201


def leave_out(*, legacy: bool = False) -> None:
    """Let an imported Keras draw nothing where it can't, instead of failing.

    Args:
        legacy: That it is the one of the 1 and 2 era.
    """
    if importlib.util.find_spec("pydot") is not None and shutil.which("dot") is not None:
        return
    for name in _LEGACY if legacy else _TODAY:
        place: Any = importlib.import_module(name)
        place.plot_model = place.model_to_dot = plot_model


def draw_into_files(say: Callable[[str], None]) -> None:
    """Let a script that has Matplotlib draw into windows go on without a display.

    Args:
        say: Prints a line.
    """
    told: list[str] = []

    def without_windows(place: Any, name: str) -> None:
        original = getattr(place, name)

        @functools.wraps(original)
        def use(backend: str, *args: Any, **kwargs: Any) -> Any:
            if not backend.lower().startswith(_INTERACTIVE):
                return original(backend, *args, **kwargs)
            if not told:
                told.append(backend)
                say(f"matplotlib: no window is opened by {backend}, because there is no display here")
            return original("agg", *args, **kwargs)

        setattr(place, name, use)

    after_import(
        {
            "matplotlib": lambda module: without_windows(module, "use"),
            "matplotlib.pyplot": lambda module: without_windows(module, "switch_backend"),
        }
    )


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
