"""`python -m ops mail --pictures`: what an operator sees of own templates."""

from math import ceil
from pathlib import Path

import pytest
from PIL import Image

from include.report import MailKind
from ops.browser import find_chromium
from ops.mail_pictures import VIEWS, TooWideError, write_pictures
from tests.include.report.samples import make_mail

pytestmark = pytest.mark.skipif(find_chromium() is None, reason="no Chromium; `make test` installs it")


def test_pictures_show_the_whole_mail(tmp_path: Path) -> None:
    files = write_pictures(make_mail(MailKind.TARGET_MET).standalone_html(), tmp_path, lambda _: None)
    sizes = {file.name: Image.open(file).size for file in files}
    assert {name: width for name, (width, _) in sizes.items()} == {
        name: ceil(width * 1.5) for name, (_, width) in VIEWS.items()
    }
    assert min(height for _, height in sizes.values()) > 1500


def test_a_mail_that_is_too_wide_is_named(tmp_path: Path) -> None:
    with pytest.raises(TooWideError, match=r"mail\.png: the mail is \d+ px wide in a window of 720 px"):
        write_pictures("<div style='width:900px'>x</div>", tmp_path, lambda _: None)
