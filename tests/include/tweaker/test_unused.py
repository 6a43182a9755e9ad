"""Networks that are defined and never built are no part of the search."""

import pytest

from include.tweaker import SearchSpace, discover
from tests.include.tweaker.conftest import MakePush

HEAD = "from keras.models import Model, Sequential\nfrom keras.layers import *\n"
USED = """\
def small():
    m = Sequential()
    m.add(Conv2D(8, 3, activation="relu", input_shape=(28, 28, 1)))
    m.add(Flatten())
    m.add(Dense(10, activation="softmax"))
    return m


"""
LARGE = USED.replace("small", "large").replace("Conv2D(8", "Conv2D(64")
SUBCLASSED = """\
class Large(Model):
    def __init__(self):
        super().__init__()
        self.conv = Conv2D(64, 3)

    def call(self, x):
        return self.conv(x)


"""
FIT = "model = {}\nmodel.compile('adam', 'mse')\nmodel.fit(x, y, epochs=1)\n"


def _space(push: MakePush, code: str) -> SearchSpace:
    space = discover(*push({"train.py": HEAD + code}))
    assert space is not None
    return space


@pytest.mark.parametrize("other", [LARGE, SUBCLASSED], ids=["function", "class"])
def test_a_network_that_nothing_builds_is_left_alone(push: MakePush, other: str) -> None:
    space = _space(push, other + USED + FIT.format("small()"))
    own = space.defaults()
    assert own["conv1.filters"] == 8
    assert "conv2.filters" not in own
    assert "growth.conv_layers" in own
    assert space.network is not None


def test_a_network_that_is_only_named_may_be_built(push: MakePush) -> None:
    own = _space(push, LARGE + USED + FIT.format("{'large': large, 'small': small}[name]()")).defaults()
    assert (own["conv1.filters"], own["conv2.filters"]) == (64, 8)


def test_the_only_network_is_tweaked_although_nothing_in_these_files_builds_it(push: MakePush) -> None:
    assert _space(push, LARGE).defaults()["conv1.filters"] == 64
