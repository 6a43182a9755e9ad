"""One real stack for the fault matrix, on an engine of its own and with a workspace of bounded size."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.demo.stage import make_stage
from ops.engine import ensure_engine
from ops.images import ensure_training_image
from ops.paths import PROJECT_ROOT
from tests.chaos.own_engine import OwnEngine
from tests.chaos.trouble import FAULTS, Chaos, Run
from tests.e2e.world import World

# The emulator allows 5,000 requests an hour, and the matrix takes half of one.
CONFIGURATION = """
defaults: {poll_seconds: 8, target: 1.0, max_trials: 2, strategy: hill_climb, pruner: none}
alerts: [operator@example.com]
repositories:
"""
WORKSPACE_MB = 700


@pytest.fixture(scope="session")
def engine() -> Iterator[OwnEngine]:
    """The engine that trains; only root can start one."""
    if os.getuid() != 0 or shutil.which("dockerd") is None:
        pytest.skip("only root can start a Docker engine that may be broken")
    ensure_engine(print)
    image = ensure_training_image(print)
    folder = Path(tempfile.mkdtemp(prefix="cnn-chaos-"))
    own = OwnEngine(folder)
    try:
        own.start()
        own.take(image)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DOCKER_HOST", own.url)
            yield own
    finally:
        own.stop()
        subprocess.run(["umount", "--recursive", str(folder)], capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def chaos(engine: OwnEngine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chaos]:
    """The running stack, and all that can be broken of it."""
    var = PROJECT_ROOT / "var" / "chaos"
    workspace = var / "workspace"
    subprocess.run(["umount", str(workspace)], capture_output=True)  # left by a session that was killed
    shutil.rmtree(var, ignore_errors=True)
    workspace.mkdir(parents=True)
    size = f"size={WORKSPACE_MB}m,mode=755"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(workspace)], check=True)
    names = ["undisturbed", "abandoned", *(fault.repository for fault in FAULTS)]
    config = tmp_path_factory.mktemp("config")
    entries = "".join(f"- {{name: admin/{name}}}\n" for name in names)
    (config / "repositories.yaml").write_text(CONFIGURATION + entries, encoding="utf-8")
    stage = make_stage(var, config, 8380, environment={"DOCKER_HOST": engine.url})
    try:
        with stage.running(print, names), stage.stack.api() as api:
            yield Chaos(World(stage, stage.github(), api), engine)
    finally:
        subprocess.run(["umount", str(workspace)], check=True)


@pytest.fixture(scope="session")
def undisturbed(chaos: Chaos, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The experiment as it goes when nothing is broken."""
    return chaos.run("undisturbed", lambda _chaos, _trial: None, tmp_path_factory.mktemp("undisturbed"))
