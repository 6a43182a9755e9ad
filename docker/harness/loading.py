"""The Keras that a script was written for, with its data sets at hand, imported in half the usual time."""

from __future__ import annotations

import gc
import importlib
import importlib.util
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

from harness.datasets import serve
from harness.launch import Launch
from harness.pictures import leave_out

LEGACY = "legacy"
_HOMES = ("keras", "keras.src", "keras._tf_keras.keras")
# They bring scikit-learn, SciPy's statistics, Matplotlib and OpenCV, a quarter of Keras' import.
_SELDOM_USED = frozenset(f"{home}.{name}" for home in _HOMES for name in ("visualization", "wrappers"))


def load(launch: Launch) -> tuple[Any, Callable[[], None]]:
    """Import the Keras of a script's time: today's, or for the 1 and 2 era its legacy package.

    Args:
        launch: What is to be run.

    Returns:
        What is to be watched, and what is to be called when it is.
    """
    with _quickly():
        return _load(launch)


def preload(kind: str | None) -> None:
    """Import what `load` will, for a script that is not here yet.

    Args:
        kind: The `Launch.keras` of the script to come.
    """
    with _quickly():
        if kind == LEGACY:
            os.environ["TF_USE_LEGACY_KERAS"] = "1"  # before TensorFlow is imported, which reads it
            importlib.import_module("tensorflow")
            importlib.import_module("tf_keras")
        else:
            importlib.import_module("keras")


def _load(launch: Launch) -> tuple[Any, Callable[[], None]]:
    if launch.keras == LEGACY:
        from harness.era import install  # only where it is needed: it costs time and memory

        legacy = install(launch.working_directory / launch.script)
        serve("tf_keras.src.utils.data_utils")
        return legacy
    import keras
    import numpy

    from harness import numpy_names

    numpy_names.install(numpy)
    leave_out()
    serve("keras.src.utils.file_utils")
    return keras, lambda: None


class _OnFirstUse(MetaPathFinder):
    """Has Python load the seldom used parts of Keras when something in them is first looked up."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find what the usual search finds, to be loaded later; None for all other modules."""
        if fullname not in _SELDOM_USED:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = importlib.util.LazyLoader(spec.loader)
        return spec


@contextmanager
def _quickly() -> Iterator[None]:
    """Leave out of an import what costs and is not needed: seldom used parts, and looking for garbage.

    An import makes half a million objects that stay; the collector would go through them again and again, and
    at every `gc.collect()` of the script.
    """
    finder = _OnFirstUse()
    gc.disable()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        gc.freeze()
        gc.enable()
