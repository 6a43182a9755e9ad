"""Nothing of a guarded program outlives it, and it does not outlive its supervisor."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from ops.paths import PROJECT_ROOT

GUARD = str(PROJECT_ROOT / "ops" / "guard.py")
SECONDS = 60.0  # more than any of it takes, on any machine
# Says its own and its child's process id; the child ignores SIGTERM and is in a session of its own.
STUBBORN_CHILD = """
import os, signal, subprocess, sys, time
deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(600)"
child = subprocess.Popen([sys.executable, "-c", deaf], start_new_session=True, stdout=subprocess.PIPE)
child.stdout.readline()
print(os.getpid(), child.pid, flush=True)
time.sleep(600)
"""


def start(tmp_path: Path, code: str, stop_seconds: float = 5) -> subprocess.Popen[str]:
    """Start a guard over a Python program."""
    launch = {
        "command": [sys.executable, "-c", code],
        "environment": {"FRUIT": "a b%c"},
        "stop_seconds": stop_seconds,
    }
    file = tmp_path / "launch.json"
    file.write_text(json.dumps(launch))
    return subprocess.Popen(
        (sys.executable, "-I", "-S", GUARD, str(file)),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def line(process: subprocess.Popen[str]) -> str:
    """Read one line that the guarded program printed."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def eventually(condition: Callable[[], bool], seconds: float = SECONDS) -> bool:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


def gone(pid: int) -> bool:
    """Say whether a process has ended (a zombie that nobody collects has)."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_the_program_gets_its_environment_and_its_exit_code_is_passed_on(tmp_path: Path) -> None:
    guard = start(tmp_path, "import os; print(os.environ['FRUIT'], flush=True); raise SystemExit(7)")
    assert line(guard) == "a b%c"
    assert guard.wait(SECONDS) == 7


def test_a_killed_programs_orphans_end_with_it(tmp_path: Path) -> None:
    guard = start(tmp_path, STUBBORN_CHILD)
    program, child = map(int, line(guard).split())
    os.kill(program, signal.SIGKILL)
    assert guard.wait(SECONDS) != 0
    assert gone(child)


def test_sigterm_ends_the_program_and_everything_below_it(tmp_path: Path) -> None:
    guard = start(tmp_path, STUBBORN_CHILD)
    program, child = map(int, line(guard).split())
    guard.terminate()
    guard.wait(SECONDS)
    assert (gone(program), gone(child)) == (True, True)


def test_a_program_that_ignores_sigterm_is_killed_after_its_time(tmp_path: Path) -> None:
    code = (
        "import os, signal, time; signal.signal(15, signal.SIG_IGN)\n"
        "print(os.getpid(), flush=True); time.sleep(600)"
    )
    guard = start(tmp_path, code, stop_seconds=0.5)
    program = int(line(guard))
    guard.terminate()
    guard.wait(SECONDS)
    assert gone(program)


def test_a_program_may_take_its_time_to_end_well(tmp_path: Path) -> None:
    code = (
        "import signal, time\n"
        "def end(*_): time.sleep(0.5); print('tidy', flush=True); raise SystemExit(0)\n"
        "signal.signal(15, end); print('up', flush=True); time.sleep(600)"
    )
    guard = start(tmp_path, code)
    assert line(guard) == "up"
    guard.terminate()
    assert (line(guard), guard.wait(SECONDS)) == ("tidy", 0)


def test_everything_ends_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    launch = tmp_path / "launch.json"
    launch.write_text(
        json.dumps({"command": [sys.executable, "-c", STUBBORN_CHILD], "environment": {}, "stop_seconds": 5})
    )
    run = "import subprocess, sys; subprocess.run(sys.argv[1:])"
    supervisor = subprocess.Popen(
        (sys.executable, "-c", run, sys.executable, "-I", "-S", GUARD, str(launch)),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    program, child = map(int, line(supervisor).split())
    supervisor.kill()
    supervisor.wait(SECONDS)
    assert eventually(lambda: gone(program) and gone(child))


def test_a_program_that_does_not_exist_is_named(tmp_path: Path) -> None:
    file = tmp_path / "launch.json"
    file.write_text(json.dumps({"command": ["/no/such/program"], "environment": {}, "stop_seconds": 1}))
    ended = subprocess.run(
        (sys.executable, "-I", "-S", GUARD, str(file)), capture_output=True, text=True, timeout=SECONDS
    )
    assert ended.returncode == 127
    assert "/no/such/program can't be run" in ended.stderr
