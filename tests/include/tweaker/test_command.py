"""``python -m include.tweaker``."""

import json
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


def test_a_folder_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "nowhere")]) == 1
    assert "doesn't exist" in capsys.readouterr().err
