"""Whatever is pushed, there is a verdict with a reason in time, and the process lives."""

from __future__ import annotations

import ast
import json
import os
import sys
import zipfile
from pathlib import Path

import pytest

from include.detector import Kind, inspect, limits
from include.detector.inspection import inspect_here
from include.detector.parsing import Parser
from include.detector.sources import Source, UnreadableSourceError
from include.detector.suspicion import is_suspicious

CNN = "import keras\nm = keras.Sequential([keras.layers.Conv2D(8, 3)])\nm.fit(x, y)\n"

UNREADABLE_BYTES = {
    "null bytes": (b"import keras\nx = '\x00'\n", "null bytes (first in line 2)"),
    "HDF5": (b"\x89HDF\r\n\x1a\n" + bytes(100), "is a saved model (HDF5)"),
    "zip": (b"PK\x03\x04" + bytes(100), "is a saved model or another zip archive"),
    "pickle": (b"\x80\x04\x95" + bytes(20), "is a pickle"),
    "gzip": (b"\x1f\x8b" + bytes(20), "is a gzip archive"),
    "program": (b"\x7fELF" + bytes(20), "is a compiled program"),
    "UTF-16": ("import keras\n".encode("utf-16"), "saved as UTF-16"),
    "web page": (b"\n<!DOCTYPE html><html></html>", "is a web page"),
    "LFS pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "Git LFS pointer"),
    "unknown encoding": (b"# coding: utf18\nx = 1\n", "declares an encoding that Python can't use"),
    "encoding of two bytes": (b"# coding: utf-16\nx = 12\n", "declares an encoding that Python can't use"),
    "encoding that is no text": (b"# coding: rot13\nx = 1\n", "declares an encoding that Python can't use"),
    "wrong encoding": (b"# coding: ascii\nx = '\xc3\xa4'\n", "is not valid ascii text (line 2)"),
    "not UTF-8": (b"x = 1\ny = '\xff\xfe'\n", "is not valid utf-8 text (line 2)"),
    "broken syntax": (b"import keras\nm = keras.(\n", "is not valid Python 3."),
    "mixed tabs": (b"if 1:\n\tx = 1\n        y = 2\n", "is not valid Python 3."),
    "broken notebook": (b'{"cells": [{"cell_type": "code"', "is not valid notebook JSON"),
    "notebook in depth": (b'{"cells": ' + b"[" * 50_000, "is not valid notebook JSON"),
    "over 5 MB": (b"x = 1  # " + b"a" * (6 * 1024 * 1024), "is larger than 5 MB"),
    "50 MB": (b"#" * (50 * 1024 * 1024), "is larger than"),
    "million lines": (b"x=1\n" * 1_000_000, "has 1,000,000 lines"),
    "nested brackets": (b"x = " + b"(" * 10_000 + b")" * 10_000, "nested too deeply"),
    "nested lists over lines": (b"x = " + b"[\n" * 10_000 + b"]\n" * 10_000, "nested too deeply"),
    "nested attributes": (b"x = a" + b".a" * 20_000 + b"\n", "nested too deeply"),
    "nested additions": (b"x = 1" + b"+1" * 10_000 + b"\n", "nested too deeply"),
    "nested minus signs": (b"x = " + b"-" * 30_000 + b"1\n", "nested too deeply"),
    "nested blocks": (b"".join(b" " * n + b"if x:\n" for n in range(150)), "nested too deeply"),
    "elif chain": (b"if a: pass\n" + b"elif a: pass\n" * 5_000, "nested too deeply"),
}  # fmt: skip

PYTHON_2 = [
    'print "hello"',
    "print x",
    "print '%d' % x",
    "try:\n    pass\nexcept IOError, e:\n    pass",
    "raise ValueError, 'no'",
    "exec 'x = 1'",
    "x = ur'a'",
    "x = 1 <> 2",
    "x = 0777",
    "x = 10L",
]


def test_the_table_includes_deep_code_that_the_parser_itself_accepts() -> None:
    assert sys.getrecursionlimit() < 5_000


@pytest.mark.parametrize(("data", "says"), UNREADABLE_BYTES.values(), ids=UNREADABLE_BYTES.keys())
def test_what_can_not_be_read_is_said_in_a_sentence(tmp_path: Path, data: bytes, says: str) -> None:
    (tmp_path / "mycode.py").write_bytes(data)
    verdict = inspect(tmp_path)
    assert verdict.kind is Kind.UNREADABLE
    assert says in verdict.reason
    assert verdict.reason.endswith(".")
    assert "mycode.py" in verdict.reason


@pytest.mark.parametrize("code", PYTHON_2)
def test_python_2_is_called_by_its_name(tmp_path: Path, code: str) -> None:
    (tmp_path / "mycode.py").write_text(f"import keras\n{code}\n")
    verdict = inspect(tmp_path)
    assert (verdict.kind, verdict.what) == (Kind.UNREADABLE, "Python 2 code")
    assert "port it to Python 3" in verdict.reason


@pytest.mark.parametrize(
    "data",
    [
        CNN.replace("\n", "\r\n").encode(),
        CNN.replace("\n", "\r").encode(),
        b"\xef\xbb\xbf" + CNN.encode(),
        b"# -*- coding: latin-1 -*-\n# gr\xfc\xdfe\n" + CNN.encode(),
        CNN.rstrip("\n").encode(),
        CNN.encode() + b"\f\n",
    ],
    ids=["CRLF", "CR", "byte order mark", "latin-1", "no line end", "form feed"],
)
def test_unusual_but_valid_text_is_read(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "mycode.py").write_bytes(data)
    assert inspect(tmp_path).kind is Kind.CNN


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


def test_a_saved_keras_model_is_no_script(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "mycode.py", "w") as archive:
        archive.writestr("config.json", "{}")
    assert "push the code that trains it" in inspect(tmp_path).reason


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "cnn.txt").write_text(CNN)
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "mycode.py").symlink_to(tmp_path / "elsewhere" / "cnn.txt")
    (tmp_path / "tree" / "folder").symlink_to(tmp_path / "elsewhere")
    verdict = inspect(tmp_path / "tree")
    assert (verdict.kind, verdict.what) == (Kind.UNREADABLE, "symbolic link")
    assert inspect(tmp_path / "tree" / "mycode.py").what == "symbolic link"


def test_a_pipe_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "mycode.py")
    assert inspect(tmp_path).what == "special file"
    assert inspect(tmp_path / "mycode.py").what == "special file"


def test_a_folder_named_like_a_script_is_entered(tmp_path: Path) -> None:
    (tmp_path / "mycode.py").mkdir()
    (tmp_path / "mycode.py" / "inner.py").write_text(CNN)
    assert inspect(tmp_path).script == "mycode.py/inner.py"


@pytest.mark.parametrize("name", ["nothing-here", "no/such/folder", "x\x00y", "a" * 5000])
def test_a_path_that_is_not_there_is_unreadable(tmp_path: Path, name: str) -> None:
    assert inspect(tmp_path / name).kind is Kind.UNREADABLE


def test_a_device_is_unreadable() -> None:
    assert inspect(Path("/dev/zero")).kind is Kind.UNREADABLE


def test_a_broken_neighbour_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "work.py").write_text(CNN)
    (tmp_path / "other.py").write_text("print 'old'\n")
    verdict = inspect(tmp_path)
    assert (verdict.kind, verdict.script) == (Kind.CNN, "work.py")
    assert "Was not looked at: other.py is Python 2 code" in verdict.evidence[-1].sentence


def test_a_broken_module_that_the_script_imports_decides(tmp_path: Path) -> None:
    (tmp_path / "work.py").write_text("import network\nm = network.build()\nm.fit(x)\n")
    (tmp_path / "network.py").write_bytes(b"\x00")
    verdict = inspect(tmp_path)
    assert verdict.kind is Kind.UNREADABLE
    assert "`work.py` imports it" in verdict.reason


def test_a_broken_script_is_not_replaced_by_a_helper(tmp_path: Path) -> None:
    (tmp_path / "mycode.py").write_text("print 'old'\n")
    (tmp_path / "helper.py").write_text("from sklearn.svm import SVC\nSVC().fit(x, y)\n")
    assert inspect(tmp_path).what == "Python 2 code"


def test_more_code_than_a_script_has_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mycode.py").write_text("f()\n" * 62_000)
    assert "contains too much code to be analysed" in inspect_here(tmp_path).reason


def flood(folder: Path, script: str) -> None:
    """A script that imports more code than is followed."""
    for number in range(3):
        (folder / f"part{number}.py").write_text("f()\n" * 14_000)
    (folder / "mycode.py").write_text(f"import part0, part1, part2\n{script}")


def test_more_code_than_a_push_has_is_refused(tmp_path: Path) -> None:
    flood(tmp_path, "")
    verdict = inspect_here(tmp_path, "mycode.py")
    assert verdict.kind is Kind.UNREADABLE
    assert verdict.reason.endswith("mycode.py and what it imports are too much code to be analysed.")


def test_a_convolution_that_was_found_before_there_was_too_much_code_counts(tmp_path: Path) -> None:
    flood(tmp_path, CNN)
    verdict = inspect_here(tmp_path)
    assert (verdict.kind, verdict.script) == (Kind.CNN, "mycode.py")
    assert "are too much code to be analysed" in verdict.evidence[-1].sentence


def test_code_is_followed_only_for_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FOLLOWING_SECONDS", -1)
    (tmp_path / "mycode.py").write_text(CNN + "f()\n" * 300)
    (tmp_path / "other.py").write_text("f()\n" * 300)
    assert inspect_here(tmp_path).kind is Kind.CNN
    assert "too much code" in inspect_here(tmp_path / "other.py").reason


@pytest.mark.parametrize(
    ("text", "suspicious"),
    [
        (CNN, False),
        ("x = [" + "1," * 1000 + "]", False),
        ("x = [[1], [2]]\n" * 1000, False),
        ("x = " + "[" * 151 + "]" * 151, True),
        ("x = (\n" * 151, True),
        ("\t" * 60 + "x = 1", True),
        ("x = " + "1 + " * 20_000 + "1", True),
        ("x = 1\n" * 50_000, True),
    ],
)
def test_what_might_hurt_the_parser_is_told_by_a_scan(text: str, suspicious: bool) -> None:
    assert is_suspicious(text) is suspicious


def test_suspicious_code_is_parsed_by_a_child_first() -> None:
    source = Source("a.py", "x = " + "[" * 160 + "]" * 160)
    parser = Parser()
    assert isinstance(parser.parse(source), ast.Module)
    assert parser.seconds_left < limits.PARSE_TOTAL_SECONDS


def test_suspicious_code_is_refused_when_the_time_for_it_is_used_up() -> None:
    source = Source("a.py", "x = " + "[" * 160 + "]" * 160)
    with pytest.raises(UnreadableSourceError, match=r"a\.py is too large to be analysed"):
        Parser(seconds_left=0).parse(source)


def test_many_suspicious_files_share_one_budget_of_time(tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / f"deep{number}.py").write_text("x = " + "[" * 180 + "]" * 180)
    (tmp_path / "mycode.py").write_text(CNN)
    assert inspect(tmp_path).kind is Kind.CNN
