"""Chromium for the tests that look at the web UI. Standard library only."""

from __future__ import annotations

import shutil

from ops import apt
from ops.commands import Say

_NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str | None:
    """Give the path of an installed Chromium, or None."""
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


def ensure_chromium(say: Say) -> str:
    """Make sure there is a Chromium.

    Args:
        say: Where progress goes.

    Returns:
        Its path, for Playwright's `executable_path`.

    Raises:
        PackageMissingError: None is there and this process may not install one.
    """
    found = find_chromium()
    if found is None:
        apt.install(["chromium"], say, why="Chromium, which the web UI's tests use")
        found = find_chromium()
    if found is None:
        raise apt.PackageMissingError(
            "Chromium was installed and is not on the PATH", "Install Chromium by hand"
        )
    return found
