"""What h5py had until 2.10 and has no more."""

from __future__ import annotations

import functools
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
        try:  # without a mode a file is opened to be changed, where that is possible
            original(self, name, mode or "a", *args, **kwargs)
        except OSError:
            if mode is not None:
                raise
            original(self, name, "r", *args, **kwargs)

    h5py.File.__init__ = __init__
