"""What a container wrote is read if it is what it must be, and refused by name otherwise."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from include.containers import (
    Epoch,
    ResultRefusedError,
    copy_model,
    heartbeat_age,
    read_metrics,
    read_result,
)
from include.containers.result import MAX_DOCUMENT_BYTES

GOOD = {
    "status": "finished",
    "accuracy": 0.9,
    "accuracy_source": "accuracy.txt",
    "accuracy_text": "90%",
    "history": [{"epoch": 1, "accuracy": 0.8, "val_accuracy": None, "loss": 1, "seconds": 2.5}],
    "model_file": None,
    "seconds": 12,
    "versions": {"keras": "3.15.1"},
    "error": None,
    "traceback": None,
    "peak_memory_bytes": 1000,
    "notes": ["a note"],
    "unknown": {"field": "of a later harness"},
}


def write(out: Path, **changes: object) -> Path:
    (out / "result.json").write_text(json.dumps({**GOOD, **changes}))
    return out


def test_a_good_document_is_read_whole(tmp_path: Path) -> None:
    result = read_result(write(tmp_path))
    assert result is not None
    assert (result.status, result.accuracy, result.accuracy_source) == ("finished", 0.9, "accuracy.txt")
    assert result.history == (Epoch(1, accuracy=0.8, loss=1.0, seconds=2.5),)
    assert result.versions == {"keras": "3.15.1"}
    assert (result.seconds, result.peak_memory_bytes, result.notes) == (12.0, 1000, ("a note",))


def test_no_document_is_no_result(tmp_path: Path) -> None:
    assert read_result(tmp_path) is None
    assert read_result(tmp_path / "missing") is None
    assert read_metrics(tmp_path) == ()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"status": "great"}, "its status is 'great'"),
        ({"status": None}, "its status is None"),
        ({"status": ["finished"]}, "status is not a text"),
        ({"accuracy": float("nan")}, "NaN is not a JSON value"),
        ({"accuracy": float("inf")}, "Infinity is not a JSON value"),
        ({"accuracy": "0.9"}, "accuracy is not a finite number"),
        ({"accuracy": True}, "accuracy is not a finite number"),
        ({"accuracy": 1.5}, "accuracy is not between 0 and 1"),
        ({"accuracy": -0.1}, "accuracy is not between 0 and 1"),
        ({"history": {}}, "history is not a list"),
        ({"history": [1]}, "it is not a JSON object"),
        ({"history": [{}]}, "an epoch has no number"),
        ({"history": [{"epoch": 1.5}]}, "epoch is not a natural number"),
        ({"history": [{"epoch": -1}]}, "epoch is not a natural number"),
        ({"history": [{"epoch": 1, "loss": "low"}]}, "loss is not a finite number"),
        ({"versions": ["3"]}, "versions is not an object"),
        ({"versions": {"keras": 3}}, "versions is not an object of texts"),
        ({"notes": [1]}, "notes is not a list of texts"),
        ({"error": 1}, "error is not a text"),
        ({"peak_memory_bytes": 10**400}, "too large"),
        ({"model_file": "../../etc/passwd"}, "is not a plain file name"),
        ({"model_file": "/etc/passwd"}, "is not a plain file name"),
        ({"model_file": ".."}, "is not a plain file name"),
        ({"model_file": ""}, "is not a plain file name"),
        ({"model_file": "model.keras"}, "its model model.keras does not exist"),
    ],
)
def test_a_document_with_a_wrong_field_is_refused(
    tmp_path: Path, changes: dict[str, object], why: str
) -> None:
    with pytest.raises(ResultRefusedError, match=why):
        read_result(write(tmp_path, **changes))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "Expecting value"),
        (b"{", "Expecting property name"),
        (b"[]", "it is not a JSON object"),
        (b"\xff\xfe", "utf-8"),
        (b"[" * 100_000, "nested too deep"),
        (b" " * (MAX_DOCUMENT_BYTES + 1), "larger than"),
    ],
)
def test_a_file_that_is_no_document_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "result.json").write_bytes(content)
    with pytest.raises(ResultRefusedError, match=why):
        read_result(tmp_path)


def symlink(path: Path, secret: Path) -> None:
    path.symlink_to(secret)


def dangling(path: Path, secret: Path) -> None:
    path.symlink_to("nowhere")


def hard_link(path: Path, secret: Path) -> None:
    path.hardlink_to(secret)


def fifo(path: Path, secret: Path) -> None:
    os.mkfifo(path)


def folder(path: Path, secret: Path) -> None:
    path.mkdir()


NOT_PLAIN_FILES = [symlink, dangling, hard_link, fifo, folder]


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret.json"
    path.write_text(json.dumps(GOOD))
    return path


@pytest.fixture
def out(tmp_path: Path) -> Path:
    path = tmp_path / "out"
    path.mkdir()
    return path


@pytest.mark.parametrize("make", NOT_PLAIN_FILES)
@pytest.mark.timeout(10)
def test_what_is_not_a_plain_file_is_never_read(
    out: Path, secret: Path, make: Callable[[Path, Path], None]
) -> None:
    make(out / "result.json", secret)
    with pytest.raises(ResultRefusedError, match=r"not a regular file|hard links"):
        read_result(out)
    make(out / "metrics.jsonl", secret)
    with pytest.raises(ResultRefusedError, match=r"not a regular file|hard links"):
        read_metrics(out)


@pytest.mark.parametrize("make", NOT_PLAIN_FILES)
@pytest.mark.timeout(10)
def test_a_model_that_is_not_a_plain_file_is_refused(
    out: Path, secret: Path, make: Callable[[Path, Path], None]
) -> None:
    make(out / "model.keras", secret)
    with pytest.raises(ResultRefusedError, match="its model was refused"):
        read_result(write(out, model_file="model.keras"))


def test_a_model_is_copied_out(out: Path, tmp_path: Path) -> None:
    (out / "model.h5").write_bytes(b"weights")
    result = read_result(write(out, model_file="model.h5"))
    assert result is not None
    assert copy_model(out, result, tmp_path / "copy.h5").read_bytes() == b"weights"


def test_a_model_swapped_for_a_link_after_the_reading_is_not_followed(
    out: Path, secret: Path, tmp_path: Path
) -> None:
    (out / "model.h5").write_bytes(b"weights")
    result = read_result(write(out, model_file="model.h5"))
    assert result is not None
    (out / "model.h5").unlink()
    (out / "model.h5").symlink_to(secret)
    with pytest.raises(ResultRefusedError, match="not a regular file"):
        copy_model(out, result, tmp_path / "copy.h5")


def test_a_model_over_its_size_is_refused(out: Path, tmp_path: Path) -> None:
    (out / "model.h5").write_bytes(b"weights")
    result = read_result(write(out, model_file="model.h5"))
    assert result is not None
    with pytest.raises(ResultRefusedError, match="larger than 3 bytes"):
        copy_model(out, result, tmp_path / "copy.h5", max_bytes=3)


def test_no_model_says_so(out: Path, tmp_path: Path) -> None:
    result = read_result(write(out))
    assert result is not None
    with pytest.raises(FileNotFoundError, match="left no model"):
        copy_model(out, result, tmp_path / "copy.h5")


def test_texts_lose_their_control_characters_and_their_excess(tmp_path: Path) -> None:
    result = read_result(write(tmp_path, error="a\x1b[31mb\x00c\u202ed\r\ne", traceback="x" * 30_000))
    assert result is not None
    assert result.error == "a[31mbcd\ne"
    assert len(result.traceback or "") == 20_000


def test_metrics_are_read_while_they_are_written(tmp_path: Path) -> None:
    lines = [
        '{"epoch": 1, "loss": 2.0}',
        "junk",
        '{"epoch": 2, "loss": NaN}',
        '{"epoch": 3}',
        '{"epoch": 4, "l',
    ]
    (tmp_path / "metrics.jsonl").write_text("\n".join(lines))
    assert [epoch.epoch for epoch in read_metrics(tmp_path)] == [1, 3]


def test_the_heartbeats_age_is_never_negative(tmp_path: Path) -> None:
    assert heartbeat_age(tmp_path, 1000.0) is None
    beat = tmp_path / "heartbeat"
    beat.touch()
    os.utime(beat, (990.0, 990.0))
    assert heartbeat_age(tmp_path, 1000.0) == 10.0
    assert heartbeat_age(tmp_path, 900.0) == 0.0


def test_a_heartbeat_that_is_a_link_is_none(tmp_path: Path, secret: Path) -> None:
    (tmp_path / "heartbeat").symlink_to(secret)
    assert heartbeat_age(tmp_path, 1000.0) is None
