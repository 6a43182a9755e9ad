"""Scripts and styles: our own, and those that `make bootstrap` installed from npm."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from include.settings import PROJECT_ROOT

_OWN = Path(__file__).parent / "assets"
_UPLOT = PROJECT_ROOT / "node_modules" / "uplot" / "dist"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_INSTALLED = {"uplot.js": _UPLOT / "uPlot.iife.min.js", "uplot.css": _UPLOT / "uPlot.min.css"}


@cache
def files() -> dict[str, Path]:
    """Everything that may be asked for, by name."""
    return {**{path.name: path for path in _OWN.iterdir() if path.suffix in _TYPES}, **_INSTALLED}


@cache
def version() -> str:
    """A hash of all of it: it stands in their addresses, so that browsers may keep them for good."""
    digest = hashlib.sha256()
    for name, path in sorted(files().items()):
        digest.update(name.encode() + (path.read_bytes() if path.exists() else b""))
    return digest.hexdigest()[:16]


def media_type(path: Path) -> str:
    """What a file is, for the browser."""
    return _TYPES[path.suffix]
