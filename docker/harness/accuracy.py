"""The accuracy of a training: from the file the script wrote, else from what Keras measured."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_NUMBER = re.compile(r"(?<![\w.])(?<!\d,)[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?(?!\w|[.,]\d)")
_MAX_BYTES = 65536


@dataclass(frozen=True)
class Accuracy:
    """An accuracy and where it comes from.

    Args:
        value: Fraction 0–1, None when nothing said one.
        source: A file's name, ``evaluate``, ``val_accuracy`` or ``accuracy``.
        text: The text it was read from, for files.
        notes: Why sources of higher rank did not count.
    """

    value: float | None = None
    source: str | None = None
    text: str | None = None
    notes: tuple[str, ...] = ()


def parse_accuracy(text: str) -> tuple[float | None, str]:
    """Read an accuracy as people write it: ``98``, ``98.8135``, ``0.9775``, ``97.75%``, ``Accuracy: 0.9``.

    The last line that is not empty counts. A number above 1, or with a percent sign, is a percentage;
    1 is 1.0.

    Returns:
        The fraction 0–1, or None, and the reason when it is None.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return None, "it is empty"
    line = lines[-1]
    numbers = _NUMBER.findall(line)
    if len(numbers) != 1:
        return None, f"{line[:60]!r} is not a number" if not numbers else f"{line[:60]!r} is several numbers"
    value = float(numbers[0].replace(",", "."))
    is_percentage = "%" in line or value > 1
    if value < 0:
        return None, f"{line[:60]!r} is negative"
    if value > 100:
        return None, f"{line[:60]!r} is more than 100 percent"
    return (value / 100 if is_percentage else value), ""


def accuracy_in_files(names: Iterable[str], folders: Sequence[Path], since: float) -> Accuracy:
    """Return the accuracy in the first file that is fresh and holds one.

    Args:
        names: File names, relative to one of the folders or absolute.
        folders: Where to look, in order.
        since: Files not changed after this time (seconds since the epoch) are left from an earlier run.
    """
    notes: list[str] = []
    for path in dict.fromkeys(folder / name for name in names for folder in folders):
        if not path.is_file():
            continue
        if path.stat().st_mtime < since:
            notes.append(f"{path.name} was not written by this training")
            continue
        with path.open("rb") as stream:
            text = stream.read(_MAX_BYTES).decode("utf-8", errors="replace")
        value, why = parse_accuracy(text)
        if value is not None:
            return Accuracy(value, path.name, text.strip()[-200:], tuple(notes))
        notes.append(f"{path.name} holds no accuracy: {why}")
    return Accuracy(notes=tuple(notes))


def accuracy_metric(logs: Mapping[str, object], prefix: str = "") -> float | None:
    """Return the accuracy among a model's metrics, whatever its metric is called; None without one."""
    names = [name.removeprefix(prefix) for name in logs if name.startswith(prefix)]
    names = [name for name in names if prefix or not name.startswith("val_")]
    usual = [name for name in ("accuracy", "acc") if name in names]
    others = [name for name in names if name.endswith(("accuracy", "_acc")) and "top_k" not in name]
    for name in (*usual, *others):
        value = logs[prefix + name]
        if isinstance(value, (int, float)) and 0 <= value <= 1:
            return float(value)
    return None


def choose_accuracy(
    written: Accuracy, evaluations: Sequence[float], history: Sequence[Mapping[str, float | int | None]]
) -> Accuracy:
    """Choose by rank: the file, the last `evaluate`, the best ``val_accuracy``, the last ``accuracy``."""
    if written.value is not None:
        return written
    if evaluations:
        return Accuracy(evaluations[-1], "evaluate", notes=written.notes)
    validated = [value for epoch in history if (value := epoch.get("val_accuracy")) is not None]
    if validated:
        return Accuracy(max(validated), "val_accuracy", notes=written.notes)
    trained = [value for epoch in history if (value := epoch.get("accuracy")) is not None]
    if trained:
        return Accuracy(trained[-1], "accuracy", notes=written.notes)
    return written
