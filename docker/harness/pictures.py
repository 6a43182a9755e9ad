"""Pictures of a network, which need Graphviz: where there is none they are left out, and not the training."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

# Where each Keras has the function, and where `tensorflow.keras` takes it from when it is first used.
_TODAY = ("keras.utils", "keras.src.utils.model_visualization")
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
