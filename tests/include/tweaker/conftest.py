"""Pushes to tweak: a tree on disk and the verdict that goes with it."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from include.detector.verdict import Kind, Verdict

Push = tuple[Path, Verdict]
MakePush = Callable[..., Push]


@pytest.fixture
def push(tmp_path: Path) -> MakePush:
    """Return a function that writes files and returns their tree and verdict; the script is first."""
    count = 0

    def make(
        files: Mapping[str, str | bytes], interface: str | None = None, framework: str = "keras 3"
    ) -> Push:
        nonlocal count
        count += 1
        tree = tmp_path / f"tree{count}"
        for name, content in files.items():
            path = tree / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        modules = tuple(name for name in files if name.endswith(".py"))
        verdict = Verdict(
            kind=Kind.CNN,
            what="convolutional network",
            framework=framework,
            trainable=True,
            script=modules[0],
            reason="It calls Conv2D.",
            interface=interface,
            modules=modules,
        )
        return tree, verdict

    return make
