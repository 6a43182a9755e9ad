"""What the task gives is never tweaked: images that come out, their activation, batches of other things."""

from pathlib import Path

import pytest

from include.tweaker import SearchSpace, apply, discover, settle
from include.tweaker.space import Value
from tests.include.tweaker.conftest import MakePush

HEAD = "from keras.models import Sequential\nfrom keras.layers import *\n"
AUTOENCODER = """\
dense = Sequential([Dense(32, input_shape=(784,), activation="relu"), Dense(784, activation="sigmoid")])
conv = Sequential()
conv.add(Conv2D(16, 3, padding="same", activation="relu", input_shape=(28, 28, 1)))
conv.add(Conv2D({last}))
{squashed}
"""


def _space(push: MakePush, code: str) -> SearchSpace:
    space = discover(*push({"train.py": HEAD + code}))
    assert space is not None
    return space


@pytest.mark.parametrize(
    ("last", "squashed"),
    [
        ('1, 3, padding="same", activation="sigmoid"', ""),
        ('3, 5, activation="tanh"', ""),
        ("1, 3", "conv.add(Activation('sigmoid'))"),
    ],
)
def test_an_image_that_comes_out_beside_a_classifier_keeps_its_channels(
    push: MakePush, last: str, squashed: str
) -> None:
    own = _space(push, AUTOENCODER.format(last=last, squashed=squashed)).defaults()
    assert own["conv1.filters"] == 16
    assert not own.keys() & {"conv2.filters", "conv2.kernel_size", "growth.conv_layers"}


def test_a_last_convolution_that_a_classifier_may_go_on_from_is_tweaked(push: MakePush) -> None:
    own = _space(push, AUTOENCODER.format(last='8, 3, activation="relu"', squashed="")).defaults()
    assert own["conv2.filters"] == 8


def test_the_only_convolution_behind_unknown_layers_may_be_the_output(push: MakePush) -> None:
    code = "m = Sequential([ConvLSTM2D(40, 3), Conv3D({}, 3, activation='{}')])\nm.fit(x, y, epochs=1)\n"
    assert "conv1.filters" not in _space(push, code.format(1, "sigmoid")).defaults()
    assert _space(push, code.format(8, "relu")).defaults()["conv1.filters"] == 8


def test_an_activation_behind_the_output_is_not_one_of_the_hidden_layers(push: MakePush) -> None:
    code = (
        "m = Sequential()\nm.add(Conv2D(8, 3, activation='relu', input_shape=(28, 28, 1)))\n"
        "m.add(Flatten())\nm.add(Dense(1))\nm.add(Activation('sigmoid'))\n"
    )
    space = _space(push, code)
    assert space.defaults()["activation"] == "relu"
    assert not any("activation" in sentence for sentence in space.untouchable)


@pytest.mark.parametrize(
    ("feed", "fit", "found"),
    [
        ("d = gen.flow_from_directory('a', batch_size=20)", "m.fit(d, epochs=1)", {"data.batch_size": 20}),
        ("d = Dataset.from_tensor_slices((x, y)).batch(20)", "m.fit(d, epochs=1)", {"data.batch_size": 20}),
        ("x = next(gen.flow(x, batch_size=4000))", "m.fit(x, y, epochs=1)", {"fit.batch_size": 32}),
        (
            "x = gen.flow_from_directory('a', batch_size=1)[0]",
            "m.fit(x, epochs=1, batch_size=8)",
            {"fit.batch_size": 8},
        ),
    ],
)
def test_only_batches_that_are_fitted_are_a_batch_size(
    push: MakePush, feed: str, fit: str, found: dict[str, Value]
) -> None:
    own = _space(push, f"scaler.fit(x)\n{feed}\n{fit}\n").defaults()
    assert {name: value for name, value in own.items() if name.endswith("batch_size")} == found


@pytest.mark.parametrize(
    ("layer", "found"),
    [
        (
            "Convolution1D(nb_filter=8, filter_length=3, subsample_length=1)",
            {"conv1.kernel_size": 3, "conv1.strides": 1},
        ),
        ("MaxPooling1D(pool_length=4, stride=2)", {"pool1.pool_size": 4, "pool1.strides": 2}),
        ("Convolution3D(8, 3, 3, 3, border_mode='same')", {"conv1.filters": 8, "conv1.kernel_size": 3}),
    ],
)
def test_the_spelling_of_keras_1_is_known_in_one_and_three_dimensions(
    push: MakePush, layer: str, found: dict[str, Value]
) -> None:
    assert (
        found.items() <= _space(push, f"m = Sequential([{layer}, Dense(8), Dense(2)])\n").defaults().items()
    )


def test_a_method_with_the_name_of_a_layer_is_no_layer(push: MakePush) -> None:
    code = "class Net(Base):\n def build(self, x):\n  return self.Conv2D(x, 32, 3)\nm.fit(x, epochs=1)\n"
    assert not any("conv" in name for name in _space(push, code).defaults())


def test_epochs_that_are_many_already_are_said_to_stay(push: MakePush) -> None:
    space = _space(push, "m.fit(x, y, epochs=500, batch_size=8)\n")
    assert "fit.epochs" not in space.defaults()
    assert "epochs: 500 stays; no more are tried" in space.untouchable


def test_what_growth_costs_is_known_for_separable_convolutions(push: MakePush, tmp_path: Path) -> None:
    code = (
        "m = Sequential([SeparableConv2D(8, 3, input_shape=(28, 28, 3)), MaxPooling2D(2), Flatten(), "
        "Dense(10, activation='softmax')])\n"
    )
    tree, verdict = push({"train.py": HEAD + code})
    space = _space(push, code)
    values = settle(space, {"growth.conv_layers": 1})
    apply(space, values, tree=tree, working_directory=tmp_path, verdict=verdict)
    grown = discover(tmp_path, verdict)
    assert space.network is not None
    assert grown is not None
    assert grown.network is not None
    assert space.network.cost(values) == grown.network.cost({})
