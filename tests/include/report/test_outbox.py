"""The outbox against a real SMTP server: one mail each, never two, none lost."""

import smtplib
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from textwrap import dedent
from threading import Thread

import pytest

from include.report import Delivery, Outbox, message_id
from include.report._stored_mail import DamagedMail
from ops.mail_server import MailServer, running_mail_server

SENDER = "better-cnn <cnn@example.org>"


class Clock:
    """A clock that stands still until it is set."""

    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Setting:
    """An outbox whose time is in the test's hands."""

    outbox: Outbox
    folder: Path
    clock: Clock

    def places(self) -> dict[str, int]:
        """How many mails lie where."""
        return {name: len(list((self.folder / name).iterdir())) for name in ("pending", "sent", "refused")}


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    """An empty outbox."""
    clock = Clock()
    return Setting(Outbox(tmp_path / "outbox", clock), tmp_path / "outbox", clock)


def mail_to(*to: str, event: str = "e1") -> EmailMessage:
    """A small mail with an attachment."""
    message = EmailMessage()
    message["Subject"] = f"0.981 ≥ 0.970 of {event}"
    message["From"] = SENDER
    message["To"] = ", ".join(to)
    message["Message-ID"] = message_id(event, SENDER)
    message.set_content("Grüße")
    message.add_attachment(
        b"\x00\xff\r\n.\r\nx", maintype="application", subtype="octet-stream", filename="x"
    )
    return message


def sender_to(port: int) -> Callable[[EmailMessage], dict[str, tuple[int, bytes]]]:
    """What an Airflow task does: a new connection for each mail."""

    def send(message: EmailMessage) -> dict[str, tuple[int, bytes]]:
        with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
            return client.send_message(message)

    return send


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


def test_one_refused_recipient_keeps_the_mail_from_nobody_else(setting: Setting, tmp_path: Path) -> None:
    refuse = {"gone@example.org": "550 no mailbox"}.get
    with running_mail_server(tmp_path / "mails", refuse=refuse) as server:
        setting.outbox.post("e1", mail_to("ada@example.org", "gone@example.org"))
        (delivery,) = setting.outbox.deliver(sender_to(server.port))
        assert delivery == Delivery("e1", "sent", "sent, but not to gone@example.org: 550 no mailbox")
        assert len(server.mails()) == 1


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


def test_a_mail_is_sent_by_one_of_two_at_a_time(setting: Setting) -> None:
    setting.outbox.post("e1", mail_to("ada@example.org"))
    seen: list[list[Delivery]] = []

    def visit() -> None:
        seen.append(Outbox(setting.folder).deliver(lambda _message: None, now=True))

    def send(_message: EmailMessage) -> None:
        # While this one sends, another comes by; it must leave the mail alone.
        other = Thread(target=visit)
        other.start()
        other.join()

    assert [d.state for d in setting.outbox.deliver(send)] == ["sent"]
    assert seen == [[]]


_SEND_ALL = dedent("""
    import smtplib, sys
    from pathlib import Path
    from include.report import Outbox
    def send(message):
        with smtplib.SMTP("127.0.0.1", int(sys.argv[2]), timeout=20) as client:
            return client.send_message(message)
    outbox = Outbox(Path(sys.argv[1]))
    print("ready", flush=True)
    sys.stdin.readline()
    outbox.deliver(send)
""")


def test_of_many_processes_only_one_sends_each_mail(setting: Setting, tmp_path: Path) -> None:
    events = [f"event {n}" for n in range(12)]
    for event in events:
        setting.outbox.post(event, mail_to("ada@example.org", event=event))
    with running_mail_server(tmp_path / "mails") as server:
        arguments = [sys.executable, "-c", _SEND_ALL, str(setting.folder), str(server.port)]
        pipe = subprocess.PIPE
        processes = [subprocess.Popen(arguments, stdin=pipe, stdout=pipe, text=True) for _ in range(3)]
        for process in processes:
            assert process.stdout is not None
            process.stdout.readline()
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        assert [process.communicate(timeout=60) and process.returncode for process in processes] == [0, 0, 0]
        assert sorted(_ids(server)) == sorted(message_id(event, SENDER) for event in events)
    assert setting.places() == {"pending": 0, "sent": 12, "refused": 0}


_DIE = dedent("""
    import os, smtplib, sys
    from pathlib import Path
    from include.report import Outbox
    def send(message):
        if sys.argv[3] == "after":
            with smtplib.SMTP("127.0.0.1", int(sys.argv[2]), timeout=20) as client:
                client.send_message(message)
        os.kill(os.getpid(), 9)
    Outbox(Path(sys.argv[1])).deliver(send)
""")


@pytest.mark.parametrize(("dies", "copies"), [("before", 1), ("after", 2)])
def test_a_process_killed_while_sending_leaves_the_mail_to_the_next(
    setting: Setting, tmp_path: Path, dies: str, copies: int
) -> None:
    setting.outbox.post("e1", mail_to("ada@example.org"))
    with running_mail_server(tmp_path / "mails") as server:
        arguments = [sys.executable, "-c", _DIE, str(setting.folder), str(server.port), dies]
        assert subprocess.run(arguments, check=False, timeout=60).returncode == -9
        assert setting.outbox.status("e1") == Delivery("e1", "delayed", "sending was begun")
        assert [d.state for d in setting.outbox.deliver(sender_to(server.port), now=True)] == ["sent"]
        # Where the server took it before the death, the Message-ID tells mailboxes that it is the same mail.
        assert _ids(server) == [message_id("e1", SENDER)] * copies


def _ids(server: MailServer) -> list[str]:
    return [str(mail["Message-ID"]) for mail in server.mails()]


def test_a_process_killed_while_posting_leaves_nothing_half_done(setting: Setting) -> None:
    program = dedent("""
        import os, sys
        from email.message import EmailMessage
        from pathlib import Path
        from include.report import Outbox, _stored_mail
        _stored_mail.StoredMail.write_state = lambda *_: os.kill(os.getpid(), 9)
        Outbox(Path(sys.argv[1])).post("e1", EmailMessage())
    """)
    process = subprocess.run([sys.executable, "-c", program, str(setting.folder)], check=False, timeout=60)
    assert process.returncode == -9
    assert setting.outbox.deliver(lambda _message: None) == []
    assert setting.outbox.post("e1", mail_to("ada@example.org"))


def test_nobody_else_on_the_machine_reads_the_outbox(setting: Setting) -> None:
    setting.outbox.post("e1", mail_to("ada@example.org"))
    (stored,) = (setting.folder / "pending").iterdir()
    assert stored.stat().st_mode & 0o077 == 0
