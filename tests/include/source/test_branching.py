"""A commit on a pushed one, and the branch that it is the head of, on the emulator."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from github import Github

from include.source import (
    FetchLimits,
    FileChange,
    PushRejected,
    branch_head,
    commit_folder,
    commit_on,
    fetch_tree,
    point_branch,
)
from tests.include.source.github_double import GitHubDouble, Reply

ANN = ("Ann", "ann@example.org")
Make = Callable[[dict[str, bytes]], Path]


def test_a_commit_changes_only_what_it_says(
    client: Github, repository: str, folder: Make, tmp_path: Path
) -> None:
    files = {"keep.py": b"1", "sub/change.py": b"2\r\n", "latin.txt": b"caf\xe9"}
    pushed = commit_folder(client, repository, "main", folder(files), "push", ANN)
    changes = [FileChange("sub/change.py", b"3\r\n", executable=True), FileChange("latin.txt", b"th\xe9")]
    sha = commit_on(client, repository, pushed.sha, changes, "Tune")
    fetch_tree(client, repository, sha, tmp_path / "tree", tmp_path / "blobs", FetchLimits())
    tree = tmp_path / "tree"
    assert {p.relative_to(tree).as_posix(): p.read_bytes() for p in tree.rglob("*") if p.is_file()} == {
        "keep.py": b"1",
        "sub/change.py": b"3\r\n",
        "latin.txt": b"th\xe9",
    }
    assert (tree / "sub/change.py").stat().st_mode & 0o100
    commit = client.get_repo(repository).get_git_commit(sha)
    assert ([parent.sha for parent in commit.parents], commit.message) == ([pushed.sha], "Tune")
    assert branch_head(client, repository, "main") == pushed.sha


def test_a_branch_is_made_and_then_replaced(client: Github, repository: str, folder: Make) -> None:
    pushed = commit_folder(client, repository, "main", folder({"a.py": b"1"}), "push", ANN)
    assert branch_head(client, repository, "tuned/x") is None
    one, two = (
        commit_on(client, repository, pushed.sha, [FileChange("a.py", data)], "Tune") for data in (b"2", b"3")
    )
    point_branch(client, repository, "tuned/x", one, None)
    assert branch_head(client, repository, "tuned/x") == one
    point_branch(client, repository, "tuned/x", two, one)
    assert branch_head(client, repository, "tuned/x") == two


@pytest.mark.parametrize(("old", "path"), [(None, "git/refs"), ("b" * 40, "git/refs/heads/tuned/x")])
def test_a_branch_that_can_not_be_moved_is_told(double: GitHubDouble, old: str | None, path: str) -> None:
    double.on(path, Reply(422, {"message": "Reference already exists"}))
    with pytest.raises(PushRejected, match="Somebody else made the branch, or a rule protects it"):
        point_branch(double.client(), "o/r", "tuned/x", "a" * 40, old)
