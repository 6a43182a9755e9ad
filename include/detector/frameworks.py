"""Knows the libraries' roots: which path belongs to Keras, TensorFlow, PyTorch, or to something else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

_KERAS_ROOTS: tuple[tuple[str, str], ...] = (
    ("tensorflow.compat.v1.keras", "tf.keras"),
    ("tensorflow.compat.v2.keras", "tf.keras"),
    ("tensorflow.contrib.keras", "tf.keras"),
    ("tensorflow.python.keras", "tf.keras"),
    ("tensorflow._api.v2.keras", "tf.keras"),
    ("tensorflow.keras", "tf.keras"),
    ("tf_keras", "tf.keras"),
    ("keras._tf_keras.keras", "keras"),
    ("keras.api._v2.keras", "keras"),
    ("keras.api", "keras"),
    ("keras.src", "keras"),
    ("keras", "keras"),
)
_ROOTS: dict[str, str] = {
    "tensorflow": "tensorflow",
    "torch": "pytorch",
    "torchvision": "pytorch",
    "pytorch_lightning": "pytorch",
    "lightning": "pytorch",
    "timm": "pytorch",
    "fastai": "pytorch",
    "ultralytics": "pytorch",
    "efficientnet_pytorch": "pytorch",
    "segmentation_models_pytorch": "pytorch",
    "torch_geometric": "pytorch",
    "keras_cv": "keras extension",
    "keras_hub": "keras extension",
    "keras_nlp": "keras extension",
    "keras_applications": "keras extension",
    "keras_preprocessing": "keras extension",
    "keras_contrib": "keras extension",
    "keras_resnet": "keras extension",
    "efficientnet": "keras extension",
    "classification_models": "keras extension",
    "segmentation_models": "keras extension",
    "keras_tuner": "keras extension",
    "kerastuner": "keras extension",
    "autokeras": "keras extension",
    "tensorflow_hub": "keras extension",
}
_OTHER = [
    "tflearn",
    "tensorlayer",
    "tf_slim",
    "sonnet",
    "mxnet",
    "gluoncv",
    "paddle",
    "jax",
    "flax",
    "haiku",
    "chainer",
    "theano",
    "lasagne",
    "caffe",
    "caffe2",
    "cntk",
    "mindspore",
    "tinygrad",
    "keras_core",
    "prettytensor",
    "gluoncv",
    "nolearn",
    "pylearn2",
    "nnabla",
    "oneflow",
    "jittor",
    "megengine",
    "equinox",
    "objax",
    "trax",
    "tensorpack",
    "tcn",
    "imageai",
    "ktrain",
    "detectron2",
    "mmdet",
    "mmcv",
    "mmengine",
    "tflite_model_maker",
    "mediapipe_model_maker",
    "transformers",
    "sklearn",
    "xgboost",
    "lightgbm",
    "catboost",
    "statsmodels",
    "numpy",
    "scipy",
    "cv2",
    "pandas",
    "matplotlib",
    "seaborn",
    "PIL",
    "skimage",
    "nltk",
    "gensim",
    "tensorflow_datasets",
    "requests",
]
LIBRARY_ROOTS = frozenset(_ROOTS) | frozenset(_OTHER) | {"keras", "tf_keras"}
"""Names that are never taken for a local module: a file called `keras.py` does not change what Keras is."""

OTHER_NETWORK_ROOTS = frozenset(_OTHER[: _OTHER.index("transformers")])

NETWORK_LIBRARIES = OTHER_NETWORK_ROOTS | {"keras", "tf.keras", *_ROOTS.values(), "transformers"}
"""Names of libraries, as in `Member.library`, whose layers and models the detector knows."""

PLAIN_LIBRARIES = frozenset(_OTHER[_OTHER.index("sklearn") :]) | {
    "cupy",
    "astropy",
    "librosa",
    "torchaudio",
    "simpletransformers",
    "pyod",
    "hmmlearn",
    "pyspark",
    "imblearn",
    "prophet",
    "surprise",
    "imageio",
    "flask",
    "django",
    "streamlit",
    "plotly",
    "dask",
    "numba",
    "pytest",
}
"""Packages without layers of neural networks, or with rules of their own."""


@dataclass(frozen=True)
class Member:
    """A library path, split.

    Args:
        library: "keras", "tf.keras", "keras extension", "tensorflow", "pytorch" or the import's own root.
        path: The full path as imported.
        inner: The path inside the library: `layers.Conv2D` for any spelling of Keras.
    """

    library: str
    path: str
    inner: str

    @property
    def is_keras(self) -> bool:
        """Keras in any of its homes, without extension packages."""
        return self.library in {"keras", "tf.keras"}

    @property
    def name(self) -> str:
        """The last part: `Conv2D`."""
        return self.path.rpartition(".")[2]


@lru_cache(maxsize=4096)
def member(path: str) -> Member:
    """Split a library path such as `tensorflow.keras.layers.Conv2D`."""
    for root, library in _KERAS_ROOTS:
        if path == root or path.startswith(f"{root}."):
            return Member(library, path, path[len(root) + 1 :])
    first, _, rest = path.partition(".")
    return Member(_ROOTS.get(first.removesuffix("()"), first), path, rest)
