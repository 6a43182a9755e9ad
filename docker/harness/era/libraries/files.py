"""What h5py had until 2.10 and has no more."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import Any


def install(h5py: Any) -> None:
    """Give files of arrays their old ways back.

    Args:
        h5py: The package.
    """
    h5py.Dataset.value = property(lambda self: self[()])
    original = h5py.File.__init__

    @functools.wraps(original)
    def __init__(self: Any, name: Any, mode: str | None = None, *args: Any, **kwargs: Any) -> None:
        original(self, name, mode or _mode(name), *args, **kwargs)

    h5py.File.__init__ = __init__


def _mode(name: Any) -> str:
    """Say how a file is opened when its program does not: to be changed, where that is possible."""
    there = isinstance(name, (str, bytes, os.PathLike)) and Path(os.fsdecode(name)).exists()
    return "r" if there and not os.access(name, os.W_OK) else "a"
