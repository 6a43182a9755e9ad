"""How much of a push is looked at: each limit keeps one hostile or careless file from holding up the rest.

Most limits count something, so that the same push always gets the same verdict. The limits on time and memory
stand behind them for what no count foresees.
"""

from __future__ import annotations

KILOBYTE = 1024
MEGABYTE = 1024 * KILOBYTE

SOURCE_BYTES = 5 * MEGABYTE
"""A larger Python file is not read: no training script is that long, data that was pasted in is."""

NOTEBOOK_BYTES = 25 * MEGABYTE
"""Notebooks carry their images with them, so they may be larger than a script."""

NOTEBOOK_CODE = 512 * KILOBYTE
NOTEBOOK_CELLS = 5_000
NOTEBOOK_VALUES = 500_000
"""Commas and opening brackets in the JSON of a notebook, which bound what decoding it takes."""

PUSH_BYTES = 16 * MEGABYTE
"""All files that are read in one inspection together."""

SOURCE_LINES = 100_000

PYTHON_FILES = 2_000
"""At most this many Python files of a folder are considered, nearest to its root first."""

FOLDER_ENTRIES = 100_000

CANDIDATES = 40
"""At most this many files are followed as possible training scripts."""

NODES = 40_000
"""A module with more statements and expressions (names and literals not counted) is not analysed: 3,000 dense
lines of code."""

VISITS = 80_000
"""All nodes that are followed in one inspection together."""

LISTED = 100
LISTED_LENGTH = 500
"""At most this many files, paths and data sets are listed in a verdict, each cut at so many characters."""

SUSPICIOUS_BYTES = 256 * KILOBYTE
SUSPICIOUS_BRACKETS = 150
SUSPICIOUS_INDENTATION = 60
SUSPICIOUS_LINE = 50_000

PARSE_SECONDS = 0.3
PARSE_TOTAL_SECONDS = 0.4
PARSE_MEMORY = 160 * MEGABYTE
"""A suspicious file is first parsed by a process of its own, so that it can't take the others along. All of
them share the total; after it they are refused unparsed."""

FOLLOWING_SECONDS = 0.9
INSPECTION_SECONDS = 1.4
INSPECTION_MEMORY = 224 * MEGABYTE
"""After the first time no more code is followed, and a convolution that was found by then counts. After the
second the process that inspects a push is killed. It gets no more memory than this beside what it starts
with."""

INSPECTION_PATIENCE = 30.0
"""All seconds above are of the processor's time, since a machine that is busy with something else must not
change a verdict. This is the wall time after which the process is killed all the same."""
