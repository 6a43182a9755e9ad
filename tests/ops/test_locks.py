"""One process at a time does what two must not do at once."""

import subprocess
import sys
from pathlib import Path

import pytest

from ops.locks import BusyError, locked
from ops.paths import PROJECT_ROOT

HOLD = """
import sys
from pathlib import Path
from ops.locks import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_what_another_process_does_is_not_done_meanwhile_but_after_its_death(tmp_path: Path) -> None:
    file = tmp_path / "run" / "lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=PROJECT_ROOT,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    busy = BusyError("Another demo runs", "Wait for its end")
    with pytest.raises(BusyError, match=r"Another demo runs\. Wait for its end\."), locked(file, busy=busy):
        pass
    holder.kill()
    holder.communicate()
    with locked(file, busy=busy):
        assert file.exists()
