"""What a module of Keras had in it without offering it: what it imported for itself, and its helpers.

Scripts took both: `from keras.layers import *` gave them numpy as `np`, and
`from keras.engine.saving import load_weights_from_hdf5_group_by_name` is how Mask R-CNN loads its weights.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import ModuleType
from typing import Any

# What `import *` handed on, by the module's first name or the whole of it.
_HANDED_ON = {
    "layers": ("numpy", "copy", "warnings"),
    "models": ("numpy", "copy", "json", "os", "warnings", "h5py"),
    "callbacks": ("numpy", "csv", "json", "os", "time", "warnings"),
    "engine": ("numpy", "copy", "json", "os", "warnings", "h5py"),
    "preprocessing": ("numpy", "os", "re", "threading", "warnings"),
    "datasets": ("numpy", "os"),
    "initializers": ("numpy",),
    "metrics": ("numpy",),
    "optimizers": ("numpy", "copy"),
    "utils": ("numpy",),
    "applications": ("os", "warnings"),
}
# Their own `import *` gave only their modules.
_PACKAGES = ("preprocessing", "datasets", "utils", "applications")
_SHORT = {"numpy": "np"}
_ENGINE = (
    "layers",
    "utils.generic_utils",
    "utils.layer_utils",
    "utils.tf_utils",
    "engine.base_layer",
    "engine.node",
    "engine.functional",
    "engine.training_utils_v1",
    "engine.training",
    "saving.legacy.hdf5_format",
)
# Where today's helpers are, by the first name of the module that they were in.
_HELPERS = {
    "layers": ("layers", "utils.generic_utils", "utils.conv_utils", "utils.tf_inspect"),
    "models": ("models", "layers", *_ENGINE[1:4], "saving.legacy.hdf5_format"),
    "engine": _ENGINE,
    "callbacks": ("callbacks", "utils.generic_utils", "engine.training_utils_v1"),
    "metrics": ("metrics", "metrics.accuracy_metrics", "losses", "utils.metrics_utils", "utils.losses_utils"),
    "losses": ("losses", "utils.losses_utils"),
    "optimizers": ("optimizers", "optimizers.legacy.optimizer_v2"),
    "preprocessing": (
        "preprocessing.image",
        "preprocessing.text",
        "preprocessing.sequence",
        "utils.data_utils",
    ),
    "utils": ("testing_infra.test_utils", "engine.training_utils_v1", "utils.losses_utils"),
    "backend": ("backend", "backend_config"),
}
_HELPERS["objectives"] = _HELPERS["losses"]
_EVERYWHERE = ("utils.generic_utils",)


def handed_on(name: str) -> dict[str, Any]:
    """Return what everything that is imported from a module gives beside what it offers.

    Args:
        name: The module without its package, such as ``layers.core``.
    """
    if name in _PACKAGES:
        return {}
    modules = _HANDED_ON.get(name.partition(".")[0], ())
    return {_SHORT.get(module, module): importlib.import_module(module) for module in modules}


def finder(place: str, name: str) -> Callable[[str], Any]:
    """Return the `__getattr__` of a module, which finds the helpers that are elsewhere today.

    Args:
        place: The package, such as ``keras``.
        name: The module without it.
    """
    homes = (*_HELPERS.get(name.partition(".")[0], ()), *_EVERYWHERE)

    def __getattr__(wanted: str) -> Any:
        for home in () if wanted.startswith("__") else homes:
            found = getattr(importlib.import_module(f"tf_keras.src.{home}"), wanted, None)
            # A module that was asked for is one of ours, which is yet to be imported.
            if found is not None and not isinstance(found, ModuleType):
                return found
        raise AttributeError(f"module '{place}.{name}' has no attribute {wanted!r}")

    return __getattr__
