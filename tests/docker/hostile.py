"""What hostile scripts do, how each must end, within which limits: the contract of `test_hostile_scripts`."""

from __future__ import annotations

from dataclasses import dataclass, replace

from include.containers import EndingKind, Limits
from include.containers.spec import MIB

SMALL = Limits(memory_bytes=128 * MIB, cpus=1, pids=32, seconds=60, log_bytes=200_000, disk_bytes=50 * MIB)
BRIEF = replace(SMALL, seconds=2)


@dataclass(frozen=True)
class Hostile:
    """One script, and its end.

    Args:
        name: What it does.
        script: Python source.
        ending: As the design's table has it.
        reason: Part of the sentence that the developer gets.
        limits: What it runs under.
    """

    name: str
    script: str
    ending: EndingKind
    reason: str
    limits: Limits = SMALL


FINISHED = """
import json
json.dump({"status": "finished", "accuracy": 1.0}, open("/trial/out/result.json", "w"))
"""

SCRIPTS = (
    Hostile(
        "a fork bomb",
        """
import os
while True:
    try:
        os.fork()
    except OSError:
        pass
""",
        EndingKind.TOO_SLOW,
        "limit of 2 s",
        BRIEF,
    ),
    Hostile(
        "20 GB of log",
        """
for _ in range(2_000_000):
    print("x" * 10_000)
""",
        EndingKind.TOO_SLOW,
        "limit of 2 s",
        BRIEF,
    ),
    Hostile(
        "20 GB of files",
        """
for number in range(20_000):
    with open(f"/mlops/{number}", "wb") as file:
        file.write(bytes(2**20))
""",
        EndingKind.DISK_QUOTA,
        "more than the 50 MB of disk",
    ),
    Hostile(
        "20 GB in one file",
        """
with open("/trial/out/model.keras", "wb") as file:
    for _ in range(20_000):
        file.write(bytes(2**20))
""",
        EndingKind.SCRIPT_ERROR,
        "exit code 1",
    ),
    Hostile(
        "20 GB in files that have no name any more",
        """
import os
held = []
for number in range(700):
    held.append(open(f"/mlops/{number}", "wb"))
    os.unlink(held[-1].name)
    for _ in range(30):  # less than one file may have
        held[-1].write(bytes(2**20))
""",
        EndingKind.DISK_QUOTA,
        "more than the 50 MB of disk",
    ),
    Hostile(
        "a million empty files",
        """
for number in range(1_000_000):
    open(f"/mlops/{number}", "w").close()
""",
        EndingKind.DISK_QUOTA,
        "more than the 50 MB of disk",
    ),
    Hostile(
        "files in folders too deep to be listed",
        """
import os, time
os.chdir("/mlops")
for _ in range(40):
    os.mkdir("d" * 200)
    os.chdir("d" * 200)
for number in range(20_000):
    with open(str(number), "wb") as file:
        file.write(bytes(2**20))
""",
        EndingKind.DISK_QUOTA,
        "hid files from being counted",
    ),
    Hostile(
        "a memory bomb",
        "all = [bytearray(2**20) for _ in range(20_000)]",
        EndingKind.OUT_OF_MEMORY,
        "more than its 0.125 GiB of memory",
    ),
    Hostile(
        "a memory bomb in /tmp",
        """
for number in range(20_000):
    with open(f"/tmp/{number}", "wb") as file:
        file.write(bytes(2**20))
""",
        EndingKind.OUT_OF_MEMORY,
        "more than its 0.125 GiB of memory",
    ),
    Hostile(
        "a loop without end",
        "while True: pass",
        EndingKind.TOO_SLOW,
        "limit of 2 s",
        BRIEF,
    ),
    Hostile(
        "a program that ignores being stopped",
        """
import signal, time
for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
    signal.signal(number, signal.SIG_IGN)
while True:
    time.sleep(1)
""",
        EndingKind.TOO_SLOW,
        "limit of 2 s",
        BRIEF,
    ),
    Hostile(
        "a result that is a link to a file of the host",
        """
import os
for name in ("result.json", "metrics.jsonl", "heartbeat", "model.keras"):
    os.symlink("/etc/passwd", f"/trial/out/{name}")
""",
        EndingKind.SCRIPT_ERROR,
        "refused: it is not a regular file",
    ),
    Hostile(
        "an input file under a second name as result",
        """
import os
os.link("/mlops/program.py", "/mlops/second")
open("/trial/out/first", "w").close()
os.link("/trial/out/first", "/trial/out/result.json")
""",
        EndingKind.SCRIPT_ERROR,
        "refused: it has 2 names",
    ),
    Hostile(
        "a FIFO as model",
        """
import json, os
os.mkfifo("/trial/out/model.keras")
document = {"status": "finished", "accuracy": 1.0, "model_file": "model.keras"}
json.dump(document, open("/trial/out/result.json", "w"))
""",
        EndingKind.SCRIPT_ERROR,
        "its model was refused: it is not a regular file",
    ),
    Hostile(
        "a model outside of its folder",
        """
import json
document = {"status": "finished", "accuracy": 1.0, "model_file": "../../../../../../etc/passwd"}
json.dump(document, open("/trial/out/result.json", "w"))
""",
        EndingKind.SCRIPT_ERROR,
        "is not a plain file name",
    ),
)

# Each line that it prints is something that it should not have come to.
INTRUDER = """
import ctypes, os, socket, sys

def tries(what, act):
    try:
        act()
    except Exception:
        return
    print("REACHED", what)

def connects(family, address):
    def act():
        with socket.socket(family) as client:
            client.settimeout(2)
            client.connect(address)
    return act

for path in ("/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock"):
    tries(path, connects(socket.AF_UNIX, path))
for address in HOSTS:
    tries(address, connects(socket.AF_INET, (address, PORT)))
tries("metadata", connects(socket.AF_INET, ("169.254.169.254", 80)))
tries("names", lambda: socket.getaddrinfo("localhost.localdomain.example.com", 80))
for path in PATHS:
    tries(path, lambda: os.listdir(path))
    tries("/proc/1/root" + path, lambda: os.listdir("/proc/1/root" + path))
    tries("/mlops/../../.." + path, lambda: os.listdir("/mlops/../../.." + path))

libc = ctypes.CDLL(None, use_errno=True)

def calls(name, *arguments):
    def act():
        if getattr(libc, name)(*arguments) != 0:
            raise OSError(ctypes.get_errno())
    return act

tries("root", lambda: os.setuid(0))
tries("mount", calls("mount", b"proc", b"/tmp", b"proc", 0, None))
tries("another name space", calls("unshare", 0x10000000))
tries("a device", lambda: os.mknod("/tmp/disk", 0o060600, os.makedev(8, 0)))
tries("the image", lambda: open("/opt/harness/__init__.py", "a"))
tries("its input", lambda: open("/trial/in/launch.json", "a"))
tries("the kernel", lambda: open("/proc/sysrq-trigger", "w"))
tries("the kernel's settings", lambda: open("/proc/sys/kernel/core_pattern", "w"))
tries("a larger file limit", lambda: __import__("resource").setrlimit(1, (-1, -1)))

for process in filter(str.isdigit, os.listdir("/proc")):
    try:
        print(open(f"/proc/{process}/environ").read())
    except OSError:
        pass
"""
