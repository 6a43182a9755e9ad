"""What is found in code of every style, and what is left alone."""

from pathlib import Path

import pytest

from include.detector.verdict import OLD_KERAS
from include.tweaker import SearchSpace, Value, apply, discover
from tests.include.tweaker.conftest import MakePush
from tests.include.tweaker.styles import LISTED, PLAIN, STYLES

OWN: dict[str, dict[str, Value]] = {
    "plain": {
        "conv1.filters": 32,
        "conv1.kernel_size": 3,
        "pool1.pool_size": 2,
        "dense1.units": 128,
        "dropout1.rate": 0.5,
        "optimizer.learning_rate": 1e-3,
        "fit.epochs": 2,
        "fit.batch_size": 128,
        "activation": "relu",
        "optimizer": "adam",
    },
    "lenet": {
        "conv1.filters": 20,
        "conv1.kernel_size": 5,
        "pool1.pool_size": 2,
        "conv2.filters": 50,
        "conv2.kernel_size": 5,
        "pool2.pool_size": 2,
        "dense1.units": 500,
        "optimizer.learning_rate": 1e-3,
        "fit.epochs": 1,
        "fit.batch_size": 64,
        "activation": "relu",
        "optimizer": "adam",
        "pool1.strides": 2,
        "pool2.strides": 2,
    },
    "listed": {
        "conv1.filters": 16,
        "conv1.kernel_size": 3,
        "conv2.filters": 32,
        "conv2.kernel_size": 3,
        "dense1.units": 64,
        "dropout1.rate": 0.25,
        "optimizer.learning_rate": 0.01,
        "fit.epochs": 3,
        "fit.batch_size": 32,
        "activation": "relu",
        "optimizer": "sgd",
    },
    "one line": {
        "conv1.filters": 8,
        "conv1.kernel_size": 3,
        "optimizer.learning_rate": 0.01,
        "fit.epochs": 1,
        "optimizer": "sgd",
        "fit.batch_size": 32,
    },
    "functional": {
        "conv1.filters": 16,
        "conv1.kernel_size": 3,
        "pool1.pool_size": 2,
        "dense1.units": 32,
        "dropout1.rate": 0.3,
        "optimizer.learning_rate": 1e-5,
        "fit.epochs": 2,
        "activation": "relu",
        "optimizer": "rmsprop",
        "fit.batch_size": 32,
    },
    "subclassed": {
        "conv1.filters": 12,
        "conv1.kernel_size": 3,
        "dense1.units": 48,
        "optimizer.learning_rate": 1e-3,
        "fit.epochs": 1,
        "fit.batch_size": 100,
        "activation": "relu",
        "optimizer": "adam",
    },
    "classic": {
        "conv1.filters": 32,
        "conv1.kernel_size": 3,
        "pool1.pool_size": 2,
        "dense1.units": 64,
        "optimizer.learning_rate": 0.1,
        "fit.epochs": 4,
        "fit.batch_size": 32,
        "activation": "relu",
        "optimizer": "sgd",
    },
}


def _own(space: SearchSpace | None) -> dict[str, Value]:
    assert space is not None
    return {n: v for n, v in space.defaults().items() if not n.startswith(("growth.", "new_"))}


@pytest.mark.parametrize("style", STYLES)
def test_every_tunable_literal_of_a_style_is_found(push: MakePush, style: str) -> None:
    space = discover(*push({"train.py": STYLES[style]}))
    assert _own(space) == OWN[style]


CONV = "from keras.layers import Conv2D, Dense\nimport settings\nfrom settings import *\n"


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("FILTERS = 16\nConv2D(FILTERS, 3)", {"conv1.filters": 16, "conv1.kernel_size": 3}),
        ("A, B = 16, 5\nConv2D(A, (B, B))", {"conv1.filters": 16, "conv1.kernel_size": 5}),
        ("KERNEL = (5, 5)\nConv2D(16, KERNEL)", {"conv1.filters": 16, "conv1.kernel_size": 5}),
        ("SIZES = {'f': 16}\nConv2D(SIZES['f'], 3)", {"conv1.filters": 16, "conv1.kernel_size": 3}),
        ("class C:\n    F = 16\nConv2D(C.F, 3)", {"conv1.filters": 16, "conv1.kernel_size": 3}),
        ("Conv2D(settings.WIDE, 3)", {"conv1.filters": 24, "conv1.kernel_size": 3}),
        ("Conv2D(WIDE, 3)", {"conv1.filters": 24, "conv1.kernel_size": 3}),
        ("def f(n, k=3):\n    Conv2D(n, k)\nf(16)", {"conv1.filters": 16, "conv1.kernel_size": 3}),
        (
            "F = 16\nConv2D(F, 3)\nConv2D(F, 5)",
            {"conv1.filters": 16, "conv1.kernel_size": 3, "conv2.kernel_size": 5},
        ),
        ("Conv2D(\n  0x10 , # wide\n  kernel_size=[3, 3])", {"conv1.filters": 16, "conv1.kernel_size": 3}),
        ("Conv2D(16, (3, 5))", {"conv1.filters": 16}),
        ("N = 16\nN += 1\nConv2D(N, 3)", {"conv1.kernel_size": 3}),
        (
            "for n in (8, 16):\n    Conv2D(n, 3)",
            {"conv1.filters": 8, "conv1.kernel_size": 3, "conv2.filters": 16},
        ),
        (
            "SIZES = [(8, 3), (16, 5)]\nfor n, k in SIZES:\n    Conv2D(n, k)",
            {"conv1.filters": 8, "conv1.kernel_size": 3, "conv2.filters": 16, "conv2.kernel_size": 5},
        ),
        (
            "for i, n in enumerate([8, 16]):\n    Conv2D(n, 3)",
            {"conv1.filters": 8, "conv1.kernel_size": 3, "conv2.filters": 16},
        ),
        (
            "for n, k in zip([8, 16], (3, 5)):\n    Conv2D(n, k)",
            {"conv1.filters": 8, "conv1.kernel_size": 3, "conv2.filters": 16, "conv2.kernel_size": 5},
        ),
        ("for n in sizes():\n    Conv2D(n, 3)", {"conv1.kernel_size": 3}),
        (
            "def f(n):\n    Conv2D(n, 3)\nf(8)\nf(16)",
            {"conv1.filters": 8, "conv1.kernel_size": 3, "conv2.filters": 16},
        ),
        ("C = Conv2D\nC(16, 3)", {"conv1.filters": 16, "conv1.kernel_size": 3}),
        (
            "from functools import partial\nC = partial(Conv2D, kernel_size=5)\nC(16)",
            {"conv1.filters": 16, "conv1.kernel_size": 5},
        ),
        (
            "class Dense(Mine):\n    def __init__(self, n): ...\nConv2D(16, 3)\nDense(9)\n",
            {"conv1.filters": 16, "conv1.kernel_size": 3},
        ),
        ("Conv2D(16, 3, strides=(2, 2))", {"conv1.filters": 16, "conv1.kernel_size": 3, "conv1.strides": 2}),
        (
            "class N:\n def __init__(self, f=16):\n  self.f = f\n def build(self):\n  Conv2D(self.f, 3)",
            {"conv1.filters": 16, "conv1.kernel_size": 3},
        ),
        ("Conv2D(2 * 8, 3)", {"conv1.kernel_size": 3}),
        ("Conv2D(*sizes)", {}),
        (
            "Conv2D(16, 3)\nDense(64)\nDense(10)",
            {"conv1.filters": 16, "conv1.kernel_size": 3, "dense1.units": 64},
        ),
        ("C = 10\nConv2D(16, 3)\nDense(C)\nDense(C)", {"conv1.filters": 16, "conv1.kernel_size": 3}),
    ],
)
def test_a_value_is_followed_to_its_literal_or_left_alone(
    push: MakePush, code: str, found: dict[str, Value]
) -> None:
    space = discover(*push({"train.py": f"{CONV}{code}\n", "settings.py": "WIDE = 24\n"}))
    assert (_own(space) if space else {}) == found


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("Conv2D(2 * 8, 3)", "filters of conv 1: `2 * 8` is computed at run time"),
        ("for n in sizes():\n    Conv2D(n, 3)", "filters of conv 1: `n` is computed at run time"),
        ("N = 8\nN = 16\nConv2D(N, 3)", "filters of conv 1: `N` is given several values"),
        (
            "Conv2D(8, 3)\nm.compile(SGD(0.1, momentum=0.9))",
            "optimizer: `momentum` isn't an argument of every",
        ),
        (
            "Conv2D(8, 3)\nm.compile('adam')\nm.fit(x, y, **more)",
            "epochs: the arguments of `fit` are computed",
        ),
        (
            "Conv2D(8, 3, activation='relu')\nDense(9, 'tanh')\nDense(2)",
            "activation: hidden layers have different ones (relu, tanh)",
        ),
        ("Conv2D(16, (3, 5))", "kernel size of conv 1: `(3, 5)` isn't one number"),
        (
            "Conv2D(8, 3)\nC = 9\nDense(C)\nDense(C)",
            "units of dense 1: the output layer has the same constant",
        ),
    ],
)
def test_what_cannot_be_touched_is_said_with_its_reason(push: MakePush, code: str, sentence: str) -> None:
    space = discover(*push({"train.py": f"from keras.layers import *\n{code}\n"}))
    assert space is not None
    assert any(sentence in one for one in space.untouchable), space.untouchable


@pytest.mark.parametrize(
    ("imports", "spelled"),
    [
        ("import keras", "keras.optimizers.Adam(learning_rate=0.01)"),
        ("import keras as k", "k.optimizers.Adam(learning_rate=0.01)"),
        ("from tensorflow import keras", "keras.optimizers.Adam(learning_rate=0.01)"),
        ("import tensorflow as tf", "tf.keras.optimizers.Adam(learning_rate=0.01)"),
        ("import tensorflow.keras as K", "K.optimizers.Adam(learning_rate=0.01)"),
        ("from keras import optimizers", "optimizers.Adam(learning_rate=0.01)"),
        ("from keras.optimizers import Adam as A", "A(learning_rate=0.01)"),
    ],
)
def test_an_optimizer_that_is_a_string_becomes_a_call(
    push: MakePush, tmp_path: Path, imports: str, spelled: str
) -> None:
    tree, verdict = push({"train.py": f"{imports}\nm.compile(optimizer='adam', loss='mse')\n"})
    space = discover(tree, verdict)
    assert space is not None
    tmp_path.joinpath("work").mkdir()
    values = {"optimizer.learning_rate": 0.01}
    launch = apply(space, values, tree=tree, working_directory=tmp_path / "work", verdict=verdict)
    assert f"m.compile(optimizer={spelled}, loss='mse')" in launch.files["train.py"].decode()


def test_nothing_tunable_means_no_space(push: MakePush) -> None:
    assert discover(*push({"train.py": "print('hello')\n"})) is None


@pytest.mark.parametrize("code", [b"print 'python 2'\n", b"\xff\xfe\x00", b"# coding: utf18\n", b"def (:\n"])
def test_a_file_that_is_not_python_3_is_left_alone(push: MakePush, code: bytes) -> None:
    assert discover(*push({"train.py": code})) is None


def test_a_symlink_out_of_the_tree_is_not_followed(push: MakePush, tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text(PLAIN)
    tree, verdict = push({"train.py": "x = 1\n"})
    (tree / "train.py").unlink()
    (tree / "train.py").symlink_to(tmp_path / "secret.py")
    assert discover(tree, verdict) is None


def test_kernels_are_no_larger_than_the_image(push: MakePush) -> None:
    space = discover(*push({"train.py": PLAIN.replace("28, 28, 1", "5, 5, 1")}))
    assert space is not None
    kernel = next(p for p in space.parameters if p.name == "conv1.kernel_size")
    assert getattr(kernel.distribution, "high") == 5  # noqa: B009


def test_pooling_is_left_out_where_the_feature_map_is_too_small(push: MakePush, tmp_path: Path) -> None:
    tree, verdict = push({"train.py": LISTED.replace("28, 28, 1", "12, 12, 1")})
    space = discover(tree, verdict)
    assert space is not None
    tmp_path.joinpath("work").mkdir()
    values = {"growth.conv_layers": 1}
    launch = apply(space, values, tree=tree, working_directory=tmp_path / "work", verdict=verdict)
    assert launch.patch.count("+    layers.Conv2D(64, 3") == 1
    assert "+    layers.MaxPooling2D" not in launch.patch


@pytest.mark.parametrize(
    ("framework", "rates"),
    [
        ("keras 3", {"adadelta": 1e-3, "nadam": 1e-3, "adagrad": 1e-3, "sgd": 0.01}),
        (OLD_KERAS, {"adadelta": 1.0, "nadam": 2e-3, "adagrad": 0.01, "sgd": 0.01}),
    ],
)
def test_a_learning_rate_left_to_keras_is_the_default_of_the_scripts_time(
    push: MakePush, framework: str, rates: dict[str, float]
) -> None:
    for optimizer, rate in rates.items():
        code = PLAIN.replace("Adam(learning_rate=1e-3)", f'"{optimizer}"')
        tree, verdict = push({"train.py": code}, framework=framework)
        space = discover(tree, verdict)
        assert space is not None
        assert space.defaults()["optimizer.learning_rate"] == rate
