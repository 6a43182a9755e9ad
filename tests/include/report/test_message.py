"""The MIME message of a mail: its parts, and addresses that can't smuggle anything."""

from datetime import UTC, datetime

import pytest

from include.report import InvalidAddress, Mail, MailKind, message_id, to_message
from tests.include.report.samples import make_mail

SENDER = "better-cnn <cnn@example.org>"


def test_parts_are_nested_as_mail_clients_expect() -> None:
    mail = make_mail(MailKind.TARGET_MET)
    message = to_message(mail, SENDER, message_id("e1", SENDER), datetime(2026, 11, 23, 9, 31, tzinfo=UTC))
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "application/json",
        "text/x-diff",
        "image/png",
    ]
    assert message["Date"] == "Mon, 23 Nov 2026 09:31:00 +0000"
    assert message["Auto-Submitted"] == "auto-generated"


def test_the_picture_in_the_page_is_the_one_in_the_mail() -> None:
    mail = make_mail(MailKind.TARGET_MET)
    message = to_message(mail, SENDER, message_id("e1", SENDER))
    (picture,) = (part for part in message.walk() if part["Content-ID"])
    content_id = str(picture["Content-ID"]).strip("<>")
    assert f'src="cid:{content_id}"' in mail.html
    assert picture.get_content() == mail.images[0].png
    assert picture.get_content_disposition() == "inline"


def test_message_id_depends_on_the_event_and_nothing_else() -> None:
    assert message_id("e1", SENDER) == message_id("e1", "Other Name <other@example.org>")
    assert message_id("e1", SENDER) != message_id("e2", SENDER)
    assert message_id("e1\r\nBcc: x@y.z", SENDER).endswith("@example.org>")


@pytest.mark.parametrize(
    "address",
    ["", "ada", "@example.org", "ada@", "a@e.org\nBcc: b@e.org", "a@e.org\r", "ü@example.org", "a@e.org\x00"],
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    mail = Mail(MailKind.TARGET_MET, "s", ("ada@example.org",), "<p></p>", "t")
    with pytest.raises(InvalidAddress, match="is no mail address; write it as"):
        to_message(mail, address, "<1@e.org>")
    broken = Mail(MailKind.TARGET_MET, "s", (address,), "<p></p>", "t")
    with pytest.raises(InvalidAddress, match="is no mail address; write it as"):
        to_message(broken, SENDER, "<1@e.org>")


def test_a_subject_of_many_lines_becomes_one() -> None:
    mail = Mail(
        MailKind.TARGET_MET, "a\r\nBcc: eve@e.org\n\nb " + "c" * 500, ("ada@example.org",), "<p></p>", "t"
    )
    message = to_message(mail, SENDER, "<1@e.org>\nBcc: eve@e.org")
    assert message["Bcc"] is None
    assert str(message["Subject"]).startswith("a Bcc: eve@e.org b ccc")
    assert len(str(message["Subject"])) == 180


def test_a_browser_can_show_the_page_by_itself() -> None:
    mail = make_mail(MailKind.TARGET_MET)
    page = mail.standalone_html()
    assert "cid:" not in page
    assert 'src="data:image/png;base64,iVBOR' in page
