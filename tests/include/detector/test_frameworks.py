"""The framework is told by the API that the code uses, and what the image has not is said before training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import pytest

from include.detector import Verdict
from include.detector.era import is_gone
from include.detector.frameworks import member

Inspect = Callable[[str], Verdict]


class Case(Protocol):
    """A row of a table in `cases/`."""

    expected: str
    code: str


def test_the_keras_1_and_2_era_shows_by_its_api(verdict_of: Inspect, era_case: Case) -> None:
    verdict = verdict_of(era_case.code)
    assert (verdict.framework, verdict.trainable) == ("keras 1/2 era", True), verdict.reason
    assert "written for Keras 1 or 2" in verdict.reason


def test_code_of_today_is_trainable_as_it_is(verdict_of: Inspect, today_case: Case) -> None:
    verdict = verdict_of(today_case.code)
    assert (verdict.framework, verdict.trainable) == (today_case.expected, True), verdict.reason
    assert "Keras 1 or 2" not in verdict.reason


def test_a_cnn_that_the_image_can_not_train_says_so(verdict_of: Inspect, elsewhere_case: Case) -> None:
    framework, name = elsewhere_case.expected.split(", ")
    verdict = verdict_of(elsewhere_case.code)
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
def test_the_framework_is_named_for_other_verdicts_too(
    verdict_of: Inspect, code: str, framework: str
) -> None:
    assert verdict_of(code).framework == framework


@pytest.mark.parametrize(
    ("path", "gone"),
    [
        ("keras.layers.normalization.BatchNormalization", True),
        ("keras.utils.np_utils", True),
        ("keras.layers.regularizers.l2", True),
        ("keras.regularizers.l2", False),
        ("keras.models.Input", True),
        ("keras.models.Model", False),
        ("keras.optimizers.adam", True),
        ("keras.optimizers.Adam", False),
        ("keras.losses.mse", True),
        ("keras.losses.mean_squared_error", False),
        ("keras.callbacks.K", True),
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
