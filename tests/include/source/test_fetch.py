"""A commit's tree on disk: whole, verified, cheap, and never hostile."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from github import Github

from include.source import (
    CommitNotFound,
    CorruptedAnswer,
    FetchLimits,
    FetchReport,
    HostilePath,
    Push,
    RefusedTree,
    TreeTooLarge,
    UnsupportedEntry,
    commit_folder,
    fetch_tree,
    git_blob_sha,
)
from tests.include.source.github_double import GitHubDouble, Reply

SHA = "a" * 40
USUAL = FetchLimits()
FILES = {
    "mycode.py": b"print('caf\xc3\xa9')\r\n",
    "data/images.npz": bytes(range(256)) * 40,
    "data/empty.txt": b"",
    "deep/er/still/x.csv": b"1,2\n",
}
Make = Callable[[dict[str, bytes]], Path]


class Disk:
    """Where the fetches of one test go."""

    def __init__(self, root: Path) -> None:
        self.trees, self.blobs = root / "trees", root / "blobs"

    def fetch(self, client: Github, push: Push, limits: FetchLimits = USUAL) -> FetchReport:
        return fetch_tree(client, push.repository, push.sha, self.trees / push.sha, self.blobs, limits)

    def files(self, sha: str) -> dict[str, bytes]:
        root = self.trees / sha
        return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}

    def is_clean(self) -> bool:
        return not self.trees.exists() or not list(self.trees.iterdir())


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path / "workspace")


def push(client: Github, repository: str, folder: Path) -> Push:
    return commit_folder(client, repository, "main", folder, "m", ("Ann", "ann@example.org"))


def test_a_tree_arrives_byte_for_byte(client: Github, repository: str, folder: Make, disk: Disk) -> None:
    pushed = push(client, repository, folder(FILES))
    report = disk.fetch(client, pushed)
    assert disk.files(pushed.sha) == FILES
    assert report == FetchReport(4, sum(map(len, FILES.values())), 1 + len(FILES), 0)


def test_a_second_push_costs_its_changed_files(
    client: Github, repository: str, folder: Make, disk: Disk
) -> None:
    disk.fetch(client, push(client, repository, folder(FILES)))
    second = push(client, repository, folder({**FILES, "mycode.py": b"changed", "new/copy.csv": b"1,2\n"}))
    report = disk.fetch(client, second)
    assert report == FetchReport(5, report.bytes, requests=1 + 1, cached=4)


def test_fetching_again_asks_nothing(client: Github, repository: str, folder: Make, disk: Disk) -> None:
    pushed = push(client, repository, folder(FILES))
    first = disk.fetch(client, pushed)
    assert disk.fetch(client, pushed) == FetchReport(first.files, first.bytes, 0, first.files)


def test_a_spoilt_cache_entry_is_fetched_again(
    client: Github, repository: str, folder: Make, disk: Disk
) -> None:
    disk.fetch(client, push(client, repository, folder(FILES)))
    sha = git_blob_sha(FILES["mycode.py"])
    (disk.blobs / sha[:2] / sha[2:]).write_bytes(b"spoilt")
    second = push(client, repository, folder({**FILES, "b": b"b"}))
    assert disk.fetch(client, second).requests == 1 + 2
    assert disk.files(second.sha)["mycode.py"] == FILES["mycode.py"]


def test_several_processes_may_fetch_one_push_at_once(
    emulator_clients: Callable[[], Github], repository: str, folder: Make, disk: Disk
) -> None:
    pushed = push(emulator_clients(), repository, folder({f"{n}.txt": b"%d" % n for n in range(30)}))
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda _: disk.fetch(emulator_clients(), pushed), range(4)))
    assert {(report.files, report.bytes) for report in reports} == {(30, 50)}
    assert len(disk.files(pushed.sha)) == 30
    assert [path.name for path in disk.trees.iterdir()] == [pushed.sha]


def test_modes_are_kept_and_folders_stay_open_to_others(
    client: Github, repository: str, folder: Make, disk: Disk
) -> None:
    source = folder({"run.sh": b"#!/bin/sh\n", "data/x": b"x"})
    (source / "run.sh").chmod(0o755)
    pushed = push(client, repository, source)
    before = os.umask(0o077)
    try:
        disk.fetch(client, pushed)
    finally:
        os.umask(before)
    root = disk.trees / pushed.sha
    modes = {name: (root / name).stat().st_mode & 0o777 for name in (".", "run.sh", "data", "data/x")}
    assert modes == {".": 0o755, "run.sh": 0o755, "data": 0o755, "data/x": 0o644}


@pytest.mark.parametrize(
    ("limits", "match"),
    [
        (FetchLimits(max_files=3), "more than the 3 files allowed.*max_files"),
        (FetchLimits(max_bytes=500), "more than the 500 allowed.*max_mb"),
        (FetchLimits(max_file_bytes=10_000), "'data/images.npz' has 10,240 bytes"),
    ],
)
def test_a_push_that_is_too_large_leaves_nothing(
    client: Github, repository: str, folder: Make, disk: Disk, limits: FetchLimits, match: str
) -> None:
    with pytest.raises(TreeTooLarge, match=match):
        disk.fetch(client, push(client, repository, folder(FILES)), limits)
    assert disk.is_clean()


def test_a_commit_that_is_gone_is_named(client: Github, repository: str, disk: Disk, folder: Make) -> None:
    push(client, repository, folder(FILES))
    with pytest.raises(CommitNotFound, match=SHA):
        fetch_tree(client, repository, SHA, disk.trees / SHA, disk.blobs, FetchLimits())
    assert disk.is_clean()


def entry(path: str, data: bytes = b"x", mode: str = "100644", kind: str = "blob") -> dict[str, object]:
    return {"path": path, "mode": mode, "type": kind, "sha": git_blob_sha(data), "size": len(data)}


def serve(double: GitHubDouble, *entries: dict[str, object], blobs: tuple[bytes, ...] = (b"x",)) -> None:
    double.on(f"git/trees/{SHA}", Reply(200, {"sha": "b" * 40, "tree": list(entries), "truncated": False}))
    for data in blobs:
        double.on(f"git/blobs/{git_blob_sha(data)}", Reply(200, {"content": base64.b64encode(data).decode()}))


def fetch(double: GitHubDouble, disk: Disk, limits: FetchLimits = USUAL) -> FetchReport:
    return fetch_tree(double.client(), "o/r", SHA, disk.trees / SHA, disk.blobs, limits)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("", "no name"),
        ("/etc/passwd", "absolute"),
        ("../../etc/cron.d/x", "leads out"),
        ("a/../b", "leads out"),
        ("a//b", "empty part"),
        ("a/./b", "empty part"),
        (".git/hooks/post-checkout", "git's own folder"),
        ("a/.GIT/config", "git's own folder"),
        ("git~1/config", "git's own folder"),
        (".git. /config", "git's own folder"),
        (".git::$INDEX_ALLOCATION/x", "git's own folder"),
        ("a\\..\\b", "backslash"),
        ("a\0b", "control character"),
        ("a\nb", "control character"),
        ("a\x1b[2Jb", "control character"),
        ("gpj\u202e.py", "deceptive"),
        ("a\ud800", "not UTF-8"),
        ("a\ufffdb", "not UTF-8"),
        ("x" * 256, "too long a name"),
        ("/".join(["x" * 60] * 20), "longer than 1024 bytes"),
        ("d/" * 32 + "x", "more than 32 folders deep"),
    ],
)
def test_a_hostile_path_is_refused_by_name(double: GitHubDouble, disk: Disk, path: str, why: str) -> None:
    serve(double, entry("mycode.py"), entry(path))
    with pytest.raises(HostilePath, match=why) as caught:
        fetch(double, disk)
    assert [refusal.path for refusal in caught.value.refusals] == [path]
    assert disk.is_clean()
    assert len(double.requests) == 1


@pytest.mark.parametrize(
    "path", [".github/x.yml", ".gitignore", "git/x.py", "a..b", "...", "日本/é.py", "a b", "-rf"]
)
def test_an_unusual_path_is_no_hostile_one(double: GitHubDouble, disk: Disk, path: str) -> None:
    serve(double, entry(path))
    fetch(double, disk)
    assert list(disk.files(SHA)) == [path]


@pytest.mark.parametrize(
    ("paths", "match"),
    [
        (("Model.py", "model.py"), "only in case"),
        (("a/X.py", "A/y.py"), "folder that differs"),
        (("e\u0301.py", "\u00e9.py"), "only in case or accents"),
        (("a", "a/b"), "is a file, and a folder"),
    ],
)
def test_paths_that_collide_are_refused(
    double: GitHubDouble, disk: Disk, paths: tuple[str, str], match: str
) -> None:
    serve(double, *map(entry, paths))
    with pytest.raises(HostilePath, match=match):
        fetch(double, disk)


def test_links_and_submodules_are_refused_by_name(double: GitHubDouble, disk: Disk) -> None:
    serve(double, entry("ok.py"), entry("link", mode="120000"), entry("sub", mode="160000", kind="commit"))
    with pytest.raises(UnsupportedEntry, match=r"'link' is a symbolic link.*'sub' is a submodule") as caught:
        fetch(double, disk)
    assert [refusal.path for refusal in caught.value.refusals] == ["link", "sub"]
    assert disk.is_clean()


def test_lfs_pointers_are_refused_by_name(double: GitHubDouble, disk: Disk) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n"
    serve(double, entry("ok.py"), entry("w.h5", pointer), blobs=(b"x", pointer))
    with pytest.raises(UnsupportedEntry, match=r"'w\.h5' is a Git LFS pointer"):
        fetch(double, disk)
    assert disk.is_clean()


def test_many_refusals_are_counted(double: GitHubDouble, disk: Disk) -> None:
    serve(double, *(entry(f"{n:02}/../x") for n in range(25)))
    with pytest.raises(RefusedTree, match="and 5 more") as caught:
        fetch(double, disk)
    assert len(caught.value.refusals) == 25


@pytest.mark.parametrize("content", [base64.b64encode(b"other").decode(), "%%%="])
def test_a_file_with_other_bytes_than_its_sha_promises_is_refused(
    double: GitHubDouble, disk: Disk, content: str
) -> None:
    serve(double, entry("a.py"))
    double.on(f"git/blobs/{git_blob_sha(b'x')}", Reply(200, {"content": content}))
    with pytest.raises(CorruptedAnswer, match="Try again"):
        fetch(double, disk)
    assert disk.is_clean()
    assert not list(disk.blobs.rglob("*"))


def test_sizes_that_the_tree_hides_are_counted_as_they_come(double: GitHubDouble, disk: Disk) -> None:
    big = b"y" * 3000
    hidden = {**entry("big.bin", big), "size": None}
    serve(double, hidden, blobs=(big,))
    with pytest.raises(TreeTooLarge, match=r"'big\.bin'"):
        fetch(double, disk, FetchLimits(max_file_bytes=2000))
    copies = [{**hidden, "path": f"{n}.bin"} for n in range(4)]
    serve(double, *copies, blobs=(big,))
    with pytest.raises(TreeTooLarge, match="10,000 bytes allowed"):
        fetch(double, disk, FetchLimits(max_bytes=10_000))
    assert disk.is_clean()


def truncate(double: GitHubDouble, folders: dict[str, list[dict[str, object]]]) -> None:
    double.on(f"git/trees/{SHA}", Reply(200, {"sha": "b" * 40, "tree": [], "truncated": True}))
    for sha, entries in folders.items():
        double.on(f"git/trees/{sha}", Reply(200, {"sha": sha, "tree": entries, "truncated": False}))


def test_a_truncated_tree_is_walked_folder_by_folder(double: GitHubDouble, disk: Disk) -> None:
    serve(double)
    subfolder: dict[str, object] = {"path": "sub", "mode": "040000", "type": "tree", "sha": "c" * 40}
    truncate(double, {"b" * 40: [entry("a.py"), subfolder], "c" * 40: [entry("b.py")]})
    assert fetch(double, disk).requests == 3 + 1
    assert sorted(disk.files(SHA)) == ["a.py", "sub/b.py"]


def test_an_endless_truncated_tree_ends_at_the_limit(double: GitHubDouble, disk: Disk) -> None:
    itself: dict[str, object] = {"path": "again", "mode": "040000", "type": "tree", "sha": "b" * 40}
    truncate(double, {"b" * 40: [itself]})
    with pytest.raises(TreeTooLarge, match="more than the 10 files"):
        fetch(double, disk, FetchLimits(max_files=10))
