"""Pushes that wait to be told of: in files, for one process at a time, not for ever."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from include.feedback import Pages, PendingPushes
from tests.include.experiments.conftest import Clock

PUSH = "admin/mnist@" + "a" * 40


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pushes(tmp_path: Path, clock: Clock) -> PendingPushes:
    return PendingPushes(tmp_path, clock)


def test_a_push_waits_until_it_is_done(pushes: PendingPushes, tmp_path: Path, clock: Clock) -> None:
    pending = pushes.add(PUSH, Pages("http://run", "http://experiment"))
    assert PendingPushes(tmp_path, clock).due() == [pending]
    pushes.done(pending)
    assert pushes.due() == []


def test_news_that_came_meanwhile_are_not_forgotten(pushes: PendingPushes, clock: Clock) -> None:
    first = pushes.add(PUSH, Pages())
    clock.now += 1
    second = pushes.add(PUSH, Pages())
    pushes.done(first)
    pushes.delay(first, None)
    assert pushes.due() == [second]


def test_pauses_grow_to_a_quarter_of_an_hour_and_end_after_five_days(
    pushes: PendingPushes, clock: Clock
) -> None:
    pushes.add(PUSH, Pages())
    pauses = []
    while due := pushes.due():
        pause = pushes.delay(due[0], None)
        if pause is None:
            break
        pauses.append(pause)
        assert pushes.due() == []
        clock.now += pause
    assert pauses[:6] == [30, 60, 120, 240, 480, 900]
    assert set(pauses[6:]) == {900}
    assert sum(pauses) >= 5 * 86_400 > sum(pauses[:-1])
    assert pushes.due() == []


def test_what_github_says_of_the_wait_is_kept(pushes: PendingPushes) -> None:
    assert pushes.delay(pushes.add(PUSH, Pages()), 1234.0) == 1234.0


def test_one_process_at_a_time_tells_of_a_push(pushes: PendingPushes, tmp_path: Path) -> None:
    script = f"""
from pathlib import Path
from include.feedback import PendingPushes
with PendingPushes(Path({str(tmp_path)!r})).telling({PUSH!r}) as mine:
    print(mine)
"""

    def other() -> str:
        return subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        ).stdout.strip()

    with pushes.telling(PUSH) as mine:
        assert mine
        assert other() == "False"
    assert other() == "True"


def test_a_damaged_file_does_not_stop_the_others(
    pushes: PendingPushes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pending = pushes.add(PUSH, Pages())
    (tmp_path / "pending" / "broken.json").write_text("{")
    assert pushes.due() == [pending]
    assert "can't be read" in caplog.text
