"""Keras as scripts of 2015 to 2020 know it: the legacy package with the names and defaults of their day."""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType


def install(script: Path) -> ModuleType:
    """Make `import keras` the Keras of the 1 and 2 era, and return it.

    Args:
        script: The training script.
    """
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    import tf_keras

    keras: ModuleType = tf_keras
    return keras
