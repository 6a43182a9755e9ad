"""Work on hostile input ends in time and memory, whatever it does, and the process that asked lives."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from include.detector import Kind, Verdict, inspect, limits, supervision
from include.detector.isolation import Ending, Outcome, Report, run

CNN = "import keras\nm = keras.Sequential([keras.layers.Conv2D(8, 3)])\nm.fit(x, y)\n"
MEGABYTE = limits.MEGABYTE
GENEROUS = 20

DOUBLING = "".join(f"a{n + 1} = a{n} + a{n}\n" for n in range(40))
BOMBS = {
    "texts that double": f"a0 = 'x'\n{DOUBLING}open(a40, 'w').write(a40)\n",
    "huge products": "x = 'a' * 10**9\ny = [0] * 10**10\nz = 10**10**10\nopen('a' * 10**9, 'w')\n",
    "huge ranges": "for i in range(10**12):\n    print(i)\n[0 for i in range(10**12)]\n",
    "an alias chain": "a0 = x\n" + "".join(f"a{n + 1} = a{n}\n" for n in range(9_000)) + "a9000.fit()\n",
    "one name again and again": "x = keras.a\n" * 6_000 + "x.fit(x)\n" * 6_000,
    "functions that call each other": "".join(
        f"def f{n}(x): return f{(n * 7 + 1) % 900}(f{(n * 13 + 5) % 900}(x))\n" for n in range(900)
    ),
    "classes in diamonds": "class A0: pass\nclass B0: pass\n"
    + "".join(f"class {c}{n}(A{n - 1}, B{n - 1}): pass\n" for n in range(1, 60) for c in "AB")
    + "A59().fit()\n",
    "f-strings in f-strings": "x = f'{a:{a:{a}}}'\n" * 3_000,
    "a huge f-string": "x = f'" + "{a}" * 1_500_000 + "'\n",
    "a huge integer": "x = " + "9" * 4_000_000 + "\n",
    "huge hexadecimal integers": ("x = 0x" + "f" * 49_000 + "\n") * 90,
    "a huge text": "x = '" + "a" * 4_900_000 + "'\n",
    "paths that make a pattern go back": ("x = '" + "/" + " a" * 2_000 + "!'\n") * 200,
    "a huge dotted name": "import a" + ".b" * 20_000 + "\n",
    "a notebook of empty lists": '{"cells": [' + "[]," * 8_000_000 + "[]]}",
    "a notebook of one huge number": '{"cells": [' + "9" * 5_000_000 + "]}",
    "a notebook of deep lists": '{"cells": ' + "[" * 12_000_000,
}  # fmt: skip


@pytest.mark.parametrize("code", BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_gets_a_verdict(verdict_of: Callable[[str], Verdict], code: str) -> None:
    started = time.monotonic()
    verdict = verdict_of(code)
    assert verdict.kind is not Kind.CNN
    assert verdict.reason.endswith(".")
    assert time.monotonic() - started < GENEROUS


def test_work_without_an_end_is_stopped() -> None:
    def work(report: Report) -> None:
        report("mycode.py")
        while True:
            pass

    assert run(work, 1.5, 64 * MEGABYTE) == Outcome(Ending.OUT_OF_TIME, progress="mycode.py")


def test_work_that_only_waits_is_stopped_when_the_patience_is_over() -> None:
    outcome = run(lambda _: time.sleep(600), 5, 64 * MEGABYTE, patience=0.2)
    assert outcome.ending is Ending.OUT_OF_TIME


def test_time_that_others_take_does_not_count() -> None:
    assert run(lambda _: time.sleep(0.3), 0.2, 64 * MEGABYTE, patience=60) == Outcome(Ending.DONE)


def test_processor_time_counts_however_much_patience_there_is() -> None:
    def work(report: Report) -> None:
        report("mycode.py")
        while True:
            pass

    assert run(work, 0.2, 64 * MEGABYTE, patience=60) == Outcome(Ending.OUT_OF_TIME, progress="mycode.py")


def test_work_that_fills_the_memory_is_stopped() -> None:
    assert run(lambda _: len("a" * 10**9), 5, 64 * MEGABYTE).ending is Ending.OUT_OF_MEMORY


def test_work_that_breaks_the_interpreter_leaves_the_asking_process_alive() -> None:
    assert run(lambda _: os.kill(os.getpid(), signal.SIGKILL), 5, 64 * MEGABYTE).ending is Ending.KILLED


def test_work_that_fails_says_how() -> None:
    outcome = run(lambda _: 1 // 0, 5, 64 * MEGABYTE)
    assert outcome.ending is Ending.FAULT
    assert "ZeroDivisionError" in str(outcome.result)


def test_work_returns_its_result_and_leaves_no_process() -> None:
    before = psutil.Process().children()
    assert run(lambda _: [1, "é"], 5, 64 * MEGABYTE) == Outcome(Ending.DONE, [1, "é"])
    assert psutil.Process().children() == before


@pytest.mark.parametrize(
    ("outcome", "what", "says"),
    [
        (Outcome(Ending.OUT_OF_TIME, progress="a.py"), "code that takes too long", "a.py was being analysed"),
        (Outcome(Ending.OUT_OF_MEMORY), "code that takes too much memory", "MB of memory that a push"),
        (Outcome(Ending.KILLED), "code that breaks the parser", "made the parser of Python 3."),
        (Outcome(Ending.FAULT, "Traceback:\nKeyError: 'x'\n"), "fault of the detector", "(KeyError: 'x')"),
    ],
)  # fmt: skip
def test_every_ending_is_told_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outcome: Outcome, what: str, says: str
) -> None:
    monkeypatch.setattr(supervision, "run", lambda *_: outcome)
    verdict = inspect(tmp_path)
    assert (verdict.kind, verdict.what) == (Kind.UNREADABLE, what)
    assert says in verdict.reason


def test_beside_other_threads_the_verdict_is_the_same(verdict_of: Callable[[str], Verdict]) -> None:
    alone = verdict_of(CNN)
    waiting = threading.Event()
    thread = threading.Thread(target=waiting.wait)
    thread.start()
    try:
        assert verdict_of(CNN) == alone
    finally:
        waiting.set()
        thread.join()


def test_a_flood_of_files_is_cut(verdict_of: Callable[[str], Verdict]) -> None:
    verdict = verdict_of(CNN + "".join(f"m.save('/a/{n}.h5')\n" for n in range(300)))
    assert (len(verdict.model_files), len(verdict.absolute_paths)) == (limits.LISTED, limits.LISTED)


def test_what_can_not_be_encoded_is_replaced(verdict_of: Callable[[str], Verdict]) -> None:
    assert verdict_of(CNN + "m.save('\\ud800.h5')\n").model_files == ("?.h5",)


def test_a_name_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff.py")).write_text(CNN)
    assert inspect(tmp_path).reason.endswith("?.py has a name that is not UTF-8; rename it.")


def test_a_push_is_read_only_up_to_its_limit(tmp_path: Path) -> None:
    (tmp_path / "mycode.py").write_text(CNN)
    for number in range(41):
        (tmp_path / f"large{number}.py").write_text("#" + "a" * MEGABYTE)
    verdict = inspect(tmp_path)
    assert (verdict.kind, verdict.script) == (Kind.CNN, "mycode.py")
    assert any("the push has more than 16 MB of code" in one.sentence for one in verdict.evidence)
