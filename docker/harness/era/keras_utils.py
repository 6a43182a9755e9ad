"""What `keras.utils`, `keras.initializers` and `keras.losses` had and have no more."""

from __future__ import annotations

from typing import Any

from harness.era.hdf5_matrix import HDF5Matrix
from harness.pictures import plot_model


def initializers() -> dict[str, Any]:
    """Return the short names of initializers."""
    from tf_keras import initializers as today

    return {
        "normal": today.RandomNormal,
        "uniform": today.RandomUniform,
        "one": today.Ones,
        "zero": today.Zeros,
    }


def losses() -> dict[str, Any]:
    """Return the short names of losses."""
    from tf_keras import losses as today

    return {
        "mse": today.mean_squared_error,
        "mae": today.mean_absolute_error,
        "mape": today.mean_absolute_percentage_error,
        "msle": today.mean_squared_logarithmic_error,
        "cosine": today.cosine_similarity,
    }


def additions(name: str) -> dict[str, Any]:
    """Return what a module of `keras.utils` has beside what today's has."""
    import tf_keras
    from tf_keras.src.utils import conv_utils, data_utils, generic_utils, io_utils, layer_utils

    hidden = {}
    for module in (conv_utils, data_utils, generic_utils, io_utils, layer_utils):
        hidden.update({n: v for n, v in vars(module).items() if not n.startswith("_") and callable(v)})
    utils = tf_keras.utils
    found = {
        **{n: v for n, v in hidden.items() if not hasattr(utils, n)},
        "HDF5Matrix": HDF5Matrix,
        "convert_kernel": convert_kernel,
        "convert_all_kernels_in_model": convert_all_kernels,
        "to_categorical": to_categorical,
        "multi_gpu_model": multi_gpu_model,
        "plot_model": plot_model,
        "model_to_dot": plot_model,
        "print_summary": lambda model, *args, **kwargs: model.summary(*args, **kwargs),
        "Sequence": utils.Sequence,
    }
    return {**found, "plot": plot_model} if name.endswith(("visualize_util", "vis_utils")) else found


def convert_kernel(kernel: Any) -> Any:
    """Return a kernel turned round in all its directions, as Theano's convolution had it."""
    import numpy

    return numpy.flip(kernel, tuple(range(numpy.ndim(kernel) - 2)))


def convert_all_kernels(model: Any) -> None:
    """Turn the kernels of all convolutions of a model round."""
    for layer in model.layers:
        if hasattr(layer, "kernel_size") and hasattr(layer, "kernel"):
            layer.kernel.assign(convert_kernel(layer.kernel.numpy()))


def to_categorical(y: Any, num_classes: Any = None, dtype: Any = "float32", *, nb_classes: Any = None) -> Any:
    """Return a row with a single one for each label."""
    from tf_keras.utils import to_categorical

    return to_categorical(y, num_classes or nb_classes, dtype)


def multi_gpu_model(model: Any, gpus: Any = None, **options: Any) -> Any:
    """Return the model as it is: TensorFlow uses the graphics cards that there are."""
    return model
