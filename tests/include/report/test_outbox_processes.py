"""The outbox between processes: one sends, and whoever dies leaves the mail to the next."""

import subprocess
import sys
from email.message import EmailMessage
from pathlib import Path
from textwrap import dedent
from threading import Thread

import pytest

from include.report import Delivery, Outbox, message_id
from ops.mail_server import MailServer, running_mail_server
from tests.include.report.posting import SENDER, Setting, mail_to, sender_to, setting

__all__ = ["setting"]


def test_one_refused_recipient_keeps_the_mail_from_nobody_else(setting: Setting, tmp_path: Path) -> None:
    refuse = {"gone@example.org": "550 no mailbox"}.get
    with running_mail_server(tmp_path / "mails", refuse=refuse) as server:
        setting.outbox.post("e1", mail_to("ada@example.org", "gone@example.org"))
        (delivery,) = setting.outbox.deliver(sender_to(server.port))
        assert delivery == Delivery("e1", "sent", "sent, but not to gone@example.org: 550 no mailbox")
        assert len(server.mails()) == 1


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
