"""The stack that a benchmark runs on: a new one, with its own GitHub and mail."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ops.demo.stage import Stage, make_stage


def fresh_stage(var: Path, port: int, repositories: Sequence[Mapping[str, Any]]) -> Stage:
    """Describe a stack that begins with nothing; nothing is started.

    Args:
        var: Folder of all its state, which is emptied. One that this process has read before is of no use:
            its connections to the experiment store stay open, to a file that is gone.
        port: Where the web UI should listen.
        repositories: The entries of its ``repositories.yaml``.
    """
    shutil.rmtree(var, ignore_errors=True)
    config = var / "config"
    config.mkdir(parents=True)
    (config / "repositories.yaml").write_text(json.dumps({"repositories": list(repositories)}))
    return make_stage(var, config, port)
