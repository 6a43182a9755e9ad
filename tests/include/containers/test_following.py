"""A container's output becomes readable, bounded lines."""

from __future__ import annotations

import pytest

from include.containers.following import Bounded, readable_lines


@pytest.mark.parametrize(
    ("pieces", "lines"),
    [
        ([b"one\ntw", b"o\n"], ["one", "two"]),
        ([b"no newline at the end"], ["no newline at the end"]),
        ([b"\n\n  \n"], []),
        ([b"1/9\r2/9\r9/9 done\n"], ["9/9 done"]),
        ([b"1/9\x08\x08\x082/9\x08\x08\x089/9\n"], ["9/9"]),
        ([b"\x1b[1m5/5\x1b[0m \x1b[32mok\x1b[0m\n"], ["5/5 ok"]),
        ([b"Windows\r\n"], ["Windows"]),
        ([b"Traceback:\n  File x\n    raise y  \n"], ["Traceback:", "  File x", "    raise y"]),
        ([b"\xff\xfe\n"], ["\ufffd\ufffd"]),
    ],
)
def test_lines_are_as_a_person_would_see_them(pieces: list[bytes], lines: list[str]) -> None:
    assert list(readable_lines(pieces)) == lines


def test_a_line_without_end_is_held_in_bounded_memory() -> None:
    (line,) = readable_lines(b"x" * 1000 for _ in range(1000))
    assert len(line) == 500


def test_a_flood_is_cut_and_what_was_cut_is_said() -> None:
    told: list[str] = []
    now = [0.0]
    bounded = Bounded(told.append, burst=2, seconds=1.0, total=100, clock=lambda: now[0])
    for number in range(10):
        bounded(str(number))
    now[0] = 1.0
    bounded("later")
    assert told == ["0", "1", "… 8 lines left out here; all are in log.txt", "later"]


def test_no_more_than_the_total_passes() -> None:
    told: list[str] = []
    bounded = Bounded(told.append, burst=100, total=3)
    for number in range(10):
        bounded(str(number))
    bounded.tell_skipped()
    assert told == ["0", "1", "2", "… 7 lines left out here; all are in log.txt"]
