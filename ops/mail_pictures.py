"""Pictures of a mail as mailboxes show it: light and dark, at a desk and on a phone."""

from __future__ import annotations

import os
from pathlib import Path

from ops.browser import ensure_chromium
from ops.commands import Say

# File name → (colours that the reader prefers, width in CSS pixels).
VIEWS = {
    "mail.png": ("light", 720),
    "mail-dark.png": ("dark", 720),
    "mail-phone.png": ("light", 375),
    "mail-phone-dark.png": ("dark", 375),
}


class TooWideError(ValueError):
    """A page does not fit its window, so a reader has to scroll sideways."""

    def __init__(self, name: str, width: int, window: int) -> None:
        super().__init__(f"{name}: the mail is {width} px wide in a window of {window} px; let its text wrap")


def write_pictures(html: str, folder: Path, say: Say) -> tuple[Path, ...]:
    """Draw a mail as a whole in every view; nothing is loaded from anywhere.

    Args:
        html: The page, with its pictures inside.
        folder: Where the pictures go.
        say: Told when Chromium has to be installed.

    Returns:
        The pictures, PNG with 1.5 pixels for each CSS pixel.

    Raises:
        OpsError: There is no Chromium and none can be installed.
        TooWideError: A view can't show the whole width.
    """
    from playwright.sync_api import sync_playwright

    chromium = ensure_chromium(say)
    # Chromium's own sandbox does not work for root; the page is ours, and runs no script.
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        for name, (colours, width) in VIEWS.items():
            page = browser.new_page(
                viewport={"width": width, "height": 800},
                color_scheme="dark" if colours == "dark" else "light",
                device_scale_factor=1.5,
                offline=True,
            )
            page.set_content(html)
            needed = page.evaluate("document.documentElement.scrollWidth")
            if needed > width:
                raise TooWideError(name, needed, width)
            page.screenshot(path=folder / name, full_page=True)
        browser.close()
    return tuple(folder / name for name in VIEWS)
