"""Notebooks and what only they or newer Pythons run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from include.detector import Kind, inspect
from tests.include.detector.samples import CNN


def notebook(*cells: str) -> str:
    code = [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]
    return json.dumps({"cells": [{"cell_type": "markdown", "source": ["Conv2D"]}, *code], "nbformat": 4})


@pytest.mark.parametrize("name", ["work.ipynb", "mycode.py"])
@pytest.mark.parametrize(
    "cells",
    [
        (CNN,),
        ("!pip install keras\n%matplotlib inline", CNN),
        ("%%time\n" + CNN,),
        ("files = !ls\nx?", CNN),
        ("if True:\n    !pip install keras", CNN),
        ("%%bash\nrm -rf /", CNN),
        ("this is not python", CNN),
        ("print('a'\n      % 1)", CNN),
    ],
)
def test_a_notebook_is_read_without_its_magics(tmp_path: Path, name: str, cells: tuple[str, ...]) -> None:
    (tmp_path / name).write_text(notebook(*cells))
    verdict = inspect(tmp_path)
    assert (verdict.kind, verdict.trainable) == (Kind.CNN, False), verdict.reason
    assert "It is a notebook" in verdict.reason


@pytest.mark.parametrize("magic", ["%%writefile notes.md", "%%bash", "%%html"])
def test_a_notebook_cell_in_another_language_does_not_count(tmp_path: Path, magic: str) -> None:
    (tmp_path / "a.ipynb").write_text(notebook(f"{magic}\n{CNN}"))
    assert inspect(tmp_path).what == "no learning at all"


def test_a_script_that_a_notebook_cell_writes_counts(tmp_path: Path) -> None:
    cell = f"%%writefile train.py\n{CNN}"
    (tmp_path / "a.ipynb").write_text(notebook(cell, "!python train.py"))
    assert inspect(tmp_path).kind is Kind.CNN


def test_a_notebook_of_the_old_format_is_read(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "input": CNN}
    (tmp_path / "a.ipynb").write_text(json.dumps({"worksheets": [{"cells": [cell]}], "nbformat": 3}))
    assert inspect(tmp_path).kind is Kind.CNN


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("!pip install keras", "is a command of notebooks"),
        ("%matplotlib inline", "is a command of notebooks"),
        ("files = !ls", "is a command of notebooks"),
        ("if True:\n    !pip install keras", "is a command of notebooks"),
        ("class Stack[T](list): pass", "is for a newer Python than 3."),
        ("class Stack[\n    T: list[int],\n]: pass", "is for a newer Python than 3."),
        ("def first[T](items): pass", "is for a newer Python than 3."),
        ("type Pair[T] = tuple[T, T]", "is for a newer Python than 3."),
        ("try:\n    pass\nexcept TypeError, ValueError:\n    pass", "is for a newer Python than 3."),
        ('print(f"{x["a"]} and {", ".join(x)}")', "is for a newer Python than 3."),
        ("print(f'{x['a']}')", "is for a newer Python than 3."),
    ],
)
def test_code_that_only_notebooks_or_newer_pythons_run_is_understood_but_not_trained(
    tmp_path: Path, line: str, says: str
) -> None:
    (tmp_path / "mycode.py").write_text(f"# code\n{line}\n{CNN}")
    verdict = inspect(tmp_path)
    assert (verdict.kind, verdict.trainable) == (Kind.CNN, False), verdict.reason
    assert says in verdict.reason
    assert verdict.evidence[0].line == 4 + line.count("\n")


def test_python_2_is_known_behind_a_command_of_notebooks_too(tmp_path: Path) -> None:
    (tmp_path / "mycode.py").write_text(f"!pip install keras\n{CNN}print 'done'\n")
    assert inspect(tmp_path).what == "Python 2 code"


def test_a_command_of_notebooks_does_not_mend_broken_code(tmp_path: Path) -> None:
    (tmp_path / "mycode.py").write_text(f"!pip install keras\n{CNN}m.fit(\n")
    assert inspect(tmp_path).what == "broken code"


def test_a_part_of_a_script_is_a_cnn_that_can_not_be_trained_alone(tmp_path: Path) -> None:
    (tmp_path / "mycode.py").write_text("model = Sequential()\nmodel.add(Conv2D(8, 3))\nmodel.fit(x, y)\n")
    verdict = inspect(tmp_path)
    assert (verdict.kind, verdict.framework, verdict.trainable) == (Kind.CNN, "keras 3", False)
    assert "`Conv2D` in line 2 of `mycode.py` is not imported:" in verdict.reason
