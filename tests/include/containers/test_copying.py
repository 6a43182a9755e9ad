"""Copying folders that a hostile container may have written: real files, links, FIFOs and sparse files."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

import pytest

from include.containers.copying import CopyLimits, copy_folder, read_inside, remove_folder
from include.containers.errors import FolderTooLargeError


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """What a training left: files in folders, and a secret beside them that is nobody's business."""
    (tmp_path / "secret").write_text("host")
    folder = tmp_path / "work"
    (folder / "data" / "deep").mkdir(parents=True)
    (folder / "input.txt").write_text("1 32 2 2 0")
    (folder / "data" / "deep" / "x.bin").write_bytes(b"\0\1")
    return folder


def test_files_of_all_folders_are_copied_with_their_digests(written: Path, tmp_path: Path) -> None:
    copied = copy_folder(written, tmp_path / "copy")
    assert copied.left_out == []
    assert copied.digests == {
        "input.txt": hashlib.sha256(b"1 32 2 2 0").hexdigest(),
        "data/deep/x.bin": hashlib.sha256(b"\0\1").hexdigest(),
    }
    assert (tmp_path / "copy" / "data" / "deep" / "x.bin").read_bytes() == b"\0\1"


def test_links_fifos_and_sockets_are_left_out_and_named(written: Path, tmp_path: Path) -> None:
    (written / "to_file").symlink_to("../secret")
    (written / "to_folder").symlink_to("..")
    (written / "dangling").symlink_to("nowhere")
    os.link(written / "input.txt", written / "data" / "second_name")
    os.mkfifo(written / "fifo")
    copied = copy_folder(written, tmp_path / "copy")
    assert sorted(copied.left_out) == [
        "dangling",
        "data/second_name",
        "fifo",
        "input.txt",
        "to_file",
        "to_folder",
    ]
    assert [str(p.relative_to(tmp_path / "copy")) for p in (tmp_path / "copy").rglob("*") if p.is_file()] == [
        "data/deep/x.bin"
    ]


def test_a_copy_is_of_now_and_ours_to_write_whatever_the_original_said(written: Path, tmp_path: Path) -> None:
    os.utime(written / "input.txt", (4e9, 4e9))  # a file of the future would count as fresh in every training
    (written / "input.txt").chmod(0o4400)
    copy_folder(written, tmp_path / "copy")
    status = (tmp_path / "copy" / "input.txt").stat()
    assert status.st_mtime < 3e9
    assert stat.S_IMODE(status.st_mode) == 0o600


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        (CopyLimits(entries=3), "it has more than 3 files"),
        (CopyLimits(depth=1), "its folders are nested deeper than 1"),
        (CopyLimits(bytes=11), "it holds more than"),
    ],
)
def test_more_than_the_limits_allow_is_refused(
    written: Path, tmp_path: Path, limits: CopyLimits, why: str
) -> None:
    with pytest.raises(FolderTooLargeError, match=f"work is not copied: {why}"):
        copy_folder(written, tmp_path / "copy", limits)


def test_a_sparse_file_counts_with_all_that_its_copy_would_take(written: Path, tmp_path: Path) -> None:
    with (written / "huge").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(FolderTooLargeError, match="it holds more than 2 GiB"):
        copy_folder(written, tmp_path / "copy")
    assert sum(p.stat().st_blocks for p in (tmp_path / "copy").rglob("*")) < 1000


def test_a_file_is_read_only_where_no_link_leads_to_it(written: Path) -> None:
    (written / "to_file").symlink_to("../secret")
    (written / "to_folder").symlink_to("data/deep")
    os.mkfifo(written / "fifo")
    assert read_inside(written, "data/deep/x.bin", 10) == b"\0\1"
    for path in ("to_file", "to_folder/x.bin", "fifo", "data", "none", "data/../../secret"):
        assert read_inside(written, path, 10) is None
    assert read_inside(written, "input.txt", 5) is None


def test_a_folder_nested_deeper_than_python_goes_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    here = os.open(folder, os.O_RDONLY)
    for _ in range(2500):
        os.mkdir("d", dir_fd=here)
        deeper = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = deeper
    os.close(here)
    remove_folder(folder)
    assert not folder.exists()
    remove_folder(folder)
