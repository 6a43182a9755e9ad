"""The first interface that fits is the one that a trial uses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

from include.detector import Verdict, inspect
from include.detector.interface import INTERFACES

CNN = "import keras\nm = keras.Sequential([keras.layers.Conv2D({}, 3)])\nm.fit(x, y)\n"
LITERALS = CNN.format(8)
STDIN = "n = int(input())\n" + CNN.format("n")
ARGUMENTS = "import argparse\np = argparse.ArgumentParser()\np.add_argument('--n', type=int)\n" + LITERALS


class Case(Protocol):
    """A row of a table in `cases/`."""

    expected: str
    code: str


def test_the_interface_is_found(verdict_of: Callable[[str], Verdict], interface_case: Case) -> None:
    verdict = verdict_of(interface_case.code)
    assert (verdict.kind, str(verdict.interface)) == ("cnn", interface_case.expected)


@pytest.mark.parametrize("code", [ARGUMENTS, STDIN, LITERALS], ids=["arguments", "stdin", "literals"])
@pytest.mark.parametrize("folder", ["", "work/"])
def test_a_tweak_script_goes_before_everything(tmp_path: Path, code: str, folder: str) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / f"{folder}mycode.py").write_text(code)
    (tmp_path / "tweak.py").write_text("print('tweak')\n")
    assert inspect(tmp_path).interface == "tweak_script"


def test_a_tweak_script_that_is_itself_the_training_script_is_no_interface(tmp_path: Path) -> None:
    (tmp_path / "tweak.py").write_text(LITERALS)
    verdict = inspect(tmp_path)
    assert (verdict.script, verdict.interface) == ("tweak.py", "literals")


def test_the_precedence_is_the_agreed_one() -> None:
    assert [rule.name for rule in INTERFACES] == ["tweak_script", "arguments", "stdin", "literals"]


def test_the_line_that_shows_the_interface_is_evidence(tmp_path: Path) -> None:
    (tmp_path / "mycode.py").write_text(STDIN)
    last = inspect(tmp_path).evidence[-1]
    assert (last.line, last.source) == (1, "n = int(input())")
    assert "standard input" in last.sentence
