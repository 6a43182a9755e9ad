"""What a training reports in ``out/``: result document, per-epoch metrics, heartbeat, model."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from include.containers._fields import Fields
from include.containers._reading import clean_text, opened, parse_json, read_bytes
from include.containers.errors import ResultRefusedError

RESULT_FILE, METRICS_FILE, HEARTBEAT_FILE = "result.json", "metrics.jsonl", "heartbeat"
WEIGHTS_FILE = "warm.npz"
MAX_DOCUMENT_BYTES = 8 * 1024**2
MAX_MODEL_BYTES = 4 * 1024**3
_MAX_EPOCHS, _MAX_NOTES = 100_000, 50


@dataclass(frozen=True)
class Epoch:
    """One epoch; accuracies are fractions 0–1, a figure that was not measured is None.

    ``fit`` counts the script's calls of `fit` from 1; ``planned`` is the epoch at which this one would end,
    counted like ``epoch``; ``warm`` says that the training began with the weights it was given.
    """

    epoch: int
    accuracy: float | None = None
    val_accuracy: float | None = None
    loss: float | None = None
    val_loss: float | None = None
    seconds: float | None = None
    fit: int | None = None
    planned: int | None = None
    warm: bool = False


@dataclass(frozen=True)
class Result:
    """The result document of one training, checked.

    Args:
        status: Whether the script ran to its end or failed.
        accuracy: Fraction 0–1, None when nothing said one.
        accuracy_source: Where the accuracy comes from, such as ``accuracy.txt`` or ``evaluate``.
        history: One entry per epoch, in order.
        model_file: Name of the model in ``out/``; copy it with `copy_model`.
        seconds: Seconds from the harness's start to the script's end.
        versions: Versions of Python and of the libraries that trained.
        error: The script's exception in one line.
        traceback: Its traceback, only the script's own frames.
        peak_memory_bytes: Most memory in use at one time.
        accuracy_text: The text that the accuracy was read from.
        notes: Sentences about what was found odd, such as an accuracy file without an accuracy.
        pruned_after: The epoch after which it ended because it was asked to.
        warm_started: Whether it began with the weights it was given.
        resumed: Whether it went on from a checkpoint, of a launch that crashed.
    """

    status: Literal["finished", "failed"]
    accuracy: float | None = None
    accuracy_source: str | None = None
    history: tuple[Epoch, ...] = ()
    model_file: str | None = None
    seconds: float = 0.0
    versions: Mapping[str, str] | None = None
    error: str | None = None
    traceback: str | None = None
    peak_memory_bytes: int | None = None
    accuracy_text: str | None = None
    notes: tuple[str, ...] = ()
    pruned_after: int | None = None
    warm_started: bool = False
    resumed: bool = False


def read_result(out_dir: Path) -> Result | None:
    """Return the result document, None when the training wrote none.

    Raises:
        ResultRefusedError: The file is not a plain file, too large, or not such a document.
    """
    try:
        content = read_bytes(out_dir, RESULT_FILE, MAX_DOCUMENT_BYTES)
    except FileNotFoundError:
        return None
    try:
        return _result(Fields(parse_json(content)), out_dir)
    except (ValueError, OverflowError) as error:
        raise ResultRefusedError(out_dir / RESULT_FILE, clean_text(str(error), 200)) from error


def read_metrics(out_dir: Path) -> tuple[Epoch, ...]:
    """Return the epochs recorded so far; lines that are half written or malformed are passed over.

    Raises:
        ResultRefusedError: The file is not a plain file, or too large.
    """
    try:
        content = read_bytes(out_dir, METRICS_FILE, MAX_DOCUMENT_BYTES)
    except FileNotFoundError:
        return ()
    epochs: list[Epoch] = []
    for line in content.split(b"\n")[:_MAX_EPOCHS]:
        try:
            epochs.append(_epoch(parse_json(line)))
        except (ValueError, OverflowError):
            continue
    return tuple(epochs)


def heartbeat_age(out_dir: Path, now: float) -> float | None:
    """Return the seconds since the training's last heartbeat, None before its first."""
    try:
        status = (out_dir / HEARTBEAT_FILE).lstat()
    except FileNotFoundError:
        return None
    return max(0.0, now - status.st_mtime) if stat.S_ISREG(status.st_mode) else None


def copy_weights(out_dir: Path, target: Path, max_bytes: int = MAX_MODEL_BYTES) -> bool:
    """Copy the weights that a later trial's container may start from; they are read in containers only.

    Returns:
        Whether the training left any.

    Raises:
        ResultRefusedError: They are not a plain file, or larger than `max_bytes`.
    """
    try:
        _copy_out(out_dir, WEIGHTS_FILE, target, max_bytes)
    except FileNotFoundError:
        return False
    return True


def copy_model(out_dir: Path, result: Result, target: Path, max_bytes: int = MAX_MODEL_BYTES) -> Path:
    """Copy a training's model out, without ever opening it as a model.

    Raises:
        FileNotFoundError: The training left no model.
        ResultRefusedError: It is not a plain file, or larger than `max_bytes`.
    """
    if result.model_file is None:
        raise FileNotFoundError(f"The training in {out_dir.parent} left no model.")
    _copy_out(out_dir, result.model_file, target, max_bytes)
    return target


def _copy_out(out_dir: Path, name: str, target: Path, max_bytes: int) -> None:
    with (
        opened(out_dir, name, max_bytes) as descriptor,
        os.fdopen(os.dup(descriptor), "rb") as source,
        target.open("wb") as copy,
    ):
        shutil.copyfileobj(source, copy)


def _epoch(document: object) -> Epoch:
    fields = Fields(document)
    number = fields.natural("epoch")
    if number is None:
        raise ValueError("an epoch has no number")
    return Epoch(
        epoch=number,
        accuracy=fields.fraction("accuracy"),
        val_accuracy=fields.fraction("val_accuracy"),
        loss=fields.number("loss"),
        val_loss=fields.number("val_loss"),
        seconds=fields.number("seconds"),
        fit=fields.natural("fit"),
        planned=fields.natural("planned"),
        warm=fields.flag("warm"),
    )


def _result(fields: Fields, out_dir: Path) -> Result:
    status = fields.text("status", 20)
    if status not in ("finished", "failed"):
        raise ValueError(f"its status is {status!r}")
    return Result(
        status=cast('Literal["finished", "failed"]', status),
        accuracy=fields.fraction("accuracy"),
        accuracy_source=fields.text("accuracy_source", 200),
        history=tuple(_epoch(item) for item in fields.items("history", _MAX_EPOCHS)),
        model_file=_model_file(fields, out_dir),
        seconds=max(0.0, fields.number("seconds") or 0.0),
        versions=fields.texts("versions"),
        error=fields.text("error", 2000),
        traceback=fields.text("traceback", 20_000),
        peak_memory_bytes=fields.natural("peak_memory_bytes"),
        accuracy_text=fields.text("accuracy_text", 500),
        notes=_notes(fields),
        pruned_after=fields.natural("pruned_after"),
        warm_started=fields.flag("warm_started"),
        resumed=fields.flag("resumed"),
    )


def _model_file(fields: Fields, out_dir: Path) -> str | None:
    name = fields.text("model_file", 255)
    if name is None:
        return None
    try:
        with opened(out_dir, name, MAX_MODEL_BYTES):
            return name
    except FileNotFoundError as error:
        raise ValueError(f"its model {name} does not exist") from error
    except ResultRefusedError as error:
        raise ValueError(f"its model was refused: {error.why}") from error


def _notes(fields: Fields) -> tuple[str, ...]:
    notes = fields.items("notes", _MAX_NOTES)
    if not all(isinstance(note, str) for note in notes):
        raise ValueError("notes is not a list of texts")
    return tuple(clean_text(cast("str", note), 500) for note in notes)
