"""``python -m include.tweaker``."""

import json
import subprocess
from pathlib import Path

import pytest

from include.tweaker.__main__ import main
from tests.include.tweaker.conftest import MakePush
from tests.include.tweaker.styles import PLAIN

DATA = "from keras.datasets import mnist\n(x_train, y_train), test = mnist.load_data()\n"


@pytest.fixture
def folder(push: MakePush) -> Path:
    return push({"mycode.py": DATA + PLAIN})[0]


def test_it_shows_what_would_be_tweaked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folder)]) == 0
    shown = capsys.readouterr().out
    assert "interface: literals" in shown
    assert "conv1.filters" in shown


def test_it_prints_the_space_as_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folder / "mycode.py"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["parameters"][0]["name"] == "conv1.filters"


def test_it_prints_the_patch_and_changes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folder), "--apply", '{"fit.epochs": 4}']) == 0
    assert "+model.fit(x_train, y_train, batch_size=128, epochs=4)" in capsys.readouterr().out
    assert (folder / "mycode.py").read_text() == DATA + PLAIN


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ('{"fit.epoch": 4}', "the nearest is 'fit.epochs'"),
        ('{"fit.epochs": 400}', "the nearest is 8"),
        ("fit.epochs=4", "--apply takes a JSON object"),
        ("[4]", "--apply takes a JSON object"),
    ],
)
def test_bad_values_are_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], values: str, message: str
) -> None:
    assert main([str(folder), "--apply", values]) == 1
    assert message in capsys.readouterr().err


def test_it_says_what_cannot_be_tweaked_and_why(push: MakePush, capsys: pytest.CaptureFixture[str]) -> None:
    code = DATA + PLAIN.replace("filters=32", "filters=2 * 16")
    assert main([str(push({"mycode.py": code})[0])]) == 0
    shown = capsys.readouterr().out
    assert "not tweaked:\n  filters of conv 1: `2 * 16` is computed at run time\n" in shown


def test_what_is_declared_refines_what_is_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "tweak.yaml").write_text("fixed: [fit.epochs]\nparameters: {conv1.filters: {high: 48}}\n")
    assert main([str(folder)]) == 0
    shown = capsys.readouterr().out
    assert "refined by tweak.yaml" in shown
    assert "4–48, log scale" in shown
    assert "fit.epochs" not in shown


def test_a_mistake_in_what_is_declared_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "tweak.yaml").write_text("fixd: [fit.epochs]\n")
    assert main([str(folder)]) == 1
    assert "error: tweak.yaml: unknown key `fixd`; did you mean `fixed`?" in capsys.readouterr().err


def test_git_applies_what_it_prints(push: MakePush, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    source = (
        ("# coding: latin-1\n# caf\u00e9\n" + DATA + PLAIN)
        .rstrip("\n")
        .replace("\n", "\r\n")
        .encode("latin-1")
    )
    folder = push({"mycode.py": source})[0]
    assert main([str(folder), "--apply", '{"fit.epochs": 4, "growth.conv_layers": 1}']) == 0
    patch = capfdbinary.readouterr().out
    subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], cwd=folder, input=patch, check=True)
    assert b"epochs=4)" in (folder / "mycode.py").read_bytes()
    assert b"# caf\xe9\r\n" in (folder / "mycode.py").read_bytes()


def test_values_that_cannot_work_are_said_beforehand(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    values = (
        '{"growth.conv_layers": 2, "pool1.pool_size": 4, "new_conv1.pool_size": 3, "new_conv2.pool_size": 3}'
    )
    assert main([str(folder), "--apply", values]) == 0
    assert "the image gets too small" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "nowhere")]) == 1
    assert "doesn't exist" in capsys.readouterr().err
