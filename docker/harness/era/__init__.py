"""Keras as scripts of 2015 to 2020 know it: the legacy package with the names and defaults of their day."""

from __future__ import annotations

import functools
import importlib
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from harness.era.script import read
from harness.pictures import leave_out


def install(script: Path) -> tuple[Any, Callable[[], None]]:
    """Make `import keras` the Keras of the 1 and 2 era.

    Args:
        script: The training script.

    Returns:
        The package behind it, to be watched, and what is to be called when it is.
    """
    os.environ["TF_USE_LEGACY_KERAS"] = "1"  # before TensorFlow is imported, which reads it
    said = read(script)
    import tensorflow
    import tf_keras

    from harness.era import (
        backend,
        channels,
        custom_layers,
        initializations,
        layers,
        leftovers,
        libraries,
        models,
        modules,
        namespace,
        optimizers,
        spelling,
        tensorflow1,
        training,
    )

    tensorflow1.install(tensorflow, graph=said.needs_graph, dimensions=said.has_dimensions)
    libraries.install()
    leave_out(legacy=True)
    leftovers.install()
    layers.install(tf_keras, split_kernels=said.imports_keras)
    channels.install(tf_keras)
    custom_layers.install()
    initializations.install()
    spelling.install()
    models.install(own_format=said.imports_keras)
    if said.imports_keras:
        optimizers.install()
    else:
        optimizers.accept_decay()
        importlib.import_module("tensorflow.keras").__version__ = tf_keras.__version__  # type: ignore[attr-defined]
    if said.needs_graph:
        optimizers.in_graphs((tf_keras.optimizers, importlib.import_module("tensorflow.keras.optimizers")))
    backend.complete(importlib.import_module("tensorflow.keras.backend"))
    namespace.install({**modules.builders(), **libraries.builders()})
    model = _graph_model() if said.needs_graph else tf_keras.Model
    finish = functools.partial(training.install, tf_keras, model, spells_acc=said.spells_acc)
    watched = SimpleNamespace(**{**vars(tf_keras), "Model": model, "needs_graph": said.needs_graph})
    return watched, finish


def _graph_model() -> Any:
    """Return the class that TensorFlow 1's graph has models made of."""
    from tf_keras.src.engine import training_v1

    from harness.era.training import tell_evaluations

    tell_evaluations(training_v1.Model)
    return training_v1.Model
