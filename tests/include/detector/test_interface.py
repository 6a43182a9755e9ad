"""The first interface that fits is the one that a trial uses."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.detector import inspect
from include.detector.interface import INTERFACES

CNN = "import keras\nm = keras.Sequential([keras.layers.Conv2D({}, 3)])\nm.fit(x, y)\n"
LITERALS = CNN.format(8)
STDIN = "n = int(input())\n" + CNN.format("n")
ARGUMENTS = "import argparse\np = argparse.ArgumentParser()\np.add_argument('--n', type=int)\n" + LITERALS

CASES = {
    "argparse": ("arguments", ARGUMENTS),
    "argparse group": ("arguments", "import argparse as a\np = a.ArgumentParser()\ng = p.add_argument_group()\ng.add_argument('--n')\n" + LITERALS),
    "argparse in a function": ("arguments", "from argparse import ArgumentParser\ndef options():\n    p = ArgumentParser()\n    p.add_argument('--n')\n    return p.parse_args()\noptions()\n" + LITERALS),
    "click": ("arguments", "import click\n@click.command()\n@click.option('--n', default=3)\ndef main(n):\n    pass\nmain()\n" + LITERALS),
    "typer": ("arguments", "import typer\ndef main(n: int = 3):\n    pass\ntyper.run(main)\n" + LITERALS),
    "sys.argv": ("arguments", "import sys\nn = int(sys.argv[1])\n" + CNN.format("n")),
    "sys.argv by another name": ("arguments", "from sys import argv\nn = float(argv[1])\n" + LITERALS),
    "sys.argv through a list": ("arguments", "import sys\na = sys.argv[1:]\nn = int(a[0])\n" + LITERALS),
    "sys.argv as a path only": ("literals", "import sys\nfolder = sys.argv[1]\n" + LITERALS),
    "absl flags": ("arguments", "from absl import flags\nflags.DEFINE_integer('n', 3, '')\n" + LITERALS),
    "argparse never called": ("literals", "import argparse\ndef options():\n    p = argparse.ArgumentParser()\n    p.add_argument('--n')\n" + LITERALS),
    "input()": ("stdin", STDIN),
    "sys.stdin": ("stdin", "import sys\nn = int(sys.stdin.readline())\n" + CNN.format("n")),
    "lines of sys.stdin": ("stdin", "import sys\nfor line in sys.stdin:\n    n = int(line)\n" + CNN.format("n")),
    "input.txt": ("stdin", "n = int(open('input.txt').readline())\n" + CNN.format("n")),
    "input.txt elsewhere": ("stdin", "f = open('/mlops/input.txt', 'r')\nn = int(f.read())\n" + CNN.format("n")),
    "input.txt that is written": ("literals", "open('input.txt', 'w').write('3')\n" + LITERALS),
    "arguments before stdin": ("arguments", ARGUMENTS + STDIN),
    "literals of a layer": ("literals", LITERALS),
    "constant that a layer names": ("literals", "N = 8\n" + CNN.replace(", 3)", ", K)").format("N")),
    "literals of fit": ("literals", "import keras, sys\nm = keras.Sequential([keras.layers.Conv2D(*s)])\nm.fit(x, y, epochs=5)\n"),
    "literal of an optimizer": ("literals", "import keras\nm = keras.Sequential([keras.layers.Conv2D(*s)])\nm.compile(keras.optimizers.Adam(0.001))\n"),
    "nothing": (None, "import keras\nm = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Conv2D(*s)])\nm.fit(x, y)\n"),
}  # fmt: skip


@pytest.mark.parametrize(("interface", "code"), CASES.values(), ids=CASES.keys())
def test_the_interface_is_found(tmp_path: Path, interface: str | None, code: str) -> None:
    (tmp_path / "mycode.py").write_text(code)
    verdict = inspect(tmp_path)
    assert (verdict.kind, verdict.interface) == ("cnn", interface)


@pytest.mark.parametrize("code", [ARGUMENTS, STDIN, LITERALS], ids=["arguments", "stdin", "literals"])
@pytest.mark.parametrize("folder", ["", "work/"])
def test_a_tweak_script_goes_before_everything(tmp_path: Path, code: str, folder: str) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / f"{folder}mycode.py").write_text(code)
    (tmp_path / "tweak.py").write_text("print('tweak')\n")
    assert inspect(tmp_path).interface == "tweak_script"


def test_the_precedence_is_the_agreed_one() -> None:
    assert [rule.name for rule in INTERFACES] == ["tweak_script", "arguments", "stdin", "literals"]


def test_the_line_that_shows_the_interface_is_evidence(tmp_path: Path) -> None:
    (tmp_path / "mycode.py").write_text(STDIN)
    last = inspect(tmp_path).evidence[-1]
    assert (last.line, last.source) == (1, "n = int(input())")
    assert "standard input" in last.sentence
