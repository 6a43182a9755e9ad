"""The result document, written whole or not at all."""

from __future__ import annotations

import json
import os
import platform
import resource
import sys
from pathlib import Path

_ROOM_BYTES = 1024**2
LIBRARIES = ("keras", "tensorflow", "tf_keras", "numpy")


def write_result(path: Path, document: dict[str, object]) -> None:
    """Write the result document so that no reader, and no power cut, ever sees half of it."""
    temporary = path.with_name(".result.json")
    with temporary.open("w", encoding="utf-8") as stream:
        json.dump(document, stream, allow_nan=False)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def is_full(folder: Path) -> bool:
    """Say whether the disk that a folder is on has no room left, so that nobody can write to it."""
    system = os.statvfs(folder)
    return system.f_bavail * system.f_frsize < _ROOM_BYTES or (system.f_files > 0 and system.f_favail == 0)


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that are loaded."""
    loaded = ((name, getattr(sys.modules.get(name), "__version__", None)) for name in LIBRARIES)
    return {"python": platform.python_version(), **{name: str(v) for name, v in loaded if v is not None}}


def peak_memory_bytes() -> int:
    """Return the most memory that this process, or one of its children, had in use."""
    kibibytes = (
        resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return max(kibibytes) * 1024
