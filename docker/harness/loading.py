"""The Keras that a script was written for, with its data sets at hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.datasets import serve
from harness.launch import Launch


def load(launch: Launch) -> tuple[Any, Callable[[], None]]:
    """Import the Keras of a script's time: today's, or for the 1 and 2 era its legacy package.

    Args:
        launch: What is to be run.

    Returns:
        What is to be watched, and what is to be called when it is.
    """
    if launch.keras == "legacy":
        from harness.era import install  # only where it is needed: it costs time and memory

        legacy = install(launch.working_directory / launch.script)
        serve("tf_keras.src.utils.data_utils")
        return legacy
    import keras

    serve("keras.src.utils.file_utils")
    return keras, lambda: None
