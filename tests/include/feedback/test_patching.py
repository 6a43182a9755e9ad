"""A patch of ours, applied, makes exactly the bytes that it was made for."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.feedback.errors import PatchMismatch
from include.feedback.patching import read_patch
from include.tweaker.patches import unified_patch

LINES = [b"a", b"b", b"", b"\r", b"-- x", b"++ y", b"@@ -1 +1 @@", b"\xff\x0c", "ä\u2028".encode()]
LINE = st.sampled_from(LINES)
BYTES = st.lists(LINE, max_size=30).map(b"\n".join)
NAMES = st.sampled_from(["mycode.py", "sub/a b.py", 'quo"te.py', "tab\tbed.py", "ä.py", "back\\slash.py"])


@given(BYTES, BYTES, NAMES)
def test_applying_undoes_taking_the_difference(before: bytes, after: bytes, name: str) -> None:
    files = read_patch(unified_patch(name, before, after))
    assert [file.path for file in files] == ([name] if before != after else [])
    assert all(file.apply(before) == after for file in files)


@given(BYTES, NAMES)
def test_a_new_file_is_made(after: bytes, name: str) -> None:
    (file,) = read_patch(unified_patch(name, None, after))
    assert (file.is_new, file.apply(b"")) == (True, after)


@given(st.lists(st.tuples(BYTES, BYTES), min_size=2, max_size=4))
def test_a_patch_of_several_files_is_taken_apart(pairs: list[tuple[bytes, bytes]]) -> None:
    made = [(f"{n}.py", old, new) for n, (old, new) in enumerate(pairs) if old != new]
    files = read_patch("".join(unified_patch(*one) for one in made))
    assert [(file.path, file.apply(old)) for file, (_, old, _) in zip(files, made, strict=True)] == [
        (name, new) for name, _, new in made
    ]


def test_git_makes_the_same_of_it(tmp_path: Path) -> None:
    before = b"one\r\ntwo\r\n" * 20 + b"last"
    after = before.replace(b"two", b"2", 3).replace(b"last", b"end") + b"\nmore"
    patch = unified_patch("a.py", before, after)
    (tmp_path / "a.py").write_bytes(before)
    (tmp_path / "x.patch").write_bytes(patch.encode())
    subprocess.run(["git", "apply", "x.patch"], cwd=tmp_path, check=True)
    assert read_patch(patch)[0].apply(before) == (tmp_path / "a.py").read_bytes() == after


@pytest.mark.parametrize("other", [b"", b"x\n", b"one\nTWO\nthree\n", b"one\r\ntwo\r\nthree\r\n"])
def test_other_bytes_are_refused(other: bytes) -> None:
    (file,) = read_patch(unified_patch("a.py", b"one\ntwo\nthree\n", b"one\n2\nthree\n"))
    with pytest.raises(PatchMismatch, match=r"does not fit 'a\.py' as it was pushed"):
        file.apply(other)


@pytest.mark.parametrize(
    "text",
    ["no patch\n", "diff --git a/x b/x\n", "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1 @@\n-a\n"],
)
def test_what_is_no_patch_of_ours_is_refused(text: str) -> None:
    with pytest.raises(PatchMismatch, match="no pull request is made of it"):
        read_patch(text)
