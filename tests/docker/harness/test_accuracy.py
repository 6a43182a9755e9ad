"""Accuracy as people write it, and which of several sources counts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from harness.accuracy import Accuracy, accuracy_in_files, accuracy_metric, choose_accuracy, parse_accuracy


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("98", 0.98),
        ("98.8135", 0.988135),
        ("0.9775 ", 0.9775),
        ("97.75%", 0.9775),
        ("97.75 %\n", 0.9775),
        ("0.5%", 0.005),
        ("1", 1.0),
        ("1.0", 1.0),
        ("100", 1.0),
        ("100%", 1.0),
        ("0", 0.0),
        (".5", 0.5),
        ("9.8e1", 0.98),
        ("97,75", 0.9775),
        ("+0.5", 0.5),
        ("Accuracy: 0.91", 0.91),
        ("accuracy = 91.5 %", 0.915),
        ("epoch 1 0.5\n\n0.75\n", 0.75),
        ("\r\n0.5\r\n", 0.5),
    ],
)
def test_each_spelling_of_an_accuracy(text: str, value: float) -> None:
    read, why = parse_accuracy(text)
    assert read == pytest.approx(value)
    assert why == ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is empty"),
        (" \n ", "it is empty"),
        ("true", "'true' is not a number"),
        ("nan", "'nan' is not a number"),
        ("inf", "'inf' is not a number"),
        ("101", "more than 100 percent"),
        ("250%", "more than 100 percent"),
        ("1e9", "more than 100 percent"),
        ("-0.5", "is negative"),
        ("[0.03, 0.98]", "is several numbers"),
        ("model3", "is not a number"),
        ("1.2.3", "is not a number"),
    ],
)
def test_what_is_no_accuracy_says_why(text: str, why: str) -> None:
    value, reason = parse_accuracy(text)
    assert value is None
    assert why in reason


def test_the_first_fresh_file_with_an_accuracy_counts(tmp_path: Path) -> None:
    (tmp_path / "stale.txt").write_text("99")
    os.utime(tmp_path / "stale.txt", (100, 100))
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "good.txt").write_text("97.5\n")
    (tmp_path / "later.txt").write_text("50")
    names = ["missing.txt", "stale.txt", "empty.txt", "good.txt", "later.txt"]
    found = accuracy_in_files(names, [tmp_path], since=200)
    assert (found.value, found.source, found.text) == (0.975, "good.txt", "97.5")
    assert found.notes == (
        "stale.txt was not written by this training",
        "empty.txt holds no accuracy: it is empty",
    )


def test_files_are_looked_for_in_every_folder_and_by_absolute_path(tmp_path: Path) -> None:
    deep = tmp_path / "src"
    deep.mkdir()
    (deep / "acc.txt").write_text("0.5")
    assert accuracy_in_files(["acc.txt"], [tmp_path, deep], 0).value == 0.5
    assert accuracy_in_files([str(deep / "acc.txt")], [tmp_path], 0).value == 0.5


@pytest.mark.parametrize(
    ("logs", "prefix", "value"),
    [
        ({"loss": 1.0, "accuracy": 0.5, "val_accuracy": 0.9}, "", 0.5),
        ({"accuracy": 0.5, "val_accuracy": 0.9}, "val_", 0.9),
        ({"acc": 0.5}, "", 0.5),
        ({"sparse_categorical_accuracy": 0.5}, "", 0.5),
        ({"top_k_categorical_accuracy": 0.9, "categorical_accuracy": 0.5}, "", 0.5),
        ({"digit_acc": 0.5}, "", 0.5),
        ({"val_accuracy": 0.9}, "", None),
        ({"loss": 0.5}, "", None),
        ({"accuracy": 3.0}, "", None),
        ({"accuracy": float("nan")}, "", None),
        ({"accuracy": "0.5"}, "", None),
    ],
)
def test_the_accuracy_among_the_metrics(logs: dict[str, object], prefix: str, value: float | None) -> None:
    assert accuracy_metric(logs, prefix) == value


HISTORY: list[dict[str, float | int | None]] = [
    {"epoch": 1, "accuracy": 0.7, "val_accuracy": 0.9},
    {"epoch": 2, "accuracy": 0.6, "val_accuracy": 0.8},
    {"epoch": 3, "accuracy": None, "val_accuracy": None},
]
TRAINED: list[dict[str, float | int | None]] = [{**epoch, "val_accuracy": None} for epoch in HISTORY]
WRITTEN = Accuracy(0.4, "accuracy.txt")


@pytest.mark.parametrize(
    ("written", "evaluations", "history", "value", "source"),
    [
        (WRITTEN, [0.1, 0.2], HISTORY, 0.4, "accuracy.txt"),
        (Accuracy(), [0.1, 0.2], HISTORY, 0.2, "evaluate"),
        (Accuracy(), [], HISTORY, 0.9, "val_accuracy"),
        (Accuracy(), [], TRAINED, 0.6, "accuracy"),
        (Accuracy(), [], [], None, None),
    ],
)
def test_each_step_of_the_rank(
    written: Accuracy,
    evaluations: list[float],
    history: list[dict[str, float | int | None]],
    value: float | None,
    source: str | None,
) -> None:
    chosen = choose_accuracy(written, evaluations, history)
    assert (chosen.value, chosen.source) == (value, source)


def test_why_a_file_did_not_count_is_kept_whatever_counts() -> None:
    assert choose_accuracy(Accuracy(notes=("empty",)), [0.5], []).notes == ("empty",)
