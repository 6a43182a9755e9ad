"""Mails are told once, put off and tried again, refused, given up, and never lost."""

import smtplib
from email.message import EmailMessage
from pathlib import Path

import pytest

from include.report import Delivery, Outbox, message_id
from include.report._stored_mail import DamagedMail
from ops.mail_server import running_mail_server
from tests.include.report.posting import SENDER, Setting, mail_to, sender_to, setting

__all__ = ["setting"]


def test_a_posted_mail_arrives_whole(setting: Setting, tmp_path: Path) -> None:
    with running_mail_server(tmp_path / "mails") as server:
        setting.outbox.post("e1", mail_to("ada@example.org"))
        assert setting.outbox.deliver(sender_to(server.port)) == [Delivery("e1", "sent", "sent")]
        (mail,) = server.mails()
    assert mail["Subject"] == "0.981 ≥ 0.970 of e1"
    assert mail["Message-ID"] == message_id("e1", SENDER)
    body = mail.get_body(("plain",))
    assert body is not None
    assert body.get_content().rstrip() == "Grüße"
    assert [part.get_content() for part in mail.iter_attachments()] == [b"\x00\xff\r\n.\r\nx"]


def test_an_event_is_told_once_however_often_it_is_posted(setting: Setting, tmp_path: Path) -> None:
    with running_mail_server(tmp_path / "mails") as server:
        send = sender_to(server.port)
        assert setting.outbox.post("e1", mail_to("ada@example.org"))
        assert not setting.outbox.post("e1", mail_to("ada@example.org"))
        setting.outbox.deliver(send)
        assert not setting.outbox.post("e1", mail_to("ada@example.org"))
        assert not Outbox(setting.folder).post("e1", mail_to("ada@example.org"))
        assert setting.outbox.deliver(send) == []
        assert len(server.mails()) == 1


@pytest.mark.parametrize("other", ["e2", "E1", "e1 ", "../e1", "e/1", "e" * 5000, "\udcff", ""])
def test_events_with_other_names_are_other_events(setting: Setting, other: str) -> None:
    assert setting.outbox.post("e1", mail_to("ada@example.org"))
    assert setting.outbox.post(other, mail_to("ada@example.org"))
    assert setting.places() == {"pending": 2, "sent": 0, "refused": 0}


def test_a_server_that_is_down_delays_and_loses_nothing(setting: Setting, tmp_path: Path) -> None:
    with running_mail_server(tmp_path / "gone") as gone:
        port = gone.port
    for event in ("e1", "e2"):
        setting.outbox.post(event, mail_to("ada@example.org", event=event))
    first, second = setting.outbox.deliver(sender_to(port))
    assert first.state == second.state == "delayed"
    assert "ConnectionRefusedError" in first.detail
    assert second.detail.startswith("not tried: ConnectionRefusedError")
    setting.clock.now += 31
    with running_mail_server(tmp_path / "mails", port) as server:
        assert [d.state for d in setting.outbox.deliver(sender_to(port))] == ["sent", "sent"]
        assert [mail["Subject"] for mail in server.mails()] == ["0.981 ≥ 0.970 of e1", "0.981 ≥ 0.970 of e2"]


def test_a_failed_mail_waits_longer_each_time(setting: Setting) -> None:
    def away(_message: EmailMessage) -> None:
        raise smtplib.SMTPServerDisconnected("gone")

    setting.outbox.post("e1", mail_to("ada@example.org"))
    waits = []
    for _ in range(8):
        setting.outbox.deliver(away, now=True)
        (delivery,) = setting.outbox.deliver(away)
        waits.append(int(delivery.detail.rpartition("next in ")[2].removesuffix(" s")))
    assert waits == [30, 60, 120, 240, 480, 900, 900, 900]
    assert setting.outbox.status("e1") == Delivery("e1", "delayed", "SMTPServerDisconnected: gone")


def test_a_refused_mail_is_kept_with_its_reason_and_not_tried_again(setting: Setting, tmp_path: Path) -> None:
    with running_mail_server(tmp_path / "mails", refuse=lambda to: f"550 no mailbox {to}") as server:
        setting.outbox.post("e1", mail_to("gone@example.org"))
        (delivery,) = setting.outbox.deliver(sender_to(server.port))
        assert delivery.state == "refused"
        assert "gone@example.org: 550 no mailbox gone@example.org" in delivery.detail
        assert setting.outbox.deliver(sender_to(server.port), now=True) == []
        assert not setting.outbox.post("e1", mail_to("gone@example.org"))
    assert setting.places() == {"pending": 0, "sent": 0, "refused": 1}
    assert setting.outbox.status("e1") == delivery
    (kept,) = (setting.folder / "refused").iterdir()
    assert b"gone@example.org" in (kept / "message.eml").read_bytes()


def test_a_refused_mail_moved_back_by_hand_is_tried_again(setting: Setting, tmp_path: Path) -> None:
    with running_mail_server(tmp_path / "no", refuse=lambda _to: "550 no") as server:
        setting.outbox.post("e1", mail_to("ada@example.org"))
        setting.outbox.deliver(sender_to(server.port))
    (kept,) = (setting.folder / "refused").iterdir()
    kept.rename(setting.folder / "pending" / kept.name)
    with running_mail_server(tmp_path / "mails") as server:
        assert [d.state for d in setting.outbox.deliver(sender_to(server.port), now=True)] == ["sent"]


def test_only_who_was_put_off_is_written_to_again(setting: Setting, tmp_path: Path) -> None:
    answers = {"slow@example.org": "451 greylisted, try later"}
    with running_mail_server(tmp_path / "mails", refuse=answers.get) as server:
        send = sender_to(server.port)
        setting.outbox.post("e1", mail_to("ada@example.org", "slow@example.org"))
        assert setting.outbox.deliver(send) == [
            Delivery("e1", "delayed", "slow@example.org: 451 greylisted, try later")
        ]
        answers.clear()
        assert [d.state for d in setting.outbox.deliver(send, now=True)] == ["sent"]
        first, second = server.mails()
    assert (first["Delivered-To"], second["Delivered-To"]) == ("ada@example.org", "slow@example.org")
    assert first["Message-ID"] == second["Message-ID"]


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (smtplib.SMTPConnectError(421, b"busy"), "delayed"),
        (smtplib.SMTPHeloError(550, b"go away"), "delayed"),
        (smtplib.SMTPAuthenticationError(535, b"wrong password"), "delayed"),
        (smtplib.SMTPSenderRefused(530, b"log in first", "cnn@example.org"), "delayed"),
        (smtplib.SMTPSenderRefused(552, b"too large", "cnn@example.org"), "refused"),
        (smtplib.SMTPDataError(451, b"disk full"), "delayed"),
        (smtplib.SMTPDataError(554, b"looks like spam"), "refused"),
        (smtplib.SMTPRecipientsRefused({"a@e.org": (450, b"busy")}), "delayed"),
        (smtplib.SMTPRecipientsRefused({"a@e.org": (450, b"busy"), "b@e.org": (550, b"no")}), "delayed"),
        (smtplib.SMTPNotSupportedError("no SMTPUTF8"), "delayed"),
        (TimeoutError("timed out"), "delayed"),
        (UnicodeEncodeError("ascii", "ü", 0, 1, "not ASCII"), "refused"),
    ],
)
def test_only_what_no_later_try_can_mend_is_refused(setting: Setting, error: Exception, state: str) -> None:
    def fail(_message: EmailMessage) -> None:
        raise error

    setting.outbox.post("e1", mail_to("ada@example.org"))
    assert [d.state for d in setting.outbox.deliver(fail)] == [state]


def test_after_five_days_of_delays_a_mail_is_given_up(setting: Setting) -> None:
    def away(_message: EmailMessage) -> None:
        raise TimeoutError("timed out")

    setting.outbox.post("e1", mail_to("ada@example.org"))
    setting.clock.now += 5 * 86_400
    assert [d.state for d in setting.outbox.deliver(away)] == ["delayed"]
    setting.clock.now += 1000
    (delivery,) = setting.outbox.deliver(away)
    assert delivery.state == "refused"
    assert "given up after 2 attempts in 5 days, last: TimeoutError: timed out" in delivery.detail


def test_a_defect_of_the_sender_is_raised_and_blocks_no_other_mail(setting: Setting, tmp_path: Path) -> None:
    def broken(_message: EmailMessage) -> None:
        raise KeyError("host")

    setting.outbox.post("e1", mail_to("ada@example.org"))
    setting.clock.now += 1
    setting.outbox.post("e2", mail_to("ada@example.org", event="e2"))
    with pytest.raises(KeyError, match="host"):
        setting.outbox.deliver(broken)
    with running_mail_server(tmp_path / "mails") as server:
        states = {d.event_id: d.state for d in setting.outbox.deliver(sender_to(server.port))}
        assert states == {"e1": "delayed", "e2": "sent"}
        assert [d.state for d in setting.outbox.deliver(sender_to(server.port), now=True)] == ["sent"]


def test_a_damaged_mail_is_named_with_its_remedy(setting: Setting) -> None:
    setting.outbox.post("e1", mail_to("ada@example.org"))
    (stored,) = (setting.folder / "pending").iterdir()
    (stored / "state.json").write_text("{")
    with pytest.raises(DamagedMail, match=r"state\.json can't be read .*; move .* out of the outbox"):
        setting.outbox.deliver(lambda _message: None)
