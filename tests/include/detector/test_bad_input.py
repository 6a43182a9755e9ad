"""Files that are no code, devices, links and broken neighbours: told in a sentence, never a crash."""

from __future__ import annotations

import os
import sys
import zipfile
from pathlib import Path

import pytest

from include.detector import Kind, inspect
from tests.include.detector.samples import CNN

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
