"""What a network is read to be, and which values of it can't be trained."""

import json
from pathlib import Path

import pytest

from include.tweaker import SearchSpace, Value, discover, feasible
from include.tweaker.caps import Caps
from include.tweaker.network import Cost, Layer, Network
from tests.include.tweaker.conftest import MakePush
from tests.include.tweaker.styles import CASES, LISTED, PLAIN, SCRIPTS

DATA = "from keras.datasets import mnist\n"


def _space(push: MakePush, code: str, **caps: int) -> SearchSpace:
    space = discover(*push({"train.py": code}), Caps(**caps))
    assert space is not None
    return space


def _cost(push: MakePush, code: str) -> Cost | None:
    network = _space(push, code).network
    return network.cost({}) if network else None


# Parameters as `model.count_params()` of Keras gives them, normalisation left out.
@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("plain", 320 + 692_352 + 1_290),
        ("lenet", 520 + 25_050 + 1_225_500 + 5_010),
        ("listed", 160 + 4_640 + 247_872 + 650),
        ("sequential, loop over filters", 80 + 1_168 + 18_840 + 250),
        ("sequential, sequence of one dimension", 24 + 7_810),
        ("functional, residual", 80 + 584 + 584 + 72 + 1_168 + 2_320 + 144 + 170),
        ("functional, autoencoder", 80 + 292 + 37),
    ],
)
def test_parameters_are_counted_as_keras_does(push: MakePush, name: str, parameters: int) -> None:
    cost = _cost(push, SCRIPTS[name])
    assert cost is not None
    assert cost.parameters == parameters


def test_multiply_adds_are_counted_for_one_image(push: MakePush) -> None:
    cost = _cost(push, PLAIN)
    assert cost is not None
    assert cost.macs == 26 * 26 * 9 * 32 + 13 * 13 * 32 * 128 + 128 * 10


@pytest.mark.parametrize(
    ("values", "fits"),
    [
        ({}, True),
        ({"conv1.filters": 64}, True),
        ({"conv1.filters": 512}, False),
        ({"dense1.units": 1024}, False),
    ],
)
def test_values_that_cost_too_many_parameters_are_infeasible(
    push: MakePush, values: dict[str, Value], fits: bool
) -> None:
    space = _space(push, PLAIN, parameters=2_000_000, times_own=1)
    assert feasible(space, values) is fits


def test_values_that_cost_too_many_multiply_adds_are_infeasible(push: MakePush) -> None:
    space = _space(push, PLAIN, macs=10_000_000, times_own=1)
    assert feasible(space, {"conv1.filters": 128})
    assert not feasible(space, {"conv1.filters": 512})


def test_a_network_that_is_large_already_may_grow_on(push: MakePush) -> None:
    space = _space(push, PLAIN, parameters=1, macs=1, times_own=4)
    assert feasible(space, {"dense1.units": 256})
    assert not feasible(space, {"dense1.units": 1024})


def test_grown_layers_cost_too(push: MakePush) -> None:
    space = _space(push, LISTED, parameters=300_000, times_own=1)
    assert feasible(space, {"growth.conv_layers": 1})
    assert not feasible(space, {"growth.conv_layers": 1, "new_conv1.filters": 512})


@pytest.mark.parametrize(
    ("name", "values", "fits"),
    [
        ("functional, residual", {"conv2.filters": 16}, True),  # both branches have it from the same argument
        ("functional, residual", {"conv5.strides": 1}, True),
        ("functional, two branches", {"conv1.filters": 12}, True),
        ("functional, two branches", {"conv1.kernel_size": 5, "pool1.pool_size": 2}, True),
        ("functional, squeeze and excite", {"conv1.filters": 16}, False),  # the gate has 8 channels
        ("functional, squeeze and excite", {"dense1.units": 16}, True),
        ("sequential, class of settings", {"conv1.kernel_size": 7, "conv1.strides": 2}, True),
    ],
)
def test_branches_must_have_equal_shapes_where_they_meet(
    push: MakePush, name: str, values: dict[str, Value], fits: bool
) -> None:
    assert feasible(_space(push, CASES[name]), values) is fits


def test_strides_shrink_the_map_as_they_are_tweaked(push: MakePush) -> None:
    code = DATA + PLAIN.replace("kernel_size=(3,3)", "kernel_size=(3,3), strides=1").replace("28, 28", "6, 6")
    space = _space(push, code)
    assert feasible(space, {"pool1.pool_size": 4})
    assert not feasible(space, {"pool1.pool_size": 4, "conv1.strides": 2})


def test_a_shared_kernel_counts_for_every_layer_that_has_it(push: MakePush) -> None:
    code = DATA + "from keras.layers import *\nfrom keras import Sequential\nK = 3\nm = Sequential()\n"
    layers = (
        "m.add(Conv2D(4, K, input_shape=(9, 9, 1)))\nm.add(Conv2D(4, K))\nm.add(Flatten())\nm.add(Dense(9))\n"
    )
    space = _space(push, code + layers)
    assert feasible(space, {"conv1.kernel_size": 5})
    assert not feasible(space, {"conv1.kernel_size": 7})


def test_a_network_survives_json() -> None:
    layers = (
        Layer("conv", "conv1", 3, width=8, refs=(("filters", "conv2.filters"),)),
        Layer("add", "", inputs=(0, 0)),
    )
    network = Network(28, 28, layers, 1, 2, Cost(10, 20))
    assert Network.from_json(json.loads(json.dumps(network.to_json()))) == network


@pytest.mark.parametrize(
    "code",
    [
        "from keras.layers import Conv2D\n"
        + "".join(f"{'  ' * i}for a{i} in range(16):\n" for i in range(8))
        + f"{'  ' * 8}Conv2D(8, 3)(x)\n",
        "".join(f"def f{i}(x):\n" + f"    f{i + 1}(x)\n" * 8 for i in range(8))
        + "def f8(x): Conv2D(8, 3)(x)\nf0(1)\n",
        "def f(x): return g(f(x))\ndef g(x): return f(g(x))\nf(1)\nConv2D(8, 3)\n",
        "a = b\nb = a\nConv2D(a, 3)\n",
        "a = [a]\nfor n in a:\n    Conv2D(n, 3)\n",
        "x = a" + ".b()" * 900 + "\nConv2D(8, 3)\n",
        "Conv2D(8, 3, strides=0)\nMaxPooling2D(0)\n",
    ],
    ids=["deep loops", "wide calls", "recursion", "circle", "own item", "long chain", "zeros"],
)
def test_code_made_to_have_no_end_is_read_to_an_end(push: MakePush, code: str, tmp_path: Path) -> None:
    discover(*push({"train.py": code}))
