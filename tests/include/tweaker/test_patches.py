"""Patches, against git itself."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.tweaker.patches import unified_patch


def _git_apply(folder: Path, patch: str) -> None:
    command = ["git", "apply", "--whitespace=nowarn", "-"]
    subprocess.run(command, cwd=folder, input=patch.encode("utf-8", "surrogateescape"), check=True)


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("train.py", b"a = 1\nb = 2\n", b"a = 1\nb = 3\n"),
        ("train.py", b"a = 1\r\nb = 2\r\n", b"a = 1\r\nb = 3\r\n"),
        ("train.py", b"a = 1\nb = 2", b"a = 1\nb = 3"),
        ("train.py", b"a = 1\nb = 2", b"a = 1\nb = 2\nc = 3\n"),
        ("deep/er/train.py", b"a = 1\n", b"a = 2\n"),
        ("my train.py", b"a = 1\n", b"a = 2\n"),
        ('quo"te\\.py', b"a = 1\n", b"a = 2\n"),
        ("trän.py", b"\xef\xbb\xbf# caf\xc3\xa9\na = 1\n", b"\xef\xbb\xbf# caf\xc3\xa9\na = 2\n"),
        ("latin.py", b"# caf\xe9\na = 1\n", b"# caf\xe9\na = 2\n"),
        ("feed.py", b"a = 1\x0c\nb = 2\x0bc\rd\n", b"a = 1\x0c\nb = 3\x0bc\rd\n"),
        ("input.txt", None, b"1\n32\n"),
    ],
)
def test_git_applies_a_patch(tmp_path: Path, path: str, before: bytes | None, after: bytes) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    if before is not None:
        file.write_bytes(before)
    _git_apply(tmp_path, unified_patch(path, before, after))
    assert file.read_bytes() == after


def test_equal_files_have_no_patch() -> None:
    assert unified_patch("train.py", b"a", b"a") == ""


_LINES = st.lists(st.sampled_from([b"a = 1", b"\xff", b"b\r", b"", b"\x0c"]), max_size=8).map(b"\n".join)


@settings(max_examples=25, deadline=None)
@given(before=_LINES, after=_LINES)
def test_git_applies_any_patch(tmp_path_factory: pytest.TempPathFactory, before: bytes, after: bytes) -> None:
    patch = unified_patch("train.py", before, after)
    if not patch:
        return
    folder = tmp_path_factory.mktemp("any")
    (folder / "train.py").write_bytes(before)
    _git_apply(folder, patch)
    assert (folder / "train.py").read_bytes() == after
