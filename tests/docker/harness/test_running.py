"""The launch document, and the script's own view of itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from harness.launch import USUAL_ACCURACY_FILES, read_launch
from harness.recording import Recording
from harness.report import peak_memory_bytes, versions, write_result


def test_a_launch_has_defaults_and_keeps_its_own_files_first(tmp_path: Path) -> None:
    document = {"script": "a.py", "working_directory": "/mlops", "accuracy_files": ["acc.txt", "mine.txt"]}
    (tmp_path / "launch.json").write_text(json.dumps(document))
    launch = read_launch(tmp_path / "launch.json")
    assert (launch.arguments, launch.stdin, launch.seed) == ((), None, None)
    assert launch.accuracy_files[:3] == ("acc.txt", "mine.txt", "accuracy.txt")
    assert set(launch.accuracy_files) == {"mine.txt", *USUAL_ACCURACY_FILES}


def test_a_launch_without_its_script_is_refused(tmp_path: Path) -> None:
    (tmp_path / "launch.json").write_text("{}")
    with pytest.raises(KeyError, match="script"):
        read_launch(tmp_path / "launch.json")


def test_epochs_count_through_all_fits_and_are_on_disk_at_once(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "metrics.jsonl")
    for _ in range(2):
        recording.fit_begins(None)
        recording.epoch_ended({"loss": float("nan"), "accuracy": 0.5}, 0.1)
        lines = (tmp_path / "metrics.jsonl").read_text().splitlines()
        assert len(lines) == len(recording.history)
    last = json.loads(lines[-1])
    assert (last["epoch"], last["fit"], last["loss"], last["accuracy"]) == (2, 2, None, 0.5)


def test_saved_models_are_known_by_absolute_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    recording = Recording(tmp_path / "metrics.jsonl")
    recording.model_saved("model.h5", weights_only=True)
    recording.model_saved(object(), weights_only=False)
    assert [saved.path for saved in recording.saved] == [tmp_path / "model.h5"]


def test_the_result_is_written_whole_and_without_nan(tmp_path: Path) -> None:
    write_result(tmp_path / "result.json", {"status": "finished"})
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_result(tmp_path / "result.json", {"accuracy": float("nan")})
    assert json.loads((tmp_path / "result.json").read_text()) == {"status": "finished"}


def test_the_report_knows_the_process() -> None:
    assert versions()["python"].startswith("3.")
    assert peak_memory_bytes() > 1_000_000
