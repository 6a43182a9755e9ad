"""Scripts with options that have their network in the source: both are tweaked."""

import subprocess
from pathlib import Path

import pytest

from include.tweaker import Launch, SearchSpace, Value, apply, discover
from tests.include.tweaker.conftest import MakePush, Push

NETWORK = """\
model = Sequential([
    Conv2D(8, 3, activation="relu", input_shape=(28, 28, 1)),
    Flatten(),
    Dense({units}, activation="relu"),
    Dense(10, activation="softmax"),
])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs={epochs}, batch_size=BATCH)
"""
HEAD = "from keras.layers import Conv2D, Dense, Flatten\nfrom keras.models import Sequential\nBATCH = 64\n"
ARGPARSE = (
    f"import argparse\n{HEAD}parser = argparse.ArgumentParser()\n"
    'parser.add_argument("--epochs", type=int, default=2)\n'
    'parser.add_argument("--units", type=int, default=32)\n'
    'parser.add_argument("--log-dir", default="logs")\n'
    f"args = parser.parse_args()\n{NETWORK.format(units='args.units', epochs='args.epochs')}"
)
TYPER = (
    f"import typer\n{HEAD}def main(epochs: int = 2, units: int = 32, size: int = BATCH):\n"
    + "".join(f"    {line}\n" for line in NETWORK.format(units="units", epochs="epochs").splitlines())
    + "typer.run(main)\n"
)


def _space(pushed: Push) -> SearchSpace:
    space = discover(*pushed)
    assert space is not None
    return space


def _applied(pushed: Push, values: dict[str, Value], folder: Path) -> Launch:
    tree, verdict = pushed
    space = _space(pushed)
    return apply(space, values, tree=tree, working_directory=folder, verdict=verdict)


@pytest.mark.parametrize("code", [ARGPARSE, TYPER], ids=["argparse", "typer"])
def test_what_no_option_sets_is_found_in_the_source(push: MakePush, code: str) -> None:
    space = _space(push({"train.py": code}))
    own = space.defaults()
    assert space.interface == "arguments"
    assert {"epochs": 2, "units": 32, "conv1.filters": 8, "optimizer": "adam"}.items() <= own.items()
    assert not own.keys() & {"dense1.units", "fit.epochs"}
    assert "growth.conv_layers" in own
    assert space.network is not None
    assert not any("args.units" in sentence for sentence in space.untouchable)


def test_a_constant_that_an_option_has_as_its_default_is_left_to_the_option(push: MakePush) -> None:
    assert "fit.batch_size" in _space(push({"train.py": ARGPARSE})).defaults()
    assert "fit.batch_size" not in _space(push({"train.py": TYPER})).defaults()


def test_options_are_given_and_literals_rewritten(push: MakePush, tmp_path: Path) -> None:
    pushed = push({"train.py": ARGPARSE})
    launch = _applied(pushed, {"epochs": 4, "conv1.filters": 16}, tmp_path)
    assert launch.arguments == ("--epochs", "4")
    assert launch.files["train.py"].decode() == ARGPARSE.replace("Conv2D(8", "Conv2D(16")
    patch = launch.patch.encode()
    subprocess.run(["git", "apply", "--check", "-"], cwd=pushed[0], input=patch, check=True)


@pytest.mark.parametrize("default", ["adam", "sgd"])
def test_the_developers_own_values_change_nothing(push: MakePush, tmp_path: Path, default: str) -> None:
    """Nor where an option has the name of something in the source, and another value."""
    option = f'parser.add_argument("--optimizer", choices=["adam", "sgd"], default="{default}")\nargs ='
    assert _applied(push({"train.py": ARGPARSE.replace("args =", option)}), {}, tmp_path) == Launch()
