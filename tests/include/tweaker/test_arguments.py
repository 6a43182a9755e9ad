"""Scripts that are tuned from the command line."""

from pathlib import Path

import pytest

from include.tweaker import SearchSpace, Value, apply, discover
from tests.include.tweaker.conftest import MakePush, Push
from tests.include.tweaker.styles import OPTIONS

CLICK = """\
import click

@click.command()
@click.option("--epochs", default=3)
@click.option("--batch-size", "-b", default=32, type=int)
@click.option("--optimizer", type=click.Choice(["adam", "sgd"]), default="sgd")
@click.option("--quiet", is_flag=True, default=False)
def main(epochs, batch_size, optimizer, quiet): ...
"""

POSITIONS = """\
import sys
filters = int(sys.argv[1])
lr = float(sys.argv[2]) if len(sys.argv) > 2 else 0.001
epochs = int(sys.argv[3]) if len(sys.argv) > 3 else 2
"""


def _arguments(pushed: Push, values: dict[str, Value], folder: Path) -> tuple[str, ...]:
    tree, verdict = pushed
    space = discover(tree, verdict)
    assert space is not None
    assert space.interface == "arguments"
    return apply(space, values, tree=tree, working_directory=folder, verdict=verdict).arguments


def _own(space: SearchSpace | None) -> dict[str, Value]:
    assert space is not None
    return space.defaults()


@pytest.mark.parametrize(
    ("code", "own"),
    [
        (OPTIONS, {"filters": 16, "kernel_size": 3, "lr": 1e-3, "optimizer": "adam"}),
        (CLICK, {"epochs": 3, "batch_size": 32, "optimizer": "sgd"}),
        (POSITIONS, {"filters": 32, "lr": 1e-3, "epochs": 2}),
    ],
)
def test_options_with_telling_names_become_the_space(
    push: MakePush, code: str, own: dict[str, Value]
) -> None:
    assert _own(discover(*push({"train.py": code}))) == own


@pytest.mark.parametrize(
    ("code", "values", "arguments"),
    [
        (OPTIONS, {}, ()),
        (OPTIONS, {"filters": 32, "lr": 0.01}, ("--filters", "32", "--lr", "0.01")),
        (OPTIONS, {"kernel_size": 5, "optimizer": "sgd"}, ("--kernel-size", "5", "--optimizer", "sgd")),
        (CLICK, {"batch_size": 64}, ("--batch-size", "64")),
        (POSITIONS, {}, ("32",)),
        (POSITIONS, {"epochs": 4}, ("32", "0.001", "4")),
    ],
)
def test_only_what_differs_from_the_script_is_spelled_out(
    push: MakePush, tmp_path: Path, code: str, values: dict[str, Value], arguments: tuple[str, ...]
) -> None:
    assert _arguments(push({"train.py": code}), values, tmp_path) == arguments


def test_an_argument_without_a_default_says_where_it_starts(push: MakePush) -> None:
    space = discover(*push({"train.py": POSITIONS}))
    assert space is not None
    assert "argument filters has no default in the code: it starts at 32" in space.untouchable


@pytest.mark.parametrize(
    "code",
    [
        OPTIONS.replace('"--seed", type=int, default=7', '"data"'),
        OPTIONS.replace("parse_args()", "parse_args(['--lr', '1'])"),
        POSITIONS.replace("argv[1]", "argv[4]").replace("filters", "folder"),
    ],
)
def test_a_command_line_that_only_its_developer_can_fill_is_not_used(push: MakePush, code: str) -> None:
    space = discover(*push({"train.py": f"{code}\nfrom keras.layers import Conv2D\nConv2D(8, 3)\n"}))
    assert space is not None
    assert space.interface == "literals"


def test_the_usual_learning_rate_is_that_of_the_scripts_optimizer(push: MakePush) -> None:
    code = OPTIONS + "from keras.optimizers import SGD\nSGD(args.lr)\n"
    space = discover(*push({"train.py": code}))
    assert space is not None
    assert next(p for p in space.parameters if p.name == "lr").usual == 0.01
