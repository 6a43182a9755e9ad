"""A script of Keras' first years, and what it must say."""

from __future__ import annotations

from dataclasses import dataclass

DATA = """
import numpy as np
x = np.random.rand(64, 8, 8, 1); y = np.eye(2)[np.random.randint(0, 2, 64)]
"""


@dataclass(frozen=True)
class Script:
    """One script.

    Args:
        said: What it prints after the word ``SAID``.
        text: Its source.
    """

    said: str
    text: str
