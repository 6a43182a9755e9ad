"""Nothing that is pushed makes the detector fall.

`DETECTOR_FUZZ_SECONDS=600 .venv/bin/pytest tests/include/detector/test_fuzz.py` looks for longer, from a new
seed.
"""

from __future__ import annotations

import os
import random
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from include.detector.inspection import inspect_here
from tests.include.detector.conftest import read_cases

SECONDS = float(os.environ.get("DETECTOR_FUZZ_SECONDS", "0"))
SEED = time.time_ns() if SECONDS else 20_261_123
TABLES = ("alias", "elsewhere", "era", "fooled", "interface", "kind", "library", "style", "today")
_NAME = re.compile(rb"[A-Za-z_]\w*")
MUTANTS = 4_000
WORDS = (
    "*", "**", "(", ")", "[", "]", "{", "}", ":", ",", ".", "=", "==", ":=", "->", "@", "\\", "'", '"',
    '"""', "f'{", "#", "\n", "\r", "\t", "\x0c", "\x00", "\ufeff", "\u2028", "\udc80", "é", "\U0001d4b3",
    "0777", "1e999", "9" * 5_000, "0x", "...", "lambda: ", "yield ", "await ", "async ",
    "match x:\n case ", "global x\n", "nonlocal x\n", "del ", "import *", "from . import ",
    "from .. import *\n", "class A(A):\n ", "def f(f=f): ", "exec('", "getattr(", "__import__(",
    "globals()[", "print 'a'", "%matplotlib\n", "!ls\n", "# coding: utf-16\n", "# coding: zlib\n",
    "self", "self.", "x = x\n", "try:\n", "except* E:\n", "with (a as b): ", "while 0:\n", "if False:\n",
    "type X = int\n",
)  # fmt: skip
Mutation = Callable[[random.Random, bytes, bytes], bytes]


def _cut(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    start, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    return data[:start] + data[end:]


def _insert(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    place = chance.randrange(len(data) + 1)
    return data[:place] + chance.choice(WORDS).encode(errors="surrogateescape") + data[place:]


def _splice(chance: random.Random, data: bytes, other: bytes) -> bytes:
    return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]


def _shuffle(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    chance.shuffle(lines)
    return b"".join(lines)


def _rename(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    names = sorted(set(_NAME.findall(data)))
    return data.replace(chance.choice(names), chance.choice(names)) if names else data


def _flip(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    flipped = bytearray(data)
    for _ in range(chance.randrange(1, 8)):
        flipped[chance.randrange(len(flipped))] = chance.randrange(256)
    return bytes(flipped)


def _repeat(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    start = chance.randrange(len(data))
    piece = data[start : start + chance.randrange(1, 12)]
    return data[:start] + piece * chance.choice([2, 60, 149, 300]) + data[start:]


def _indent(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    return data.replace(b"\n", b"\n" + b" " * chance.randrange(1, 8))


def _random_bytes(chance: random.Random, _data: bytes, _other: bytes) -> bytes:
    return chance.randbytes(chance.randrange(1, 400))


MUTATIONS: tuple[Mutation, ...] = (
    _cut, _insert, _splice, _shuffle, _rename, _flip, _repeat, _indent, _random_bytes,
)  # fmt: skip


def mutants(seed: int) -> Iterator[bytes]:
    """Without end: sources of the tables, each mutated one to four times."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    sources = [case.code.encode() for table in TABLES for case in read_cases(table)]
    while True:
        data = chance.choice(sources)
        for _ in range(chance.randrange(1, 5)):
            data = chance.choice(MUTATIONS)(chance, data, chance.choice(sources)) or b"\n"
        yield data


def check(folder: Path, data: bytes) -> None:
    (folder / "mycode.py").write_bytes(data)
    verdict = inspect_here(folder)
    assert verdict.reason.endswith("."), data
    assert verdict.kind.value in {"cnn", "not_cnn", "unreadable"}, data


def test_mutated_sources_and_random_bytes_get_a_verdict(tmp_path: Path) -> None:
    for _, data in zip(range(MUTANTS), mutants(SEED), strict=False):
        try:
            check(tmp_path, data)
        except Exception as error:
            error.add_note(f"The detector fell on {data!r}")
            raise


def test_modules_that_import_each_other_get_a_verdict(tmp_path: Path) -> None:
    chance = random.Random(SEED)  # noqa: S311
    found = mutants(SEED)
    for _ in range(MUTANTS // 20):
        for name in ("a", "b", "mycode"):
            other = chance.choice(["a", "b", "mycode"])
            link = chance.choice(
                [f"from {other} import *\n", f"import {other}\n", f"from . import {other}\n"]
            )
            (tmp_path / f"{name}.py").write_bytes(link.encode() + next(found))
        assert inspect_here(tmp_path).reason.endswith(".")


@pytest.mark.skipif(not SECONDS, reason="DETECTOR_FUZZ_SECONDS says for how long")
@pytest.mark.timeout(0)
def test_the_detector_stands_for_as_long_as_asked(tmp_path: Path) -> None:
    end = time.monotonic() + SECONDS
    for data in mutants(SEED):
        check(tmp_path, data)
        if time.monotonic() > end:
            return
