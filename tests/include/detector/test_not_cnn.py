"""What is no convolutional network is refused, and the reason names what it is instead."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

from include.detector import Kind, Verdict, inspect

Inspect = Callable[[str], Verdict]
DENSE = "import keras\nm = keras.Sequential([keras.layers.Dense(8)])\nm.fit(x, y)\n"


class Case(Protocol):
    """A row of a table in `cases/`."""

    expected: str
    code: str


def test_what_only_looks_like_a_convolution_leaves_a_dense_network(
    verdict_of: Inspect, fooled_case: Case
) -> None:
    verdict = verdict_of(fooled_case.code)
    assert (verdict.kind, verdict.what) == (Kind.NOT_CNN, "dense network"), verdict.reason


def test_the_verdict_names_what_it_is_instead(verdict_of: Inspect, kind_case: Case) -> None:
    verdict = verdict_of(kind_case.code)
    assert (verdict.kind, verdict.what) == (Kind.NOT_CNN, kind_case.expected), verdict.reason
    assert not verdict.trainable


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("def cnn():\n    return Conv2D(8)\n", "nothing that runs uses the function `cnn`"),
        ("class Net:\n    def old(self):\n        Conv2D(8)\n", "nothing that runs uses the function `old`"),
        ("if False:\n    Conv2D(8)\n", "this code never runs"),
        ("", "`Conv2D` is imported but nothing that runs uses it"),
        ("import numpy as np\nnp.convolve(a, b)\n", "a filter of signal processing"),
    ],
)
def test_the_reason_explains_a_near_miss(verdict_of: Inspect, code: str, says: str) -> None:
    verdict = verdict_of("from keras.layers import Conv2D\n" + code + DENSE)
    assert says in verdict.reason
    assert any(says in evidence.sentence for evidence in verdict.evidence)


@pytest.mark.parametrize(
    ("code", "says"),
    [("# Conv2D\n", "`Conv2D` stands only in a comment"), ("'Conv2D'\n", "`Conv2D` stands only in text")],
)
def test_a_mere_word_is_explained_too(verdict_of: Inspect, code: str, says: str) -> None:
    assert says in verdict_of(DENSE + code).reason


def test_a_push_without_python_has_nothing_to_train(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# CNN\n")
    verdict = inspect(tmp_path)
    assert (verdict.kind, verdict.what, verdict.script) == (Kind.NOT_CNN, "no Python code", None)
