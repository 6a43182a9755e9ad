"""Reads the tables of small scripts in `cases/` for tests that ask for one by an argument `…_case`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from include.detector import Verdict, inspect

_KERAS = "import keras\nmodel = keras.Sequential([keras.layers.{}])\nmodel.fit(x, y)\n"
_BLOCKS = {
    "{DENSE}": _KERAS.format("Dense(8)"),
    "{LITERALS}": _KERAS.format("Conv2D(8, 3)"),
    "{STDIN}": "n = int(input())\n" + _KERAS.format("Conv2D(n, 3)"),
    "{ARGUMENTS}": "import argparse\np = argparse.ArgumentParser()\np.add_argument('--n', type=int)\n"
    + _KERAS.format("Conv2D(8, 3)"),
    "{NEW}": "from keras.models import Sequential\nfrom keras.layers import Conv2D, Dense\n",
    "{BUILD}": "m = Sequential([Conv2D(8, (3, 3)), Dense(10)])\nm.compile('adam', 'mse')\nm.fit(x, y)\n",
}


@dataclass(frozen=True)
class Case:
    """One small script: what is expected of it (often empty), its name, its code."""

    expected: str
    name: str
    code: str


def read_cases(table: str) -> list[Case]:
    """Parse a table: `=== expected | name` or `=== name`, then the code; a line `{BLOCK}` is replaced."""
    text = (Path(__file__).with_name("cases") / f"{table}.txt").read_text(encoding="utf-8")
    cases = []
    for chunk in re.split(r"^=== ", text, flags=re.MULTILINE)[1:]:
        head, _, code = chunk.partition("\n")
        expected, bar, name = head.rpartition(" | ")
        for block, replacement in _BLOCKS.items():
            code = code.replace(f"{block}\n", replacement)
        cases.append(Case(expected if bar else "", name, code))
    return cases


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test its table."""
    for argument in metafunc.fixturenames:
        if argument.endswith("_case"):
            cases = read_cases(argument.removesuffix("_case"))
            assert cases, f"the table of {argument} is empty"
            metafunc.parametrize(argument, cases, ids=[case.name for case in cases])


@pytest.fixture
def verdict_of(tmp_path: Path) -> Callable[[str], Verdict]:
    """Write code into `mycode.py` and inspect the folder."""

    def write_and_inspect(code: str) -> Verdict:
        (tmp_path / "mycode.py").write_text(code, encoding="utf-8", newline="")
        return inspect(tmp_path)

    return write_and_inspect
