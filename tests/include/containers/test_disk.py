"""The disk use of hostile folders: what is counted, and when it is measured."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from include.containers.disk import ENTRY_BYTES, DiskGauge, HiddenFilesError, disk_use, held_open
from include.containers.spec import MIB


def fill(path: Path, mib: int) -> None:
    path.write_bytes(bytes(mib * MIB))


def test_files_of_all_folders_count_what_they_take_on_disk(tmp_path: Path) -> None:
    folders = [tmp_path / "work", tmp_path / "out"]
    for folder in folders:
        (folder / "deep" / "er").mkdir(parents=True)
        fill(folder / "deep" / "er" / "file", 1)
    assert 2 * MIB + 4 * ENTRY_BYTES <= disk_use(folders) < 2.5 * MIB


def test_a_sparse_file_counts_what_it_takes_and_not_what_it_seems(tmp_path: Path) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(2**40)
    assert disk_use([tmp_path]) < MIB


def test_an_empty_file_counts_its_inode(tmp_path: Path) -> None:
    for number in range(10):
        (tmp_path / str(number)).touch()
    assert disk_use([tmp_path]) == 10 * ENTRY_BYTES


def test_a_file_with_two_names_counts_once(tmp_path: Path) -> None:
    fill(tmp_path / "one", 1)
    (tmp_path / "two").hardlink_to(tmp_path / "one")
    assert disk_use([tmp_path]) < 1.5 * MIB


def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "elsewhere").mkdir()
    fill(tmp_path / "elsewhere" / "file", 4)
    (tmp_path / "in" / "link").symlink_to(tmp_path / "elsewhere")
    assert disk_use([tmp_path / "in"]) == ENTRY_BYTES


def test_a_folder_that_is_gone_counts_nothing(tmp_path: Path) -> None:
    assert disk_use([tmp_path / "none"]) == 0


def test_a_folder_too_deep_to_be_listed_is_told(tmp_path: Path) -> None:
    deep = tmp_path
    while len(str(deep)) < 3900:
        deep /= "d" * 100
    deep.mkdir(parents=True)
    folder = os.open(deep, os.O_RDONLY)
    os.mkdir("e" * 250, dir_fd=folder)
    os.close(folder)
    with pytest.raises(HiddenFilesError, match="File name too long"):
        disk_use([tmp_path])


def test_a_file_without_a_name_counts_as_long_as_a_process_holds_it(tmp_path: Path) -> None:
    device, own = tmp_path.stat().st_dev, [os.getpid()]
    before = held_open(own, device)
    fill(tmp_path / "file", 3)
    with (tmp_path / "file").open("rb"):
        (tmp_path / "file").unlink()
        assert held_open(own, device) - before >= 3 * MIB
        assert held_open(own, device + 1) == 0
    assert held_open(own, device) == before


class Now:
    """A clock that is set by hand."""

    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_the_limit_is_passed_when_more_is_there(tmp_path: Path) -> None:
    now = Now()
    gauge = DiskGauge([tmp_path], 2 * MIB, clock=now)
    assert gauge.passed() is None
    fill(tmp_path / "file", 3)
    now.seconds += 10
    assert gauge.passed() == "Its files took more than the 2 MB of disk that a training may use."


def test_files_without_names_count_too(tmp_path: Path) -> None:
    gauge = DiskGauge([tmp_path], 2 * MIB, lambda: [os.getpid()], Now())
    fill(tmp_path / "file", 3)
    with (tmp_path / "file").open("rb"):
        (tmp_path / "file").unlink()
        assert "more than the 2 MB" in str(gauge.passed())


def test_nothing_is_counted_again_while_the_disk_is_as_full_as_before(tmp_path: Path) -> None:
    now, counted = Now(), list[float]()

    def pids() -> list[int]:
        counted.append(now.seconds)
        return []

    gauge = DiskGauge([tmp_path], 10**15, pids, now)
    for seconds in (100, 101, 102, 110):
        now.seconds = seconds
        assert gauge.passed() is None
    assert counted == [100, 110]
