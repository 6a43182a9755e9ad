"""From a traceback to the line of the pushed code."""

from pathlib import Path

import pytest

from include.report.failing_source import Raised, failing_source, raised
from tests.include.report.samples import TRACEBACK


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A pushed tree of two modules, beside a file that was not pushed."""
    folder = tmp_path / "tree"
    (folder / "net").mkdir(parents=True)
    (folder / "mycode.py").write_text("".join(f"line {n}\n" for n in range(1, 21)))
    (folder / "net" / "build.py").write_bytes(b"\tfirst\r\nse\xffcond\r\n")
    (tmp_path / "secret.txt").write_text("secret\n")
    (folder / "link.py").symlink_to(tmp_path / "secret.txt")
    return folder


def frames(*places: tuple[str, int]) -> str:
    """A traceback through these places."""
    lines = "".join(f'  File "{file}", line {line}, in f\n    code\n' for file, line in places)
    return f"Traceback (most recent call last):\n{lines}ValueError: no\n"


@pytest.mark.parametrize(
    ("places", "found"),
    [
        ([("/mlops/mycode.py", 5)], ("mycode.py", 5)),
        ([("/mlops/mycode.py", 5), ("/mlops/net/build.py", 2)], ("net/build.py", 2)),
        ([("/mlops/mycode.py", 5), ("/usr/lib/python3/keras/x.py", 9)], ("mycode.py", 5)),
        ([("mycode.py", 5)], ("mycode.py", 5)),
        ([("/mlops/mycode.py", 5), ("<string>", 1)], ("mycode.py", 5)),
        ([("/mlops/mycode.py", 5), ("/mlops/.venv/site-packages/x.py", 1)], ("mycode.py", 5)),
        ([("/usr/lib/x.py", 1)], None),
        ([("/mlops/../etc/passwd", 1)], None),
        ([("/mlops", 1)], None),
    ],
)
def test_the_last_frame_in_the_pushed_code_is_meant(
    tree: Path, places: list[tuple[str, int]], found: tuple[str, int] | None
) -> None:
    place = failing_source(frames(*places), tree)
    assert (None if place is None else (place.file, place.line)) == found


def test_neighbours_are_shown_and_the_line_itself_is_marked(tree: Path) -> None:
    place = failing_source(frames(("/mlops/mycode.py", 5)), tree)
    assert place is not None
    assert [(row.number, row.text) for row in place.lines] == [(n, f"line {n}") for n in range(2, 9)]
    assert [row.number for row in place.lines if row.failing] == [5]


@pytest.mark.parametrize(("line", "shown"), [(1, [1, 2, 3, 4]), (20, [17, 18, 19, 20]), (21, []), (0, [])])
def test_the_ends_of_a_file_are_no_obstacle(tree: Path, line: int, shown: list[int]) -> None:
    place = failing_source(frames(("/mlops/mycode.py", line)), tree)
    assert place is not None
    assert [row.number for row in place.lines] == shown


def test_another_mount_point_is_followed(tree: Path) -> None:
    place = failing_source(frames(("/root/project/mycode.py", 5)), tree, mount="/root/project")
    assert place is not None
    assert place.file == "mycode.py"


@pytest.mark.parametrize("file", ["link.py", "net", "missing.py", "a\x00b.py", "x" * 900])
def test_nothing_but_a_plain_file_of_the_tree_is_read(tree: Path, file: str) -> None:
    place = failing_source(frames((f"/mlops/{file}", 1)), tree)
    assert place is not None
    assert place.lines == ()


def test_lines_that_are_no_utf8_are_shown_all_the_same(tree: Path) -> None:
    place = failing_source(frames(("/mlops/net/build.py", 2)), tree)
    assert place is not None
    assert [row.text for row in place.lines] == ["    first", "se\ufffdcond"]


@pytest.mark.parametrize(
    ("traceback", "error"),
    [
        (TRACEBACK, Raised("ValueError", "cannot reshape array of size 5 into shape (60000,28)")),
        (frames(("/mlops/a.py", 1)).replace("ValueError: no", "KeyError"), Raised("KeyError", "")),
        (
            frames(("/mlops/a.py", 1)).replace("ValueError: no", "keras.errors.Bad: one\ntwo"),
            Raised("Bad", "one"),
        ),
        (
            '  File "/mlops/a.py", line 1\n    x = (\n        ^\nSyntaxError: never closed\n',
            Raised("SyntaxError", "never closed"),
        ),
        ("Killed\n", None),
        ("", None),
    ],
)
def test_the_exception_is_the_first_thing_after_the_last_frame(traceback: str, error: Raised | None) -> None:
    assert raised(traceback) == error
