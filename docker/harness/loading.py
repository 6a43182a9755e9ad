"""The Keras that a script was written for, with its data sets at hand."""

from __future__ import annotations

from types import ModuleType

from harness.datasets import serve
from harness.launch import Launch


def load(launch: Launch) -> ModuleType:
    """Import the Keras of a script's time: today's, or for the 1 and 2 era its legacy package.

    Args:
        launch: What is to be run.
    """
    if launch.keras == "legacy":
        from harness.era import install  # only where it is needed: it costs time and memory

        legacy = install(launch.working_directory / launch.script)
        serve("tf_keras.src.utils.data_utils")
        return legacy
    import keras

    serve("keras.src.utils.file_utils")
    today: ModuleType = keras
    return today
