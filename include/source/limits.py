"""How much of a push we take."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True)
class FetchLimits:
    """The most that one commit may hold.

    Args:
        max_files: Files.
        max_bytes: Bytes of all files together.
        max_file_bytes: Bytes of one file; GitHub's blobs end at 100 MiB.
    """

    max_files: int = 2000
    max_bytes: int = 200 * MIB
    max_file_bytes: int = 100 * MIB
