"""Mails as Chromium shows them: every kind fits a desk and a phone, and is legible in light and dark."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, sync_playwright

from include.report import MailKind
from ops.browser import find_chromium
from ops.mail_pictures import VIEWS
from tests.include.report.samples import make_mail

# WCAG 2.2, success criterion 1.4.3: 4.5 for text, 3 for large text.
_LEAST_CONTRAST = 4.5
_CONTRASTS = """() => {
  const parse = c => (c.match(/[\\d.]+/g) || []).map(Number);
  const linear = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const ground = node => {
    for (; node; node = node.parentElement) {
      const [r, g, b, a = 1] = parse(getComputedStyle(node).backgroundColor);
      if (a > 0) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node; (node = walker.nextNode());) {
    const parent = node.parentElement;
    if (!node.data.trim() || !parent.checkVisibility() || !parent.getBoundingClientRect().height) continue;
    const ink = light(parse(getComputedStyle(parent).color)), paper = light(ground(parent));
    const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    found.push([ratio, node.data.trim().slice(0, 40)]);
  }
  return found;
}"""

pytestmark = pytest.mark.skipif(find_chromium() is None, reason="no Chromium; `make test` installs it")


@pytest.fixture(scope="module")
def pages() -> Iterator[dict[str, Page]]:
    """A page of a browser for each view."""
    with sync_playwright() as playwright:
        flags = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=flags)
        yield {
            name: browser.new_page(
                viewport={"width": width, "height": 800}, color_scheme="dark" if scheme == "dark" else "light"
            )
            for name, (scheme, width) in VIEWS.items()
        }
        browser.close()


@pytest.mark.parametrize("kind", MailKind)
@pytest.mark.parametrize("view", VIEWS)
def test_every_mail_fits_and_is_legible(pages: dict[str, Page], kind: MailKind, view: str) -> None:
    page = pages[view]
    page.set_content(make_mail(kind).standalone_html())
    assert page.evaluate("document.documentElement.scrollWidth") <= VIEWS[view][1]
    contrasts = page.evaluate(_CONTRASTS)
    assert len(contrasts) > 8
    assert [(round(ratio, 2), text) for ratio, text in contrasts if ratio < _LEAST_CONTRAST] == []


@pytest.mark.parametrize("kind", MailKind)
def test_no_word_of_a_push_widens_a_phone(pages: dict[str, Page], kind: MailKind) -> None:
    page = pages["mail-phone.png"]
    page.set_content(make_mail(kind, "W" * 3000).standalone_html())
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
