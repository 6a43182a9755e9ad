"""A folder as one commit, on the emulator."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from github import Github

from include.source import (
    FetchLimits,
    PushRejected,
    UnreadableFolder,
    commit_folder,
    create_repository,
    fetch_tree,
    git_blob_sha,
)
from tests.include.source.github_double import GitHubDouble, Reply

ANN = ("Ann", "ann@example.org")
Make = Callable[[dict[str, bytes]], Path]


def test_creating_a_repository_twice_is_creating_it_once(client: Github) -> None:
    assert create_repository(client, "twice") == create_repository(client, "twice") == "admin/twice"


def test_the_first_push_is_the_only_commit_of_its_history(
    client: Github, repository: str, folder: Make
) -> None:
    pushed = commit_folder(client, repository, "main", folder({"a.py": b"1"}), "first", ANN)
    commits = list(client.get_repo(repository).get_commits())
    assert [commit.sha for commit in commits] == [pushed.sha]
    assert (commits[0].commit.author.name, commits[0].commit.author.email) == ANN


def test_a_push_is_one_commit_whose_tree_is_the_folder(
    client: Github, repository: str, folder: Make, tmp_path: Path
) -> None:
    first = commit_folder(client, repository, "main", folder({"old.py": b"1", "keep.py": b"2"}), "1", ANN)
    files = {"keep.py": b"2", "new/binary.bin": b"\0\xff" * 9, "latin.txt": b"caf\xe9", "crlf.py": b"a\r\n"}
    second = commit_folder(client, repository, "main", folder(files), "2", ANN)
    fetch_tree(client, repository, second.sha, tmp_path / "tree", tmp_path / "blobs", FetchLimits())
    assert {
        p.relative_to(tmp_path / "tree").as_posix(): p.read_bytes()
        for p in (tmp_path / "tree").rglob("*")
        if p.is_file()
    } == files
    commit = client.get_repo(repository).get_git_commit(second.sha)
    assert [parent.sha for parent in commit.parents] == [first.sha]


def test_the_same_folder_again_is_a_push_again(client: Github, repository: str, folder: Make) -> None:
    source = folder({"a.py": b"1"})
    first = commit_folder(client, repository, "main", source, "1", ANN)
    assert commit_folder(client, repository, "main", source, "2", ANN).sha != first.sha


def test_a_missing_branch_grows_from_the_default_one(client: Github, repository: str, folder: Make) -> None:
    first = commit_folder(client, repository, "main", folder({"a.py": b"1"}), "1", ANN)
    second = commit_folder(client, repository, "feature/x", folder({"a.py": b"2"}), "2", ANN)
    commit = client.get_repo(repository).get_git_commit(second.sha)
    assert [parent.sha for parent in commit.parents] == [first.sha]
    assert client.get_repo(repository).get_branch("main").commit.sha == first.sha


def test_git_and_caches_stay_at_home(client: Github, repository: str, folder: Make) -> None:
    source = folder({"a.py": b"1", ".git/config": b"x", "__pycache__/a.pyc": b"x", "sub/.DS_Store": b"x"})
    pushed = commit_folder(client, repository, "main", source, "1", ANN)
    tree = client.get_repo(repository).get_git_tree(pushed.sha, recursive=True).tree
    assert [entry.path for entry in tree if entry.type == "blob"] == ["a.py"]


@pytest.mark.parametrize(
    ("prepare", "match"),
    [
        (lambda path: None, "is not a folder"),
        (lambda path: path.mkdir(), "has no file to push"),
        (lambda path: (path.mkdir(), (path / "x").symlink_to("/etc/passwd")), "is a symbolic link"),
        (lambda path: (path.mkdir(), (path / "x").symlink_to("/etc", True)), "is a symbolic link"),
    ],
)
def test_a_folder_that_can_not_be_a_commit_is_refused_before_any_request(
    double: GitHubDouble, tmp_path: Path, prepare: Callable[[Path], object], match: str
) -> None:
    prepare(tmp_path / "x")
    with pytest.raises(UnreadableFolder, match=match):
        commit_folder(double.client(), "o/r", "main", tmp_path / "x", "m", ANN)
    assert not double.requests


SHA, TREE, FIRST = "a" * 40, "b" * 40, "c" * 40
COMMIT = Reply(201, {"sha": SHA})


def scripted(double: GitHubDouble) -> None:
    double.on("git/trees", Reply(201, {"sha": TREE}))
    double.on("git/commits", COMMIT)
    double.on(f"git/commits/{SHA}", Reply(200, {"sha": SHA, "author": None}))


def sent(double: GitHubDouble) -> list[str]:
    return [
        f"{request.verb} {request.path.removeprefix('/repos/o/r/')}"
        for request in double.requests
        if request.verb != "GET"
    ]


def test_a_repository_that_takes_no_objects_yet_begins_with_a_file(
    double: GitHubDouble, folder: Make
) -> None:
    scripted(double)
    double.on("git/ref/heads/main", Reply(409, {"message": "Git Repository is empty."}))
    double.on("git/blobs", Reply(409, {"message": "Git Repository is empty."}))
    double.on("contents/.gitkeep", Reply(201, {}))
    double.on("git/refs", Reply(422, {"message": "Reference already exists"}))
    double.on("git/refs/heads/main", Reply(200, {}))
    commit_folder(double.client(), "o/r", "main", folder({"a": b"1"}), "m", ANN)
    assert sent(double) == [
        "POST git/blobs",
        "PUT contents/.gitkeep",
        "POST git/trees",
        "POST git/commits",
        "POST git/refs",
        "PATCH git/refs/heads/main",
    ]
    assert double.bodies("git/commits")[0]["parents"] == []
    assert double.bodies("git/refs/heads/main") == [{"sha": SHA, "force": True}]


def test_only_files_that_are_not_there_are_uploaded(double: GitHubDouble, folder: Make) -> None:
    scripted(double)
    old, new = b"\0old", b"\0new"
    double.on("git/ref/heads/main", Reply(200, {"object": {"sha": FIRST}}))
    known = {"path": "x", "mode": "100644", "type": "blob", "sha": git_blob_sha(old)}
    double.on(f"git/trees/{FIRST}", Reply(200, {"sha": TREE, "tree": [known]}))
    double.on("git/blobs", Reply(201, {"sha": git_blob_sha(new)}))
    double.on("git/refs/heads/main", Reply(200, {}))
    commit_folder(double.client(), "o/r", "main", folder({"old": old, "new": new, "t": b"text"}), "m", ANN)
    assert sent(double).count("POST git/blobs") == 1
    entries = double.bodies("git/trees")[0]["tree"]
    assert [(entry["path"], entry.get("sha"), entry.get("content")) for entry in entries] == [
        ("new", git_blob_sha(new), None),
        ("old", git_blob_sha(old), None),
        ("t", None, "text"),
    ]


def test_a_branch_that_moved_meanwhile_is_not_overwritten(double: GitHubDouble, folder: Make) -> None:
    scripted(double)
    double.on("git/ref/heads/main", Reply(200, {"object": {"sha": FIRST}}))
    double.on(f"git/trees/{FIRST}", Reply(200, {"sha": TREE, "tree": []}))
    double.on("git/refs/heads/main", Reply(422, {"message": "Update is not a fast forward"}))
    with pytest.raises(PushRejected, match=r"not a fast forward.*Push again"):
        commit_folder(double.client(), "o/r", "main", folder({"a": b"1"}), "m", ANN)
    assert double.bodies("git/refs/heads/main") == [{"sha": SHA, "force": False}]
