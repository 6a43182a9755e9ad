"""What is read of a trial's folder, which a hostile container wrote: curves, logs, patch, downloads."""

import io
import json
import os
from pathlib import Path
from typing import IO
from unittest.mock import create_autospec

import docker.errors
import pytest

from include.containers.engine import Engine
from include.containers.state import ContainerState
from include.experiments.installation import Installation
from include.pages import files
from include.pages.curves import MOST_POINTS, curves, thinned
from include.pages.running import Containers, ended, log_tail
from tests.include.pages import support
from tests.include.pages.support import HOSTILE, publish


@pytest.fixture
def folder(installation: Installation) -> Path:
    """The folder of a finished trial."""
    experiment = support.ended(installation)
    return installation.settings.trial(str(experiment), 4)


def content(download: files.Download) -> bytes:
    return b"".join(download.pieces)


def nowhere(location: str, name: str) -> IO[bytes]:
    raise AssertionError(f"asked for {name} of {location}")


def test_curves_are_one_list_per_figure_that_was_measured(folder: Path) -> None:
    told = curves(folder)
    assert (told["epochs"], told["loss"], told["done"]) == ([1, 2, 3], [2.0, 1.0, 0.666667], 3)
    assert "val_loss" not in told


def test_very_many_epochs_are_thinned_and_keep_their_ends() -> None:
    kept = thinned(range(100_000), MOST_POINTS)
    assert (len(kept), kept[0], kept[-1]) == (MOST_POINTS, 0, 99_999)
    assert kept == sorted(set(kept))
    assert thinned([1, 2], 400) == [1, 2]


def test_metrics_that_are_a_link_are_refused_in_words(folder: Path) -> None:
    metrics = folder / "out" / "metrics.jsonl"
    metrics.unlink()
    metrics.symlink_to("/etc/passwd")
    told = curves(folder)
    assert (told["epochs"], told["refused"]) == ([], "it is not a regular file")


def test_a_trial_whose_files_are_gone_has_no_curves_no_log_and_no_patch(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    assert curves(gone)["epochs"] == []
    assert files.patch_lines(gone) == {"lines": [], "more": False}
    assert (ended(gone)["ending"], ended(gone)["log"]) == (None, [])


def test_the_log_is_its_end_without_what_a_terminal_would_obey(folder: Path) -> None:
    lines = [f"line {n}" for n in range(50_000)]
    (folder / "log.txt").write_text("\n".join([*lines, f"\x1b[31m{HOSTILE}\x1b[0m", "10%\r20%\r99%"]))
    tail = log_tail(folder)
    assert (len(tail), tail[-1], tail[-2]) == (200, "99%", HOSTILE)


@pytest.mark.parametrize("name", ["out/model.keras", "patch.diff", "log.txt"])
@pytest.mark.parametrize("trick", ["symlink", "hard link", "fifo"])
def test_nothing_but_a_plain_file_of_the_trials_own_is_handed_out(
    folder: Path, tmp_path: Path, name: str, trick: str
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the operator's secret")
    place = folder / name
    place.unlink()
    if trick == "fifo":
        os.mkfifo(place)
    else:
        (place.symlink_to if trick == "symlink" else place.hardlink_to)(secret)
    if name == "log.txt":
        assert log_tail(folder) == []
        return
    assert "secret" not in json.dumps(files.patch_lines(folder))
    with pytest.raises(files.NoSuchFile, match=r"refused"):
        files.model(folder, "m") if "model" in name else files.patch(folder, "p")


def test_a_model_named_out_of_its_folder_is_refused(folder: Path) -> None:
    result = {"status": "finished", "accuracy": 0.9, "model_file": "../patch.diff", "seconds": 1}
    (folder / "out" / "result.json").write_text(json.dumps(result))
    with pytest.raises(files.NoSuchFile, match="not a plain file name"):
        files.model(folder, "m")


def test_model_and_patch_are_handed_out_whole_under_a_name_of_ours(folder: Path) -> None:
    model = files.model(folder, "admin-mnist-0123456-trial-4")
    assert (model.name, model.size) == ("admin-mnist-0123456-trial-4.keras", 10)
    assert content(model) == b"model of 4"
    assert content(files.patch(folder, "p")).startswith(b"--- a/mycode.py")


def test_only_files_that_are_there_are_offered(folder: Path, tmp_path: Path) -> None:
    assert files.there(folder) == {"model": True, "patch": True}
    (folder / "patch.diff").unlink()
    (folder / "out" / "model.keras").unlink()
    assert files.there(folder) == files.there(tmp_path / "nowhere") == {"model": False, "patch": False}


def test_what_a_tweak_script_printed_stands_beside_the_log(folder: Path) -> None:
    assert ended(folder)["tweak"] == []
    (folder / "tweak-output.txt").write_text("\x1b[31mfilters 8\n<b>done\n")
    assert ended(folder)["tweak"] == ["filters 8", "<b>done"]


def test_a_file_that_grows_while_it_is_handed_out_ends_where_it_was(folder: Path) -> None:
    patch = files.patch(folder, "p")
    with (folder / "patch.diff").open("a") as file:
        file.write("more")
    assert len(content(patch)) == patch.size


def test_the_patch_is_told_line_by_line_with_markup_as_text(folder: Path) -> None:
    (folder / "patch.diff").write_text(f"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+{HOSTILE}\n same\n")
    told = files.patch_lines(folder)
    assert [kind for kind, _ in told["lines"]] == ["f", "f", "@", "-", "+", " "]
    assert told["lines"][4] == ("+", f"+{HOSTILE}")


def test_an_endless_patch_is_cut(folder: Path) -> None:
    (folder / "patch.diff").write_text("+x\n" * 100_000)
    told = files.patch_lines(folder)
    assert told["more"] is True
    assert len(json.dumps(told)) < 100_000


def test_the_published_model_is_the_one_that_the_manifest_names(
    installation: Installation, tmp_path: Path
) -> None:
    place = publish(installation, support.ended(installation), tmp_path)
    assert content(files.published(place.as_uri(), "model", nowhere)) == b"the published model"
    (place / "manifest.json").write_text(json.dumps({"model": "../../etc/passwd"}))
    with pytest.raises(files.NoSuchFile, match="no model"):
        files.published(str(place), "model", nowhere)


def test_a_published_folder_of_another_store_is_opened_there() -> None:
    def there(location: str, name: str) -> IO[bytes]:
        assert location == "s3://bucket/admin/mnist"
        return io.BytesIO(b'{"model": "model.keras"}' if name == "manifest.json" else b"bytes")

    assert content(files.published("s3://bucket/admin/mnist", "model", there)) == b"bytes"


def test_the_engine_is_asked_once_however_many_look(installation: Installation) -> None:
    engine = create_autospec(Engine, instance=True)
    engine.find.return_value = (ContainerState("e", 1, id="abc", name="n", status="running", started_at=5.0),)
    engine.logs.side_effect = lambda *_a, **_k: iter([b"Epoch 1\n", HOSTILE.encode()])
    now = [100.0]
    containers = Containers(lambda: engine, clock=lambda: now[0])
    first = containers.look("e", 1)
    assert containers.look("e", 1) is first
    assert (first["containers"][0]["status"], first["log"]) == ("running", ["Epoch 1", HOSTILE])
    now[0] += 10
    containers.look("e", 1)
    assert engine.find.call_count == 2


def test_an_engine_that_does_not_answer_is_said_so_and_asked_again() -> None:
    engine = create_autospec(Engine, instance=True)
    engine.find.side_effect = docker.errors.DockerException("connection refused")
    now = [0.0]
    connections = iter([engine, engine])
    containers = Containers(lambda: next(connections), clock=lambda: now[0])
    assert "does not answer: connection refused" in containers.look("e", 1)["trouble"]
    engine.find.side_effect = None
    engine.find.return_value = ()
    now[0] += 10
    assert containers.look("e", 1)["trouble"] is None
