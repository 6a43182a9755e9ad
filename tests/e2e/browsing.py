"""A browser on the stack's web UI."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, expect, sync_playwright

from ops.browser import find_chromium
from tests.e2e.world import World

PATIENCE = 90_000.0  # milliseconds
# As root, and without the connections home that Chromium makes at every start.
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a Chromium until the block ends."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=_ARGUMENTS)
        yield browser
        browser.close()


def logged_in(browser: Browser, world: World) -> Page:
    """A new page, logged in, that is as patient as a busy machine needs it."""
    user, password = world.stage.stack.credentials()
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    page.goto(world.stage.stack.url)
    page.fill("input[name=username]", user)
    page.fill("input[type=password]", password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/auth/login" not in url)
    return page
