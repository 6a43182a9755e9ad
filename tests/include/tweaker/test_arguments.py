"""Scripts that are tuned from the command line."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from optuna.distributions import IntDistribution

from include.tweaker import SearchSpace, Value, apply, discover
from include.tweaker.declared import Declared, refine
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

TYPER = """\
from enum import Enum
from typing import Annotated
import typer

class Optimizer(str, Enum):
    adam = "adam"
    sgd = "sgd"

app = typer.Typer()

@app.command()
def main(
    filters: int = 16,
    learning_rate: float = typer.Option(0.01, "--lr", help="step"),
    units: Annotated[int, typer.Option("--hidden")] = 64,
    optimizer: Optimizer = Optimizer.adam,
    quiet: bool = False,
    note: str = "",
): ...

app()
"""

TYPER_RUN = """\
import typer
def train(epochs: int, dropout: float = 0.5): ...
if __name__ == "__main__":
    typer.run(train)
"""

ABSL = """\
from absl import app, flags
FLAGS = flags.FLAGS
flags.DEFINE_integer("batch_size", 64, "Images in a step.")
flags.DEFINE_float("learning_rate", 1e-3, "Step.", lower_bound=0.0)
flags.DEFINE_enum("optimizer", "adam", ["adam", "sgd"], "Which.")
flags.DEFINE_integer("epochs", None, "How long.", required=True)
flags.DEFINE_bool("quiet", False, "Less.")
flags.DEFINE_string("folder", None, "Where.")
app.run(lambda _: None)
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
        (TYPER, {"filters": 16, "learning_rate": 0.01, "units": 64, "optimizer": "adam"}),
        (TYPER_RUN, {"epochs": 5, "dropout": 0.5}),
        (ABSL, {"batch_size": 64, "learning_rate": 1e-3, "optimizer": "adam", "epochs": 5}),
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
        (TYPER, {}, ()),
        (TYPER, {"learning_rate": 0.1, "units": 32}, ("--lr", "0.1", "--hidden", "32")),
        (TYPER, {"optimizer": "sgd"}, ("--optimizer", "sgd")),
        (TYPER_RUN, {"dropout": 0.25}, ("--dropout", "0.25", "5")),
        (ABSL, {"optimizer": "sgd"}, ("--optimizer", "sgd", "--epochs", "5")),
    ],
)
def test_only_what_differs_from_the_script_is_spelled_out(
    push: MakePush, tmp_path: Path, code: str, values: dict[str, Value], arguments: tuple[str, ...]
) -> None:
    assert _arguments(push({"train.py": code}), values, tmp_path) == arguments


@pytest.mark.parametrize(("default", "most"), [(2, 4), (512, 1024)])
def test_a_layer_option_counts_layers_or_is_the_width_of_one(push: MakePush, default: int, most: int) -> None:
    code = OPTIONS.replace('"--seed", type=int, default=7', f'"--dense-layer", type=int, default={default}')
    space = discover(*push({"train.py": code}))
    assert space is not None
    found = next(p for p in space.parameters if p.name == "dense_layer").distribution
    assert isinstance(found, IntDistribution)
    assert found.high == most


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
        TYPER.replace("app()", "@app.command()\ndef other(): ..."),
        ABSL.replace("epochs", "steps"),
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


def test_an_option_that_must_be_given_and_is_fixed_keeps_its_start(push: MakePush, tmp_path: Path) -> None:
    tree, verdict = push({"train.py": TYPER_RUN})
    space = discover(tree, verdict)
    assert space is not None
    fixed = refine(space, Declared(fixed=("epochs",)))
    launch = apply(fixed, {"dropout": 0.25}, tree=tree, working_directory=tmp_path, verdict=verdict)
    assert launch.arguments == ("--dropout", "0.25", "5")


@pytest.mark.skipif(find_spec("typer") is None, reason="typer comes with Airflow, not of its own")
def test_typer_itself_takes_what_is_rendered(push: MakePush, tmp_path: Path) -> None:
    code = TYPER.replace(
        'note: str = "",\n): ...',
        'note: str = "",\n):\n    print(filters, learning_rate, units, optimizer.value)',
    )
    tree, verdict = push({"train.py": code})
    values: dict[str, Value] = {"filters": 32, "learning_rate": 0.1, "units": 32, "optimizer": "sgd"}
    arguments = _arguments((tree, verdict), values, tmp_path)
    command = [sys.executable, str(tree / "train.py"), *arguments]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "32 0.1 32 sgd\n"
