"""How much of a push is looked at: each limit keeps one hostile or careless file from holding up the rest."""

from __future__ import annotations

MEGABYTE = 1024 * 1024

SOURCE_BYTES = 5 * MEGABYTE
"""A larger Python file is not read: no training script is that long, data that was pasted in is."""

NOTEBOOK_BYTES = 25 * MEGABYTE
"""Notebooks carry their images with them, so they may be larger than a script."""

SOURCE_LINES = 100_000

PYTHON_FILES = 2_000
"""At most this many Python files of a folder are considered, nearest to its root first."""

FOLDER_ENTRIES = 100_000

CANDIDATES = 40
"""At most this many files are followed as possible training scripts."""

NODES = 40_000
"""A module with more statements and expressions (names and literals not counted) is not analysed: 3,000 dense
lines of code."""

VISITS = 120_000
"""All nodes that are followed in one inspection together."""

SUSPICIOUS_BYTES = 256 * 1024
SUSPICIOUS_BRACKETS = 150
SUSPICIOUS_INDENTATION = 60
SUSPICIOUS_LINE = 50_000

CHILD_BYTES = 512 * MEGABYTE
CHILD_CPU_SECONDS = 1
CHILD_WALL_SECONDS = 1.4
"""A suspicious file is parsed by a child process with these limits before this process parses it."""

CHILD_BUDGET_SECONDS = 1.6
"""All suspicious files of one inspection together; after it they are refused unparsed."""
