"""The framework is told by the API that the code uses, and what the image has not is said before training."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.detector import Verdict, inspect
from include.detector.era import is_gone
from include.detector.frameworks import member

NEW = "from keras.models import Sequential\nfrom keras.layers import Conv2D, Dense\n"
BUILD = "m = Sequential([Conv2D(8, (3, 3)), Dense(10)])\nm.compile('adam', 'mse')\nm.fit(x, y)\n"


def verdict_of(folder: Path, code: str) -> Verdict:
    (folder / "mycode.py").write_text(code)
    return inspect(folder)


ERA = {
    "np_utils": "from keras.utils import np_utils\n" + NEW + BUILD,
    "keras.layers.normalization": "from keras.layers.normalization import BatchNormalization\n" + NEW + BUILD,
    "keras.layers.core": "from keras.layers.core import Activation\n" + NEW + BUILD,
    "keras.layers.convolutional": "from keras.layers.convolutional import MaxPooling2D\n" + NEW + BUILD,
    "ImageDataGenerator": "from keras.preprocessing.image import ImageDataGenerator\n" + NEW + BUILD,
    "keras_preprocessing": "import keras_preprocessing.image\n" + NEW + BUILD,
    "scikit-learn wrapper": "from keras.wrappers.scikit_learn import KerasClassifier\n" + NEW + BUILD,
    "tf.keras scikit-learn wrapper": "from tensorflow.keras.wrappers.scikit_learn import KerasClassifier\nfrom tensorflow.keras.layers import Conv2D\nm = f(Conv2D(8, 3))\nm.fit(x)\n",
    "kernel in two numbers": NEW + "from keras.layers import Convolution2D\nm = Sequential()\nm.add(Convolution2D(32, 3, 3))\nm.fit(x, y)\n",
    "Conv2D with two equal numbers": NEW + BUILD.replace("(3, 3)", "3, 3"),
    "border_mode": NEW + BUILD.replace("(3, 3)", "(3, 3), border_mode='same'"),
    "fit_generator": NEW + BUILD.replace("m.fit(", "m.fit_generator("),
    "predict_classes": NEW + BUILD + "m.predict_classes(x)\n",
    "nb_epoch": NEW + BUILD.replace("fit(x, y)", "fit(x, y, nb_epoch=3)"),
    "lr": NEW + "from keras.optimizers import Adam\n" + BUILD.replace("'adam'", "Adam(lr=0.01)"),
    "Adadelta()": NEW + "import keras\n" + BUILD.replace("'adam'", "keras.optimizers.Adadelta()"),
    "history of acc": NEW + BUILD.replace("m.fit", "h = m.fit") + "print(h.history['val_acc'])\n",
    "backend": NEW + "from keras import backend as K\nK.set_learning_phase(1)\nK.get_session()\n" + BUILD,
    "removed layer": NEW + "from keras.layers import ThresholdedReLU\n" + BUILD,
}  # fmt: skip

TODAY = {
    "keras": ("keras 3", NEW + BUILD),
    "keras with strides": ("keras 3", NEW + BUILD.replace("(3, 3)", "3, 2")),
    "keras with acc as metric": ("keras 3", NEW + BUILD + "m.compile(metrics=['acc'])\nh = m.fit(x)\nh.history['acc']\n"),
    "keras Adadelta with rate": ("keras 3", NEW + "import keras\n" + BUILD.replace("'adam'", "keras.optimizers.Adadelta(1.0)")),
    "keras backend that is left": ("keras 3", NEW + "from keras import backend as K\nK.image_data_format()\nK.clear_session()\n" + BUILD),
    "keras utils": ("keras 3", NEW + "from keras.utils import to_categorical\nfrom keras.preprocessing.image import load_img\n" + BUILD),
    "tf.keras": ("tf.keras", NEW.replace("keras.", "tensorflow.keras.") + BUILD),
    "tf.keras ImageDataGenerator": ("tf.keras", NEW.replace("keras.", "tensorflow.keras.") + "from tensorflow.keras.preprocessing.image import ImageDataGenerator\n" + BUILD),
    "tf.keras with strides": ("tf.keras", NEW.replace("keras.", "tensorflow.keras.") + BUILD.replace("(3, 3)", "3, 3")),
    "tf_keras": ("tf.keras", NEW.replace("keras.", "tf_keras.") + BUILD),
    "TensorFlow 2": ("tensorflow", "import tensorflow as tf\nwith tf.GradientTape() as t:\n    h = tf.nn.conv2d(x, w, 1, 'SAME')\n"),
    "convolution function in a Keras model": ("tf.keras", "import tensorflow as tf\nclass L(tf.keras.layers.Layer):\n    def call(self, x):\n        return tf.nn.conv2d(x, w, 1, 'SAME')\nm = tf.keras.Sequential([L()])\nm.fit(x)\n"),
}  # fmt: skip

ELSEWHERE = {
    "PyTorch": ("pytorch", "PyTorch", "import torch.nn as nn\nm = nn.Conv2d(1, 2, 3)\n"),
    "PyTorch with Keras data": ("pytorch", "PyTorch", "import torch.nn as nn\nfrom keras.datasets import mnist\nmnist.load_data()\nm = nn.Conv2d(1, 2, 3)\n"),
    "TensorFlow 1 layers": ("tensorflow", "TensorFlow 1", "import tensorflow as tf\nx = tf.placeholder(tf.float32)\nh = tf.layers.conv2d(x, 8, 3)\n"),
    "TensorFlow 1 session": ("tensorflow", "TensorFlow 1", "import tensorflow as tf\nh = tf.nn.conv2d(x, w, [1], 'SAME')\ns = tf.Session()\n"),
    "MXNet": ("other", "mxnet", "from mxnet.gluon import nn\nm = nn.Conv2D(8, 3)\n"),
}  # fmt: skip


@pytest.mark.parametrize("code", ERA.values(), ids=ERA.keys())
def test_the_keras_1_and_2_era_shows_by_its_api(tmp_path: Path, code: str) -> None:
    verdict = verdict_of(tmp_path, code)
    assert (verdict.framework, verdict.trainable) == ("keras 1/2 era", True), verdict.reason
    assert "written for Keras 1 or 2" in verdict.reason


@pytest.mark.parametrize(("framework", "code"), TODAY.values(), ids=TODAY.keys())
def test_code_of_today_is_trainable_as_it_is(tmp_path: Path, framework: str, code: str) -> None:
    verdict = verdict_of(tmp_path, code)
    assert (verdict.framework, verdict.trainable) == (framework, True), verdict.reason
    assert "Keras 1 or 2" not in verdict.reason


@pytest.mark.parametrize(("framework", "name", "code"), ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_a_cnn_that_the_image_can_not_train_says_so(
    tmp_path: Path, framework: str, name: str, code: str
) -> None:
    verdict = verdict_of(tmp_path, code)
    assert (verdict.kind, verdict.framework, verdict.trainable) == ("cnn", framework, False), verdict.reason
    assert name in verdict.reason


@pytest.mark.parametrize(
    ("code", "framework"),
    [
        ("print('hello')\n", "none"),
        ("from sklearn.svm import SVC\nSVC().fit(x, y)\n", "other"),
        ("import keras\nkeras.layers.Dense(3)\n", "keras 3"),
        ("import torch\ntorch.nn.Linear(3, 3)\n", "pytorch"),
        ("import tensorflow as tf\ntf.Variable(1.0)\n", "tensorflow"),
    ],
)
def test_the_framework_is_named_for_other_verdicts_too(tmp_path: Path, code: str, framework: str) -> None:
    assert verdict_of(tmp_path, code).framework == framework


@pytest.mark.parametrize(
    ("path", "gone"),
    [
        ("keras.layers.normalization.BatchNormalization", True),
        ("keras.utils.np_utils", True),
        ("keras.layers.Conv2D", False),
        ("keras.applications.vgg16.VGG16", False),
        ("tensorflow.keras.preprocessing.image.ImageDataGenerator", False),
        ("keras.preprocessing.image.ImageDataGenerator", True),
        ("tf_keras.layers.LocallyConnected2D", False),
        ("numpy.utils.np_utils", False),
    ],
)
def test_a_path_is_gone_when_keras_3_no_longer_has_it(path: str, gone: bool) -> None:
    assert is_gone(path) is gone


@pytest.mark.parametrize(
    ("path", "library", "inner"),
    [
        ("keras.layers.Conv2D", "keras", "layers.Conv2D"),
        ("tensorflow.keras.layers.Conv2D", "tf.keras", "layers.Conv2D"),
        ("tensorflow.python.keras.layers.Conv2D", "tf.keras", "layers.Conv2D"),
        ("keras.src.layers.Conv2D", "keras", "layers.Conv2D"),
        ("tensorflow.nn.conv2d", "tensorflow", "nn.conv2d"),
        ("torchvision.models.vgg16", "pytorch", "models.vgg16"),
        ("kerasish.layers.Conv2D", "kerasish", "layers.Conv2D"),
    ],
)
def test_a_library_path_is_split_by_its_home(path: str, library: str, inner: str) -> None:
    assert (member(path).library, member(path).inner) == (library, inner)
