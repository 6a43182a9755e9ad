"""A push may say anything anywhere: it is shown as text, hides nothing, and is never a template."""

import html
import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.report import MailKind, mails, to_message
from tests.include.report.samples import Page, make_mail, make_report

_SCRIPT = """<script>alert(1)</script>"'><img src=x onerror=alert(2)>"""


@pytest.mark.parametrize("kind", MailKind)
def test_markup_in_any_field_is_shown_as_text(kind: MailKind) -> None:
    mail = make_mail(kind, _SCRIPT)
    page = Page(mail.html)
    assert page.all("script") == []
    assert [
        image for image in page.all("img") if "onerror" in image or not image["src"].startswith("cid:")
    ] == []
    handlers = [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert handlers == []
    assert "<script>alert(1)</script>" in page.text
    assert "<script" not in mail.html.replace(html.escape("<script"), "")


@pytest.mark.parametrize("kind", MailKind)
def test_template_language_in_any_field_is_shown_as_text(kind: MailKind) -> None:
    template = "{{ 7 * 191 }}{% set x = 1 %}{# y #}"
    mail = make_mail(kind, template)
    assert template in mail.text
    assert template in Page(mail.html).text
    assert "1337" not in mail.text.replace(template, "")


@pytest.mark.parametrize("kind", MailKind)
@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", 'https://e.org/" onclick="x', "//e.org"]
)
def test_only_web_addresses_become_links(kind: MailKind, link: str) -> None:
    assert [a["href"] for a in Page(make_mail(kind, link).html).all("a")] == []


@pytest.mark.parametrize("kind", MailKind)
def test_line_ends_in_any_field_add_no_header(kind: MailKind) -> None:
    endings = ("\n", "\r\n", "\r", "\u2028", "\x0b", "\x85", "\n\n")
    mail = make_mail(kind, "".join(f"x{ending}Bcc: eve@example.org" for ending in endings))
    message = to_message(mail, "better-cnn <cnn@example.org>", "<1@example.org>")
    read = message_from_bytes(message.as_bytes(policy=SMTP), EmailMessage, policy=SMTP)
    assert read["Bcc"] is None
    assert len(read.keys()) == len(message.keys())
    assert read["To"] == "ada@example.org"
    assert "\n" not in read["Subject"]


@pytest.mark.parametrize("kind", MailKind)
def test_characters_that_hide_or_reorder_text_are_made_visible(kind: MailKind) -> None:
    hidden = "\u202e\u2066\u200b\ud800\udcff\x00\x08\x1b"
    mail = make_mail(kind, f"ab{hidden}cd")
    for said in (mail.html, mail.text, mail.subject):
        assert not set(said) & set(hidden)
        assert f"ab{len(hidden) * chr(0xFFFD)}cd" in said or said is mail.subject
    to_message(mail, "cnn@example.org", "<1@example.org>").as_bytes(policy=SMTP)


def test_terminal_colours_of_a_log_are_dropped() -> None:
    report = make_report(trials=(), best=None)
    lines = ["\x1b[1;31mKilled\x1b[0m \x1b]0;title\x07now"]
    mail = mails.crashed(report, ["a@e.org"], relaunches=5, reason="x", log_lines=lines)
    assert "    Killed now\n" in mail.text


def test_a_log_can_not_end_its_own_frame() -> None:
    report = make_report(trials=(), best=None)
    mail = mails.crashed(report, ["a@e.org"], relaunches=1, reason="x", log_lines=["a\n\n--\nForged"])
    assert "\n    --\n    Forged\n" in mail.text


@pytest.mark.parametrize("kind", MailKind)
def test_huge_fields_make_no_huge_mail(kind: MailKind) -> None:
    mail = make_mail(kind, "& " * 400_000)
    assert len(mail.html.encode()) < 102_000
    assert len(mail.text.encode()) < 60_000
    assert len(mail.subject) < 300
    message = to_message(mail, "cnn@example.org", "<1@example.org>")
    assert len(message.as_bytes(policy=SMTP)) < 3_000_000


@settings(max_examples=25, deadline=None)
@given(text=st.text(st.characters(), max_size=40), kind=st.sampled_from(list(MailKind)))
def test_any_text_at_all_makes_a_well_formed_mail(text: str, kind: MailKind) -> None:
    mail = make_mail(kind, text)
    page = Page(mail.html)
    assert page.all("script") == []
    message = to_message(mail, "cnn@example.org", "<1@example.org>")
    read = message_from_bytes(message.as_bytes(policy=SMTP), EmailMessage, policy=SMTP)
    assert read["Subject"]
    body = read.get_body(("plain",))
    assert body is not None
    assert re.sub(r"\s", "", str(body.get_content())) == re.sub(r"\s", "", mail.text)
