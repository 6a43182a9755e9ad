"""The SMTP server that a person or a test runs."""

import signal
import smtplib
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest

from ops.mail_server import PortTakenError, command, running_mail_server


def mail_of(subject: str) -> EmailMessage:
    """A small mail."""
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = "cnn@example.org"
    message["To"] = "ada@example.org"
    message.set_content("body")
    return message


def send(port: int, subject: str) -> None:
    """Hand one mail over."""
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        client.send_message(mail_of(subject))


@contextmanager
def started(folder: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The server as a process of its own, listening."""
    process = subprocess.Popen(command(0, folder), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        greeting = process.stdout.readline()
        assert f"mails go to {folder}" in greeting
        yield process, int(greeting.partition(",")[0].rpartition(":")[2])
    finally:
        process.kill()
        process.communicate()


def test_every_mail_becomes_a_file_named_after_its_subject(tmp_path: Path) -> None:
    with running_mail_server(tmp_path) as server:
        send(server.port, "0.981 ≥ 0.970 after 6 trials · admin/mnist@abc1234")
        send(server.port, "../../etc/passwd")
        send(server.port, "")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "0001-0-981-0-970-after-6-trials-admin-mnist-abc1234.eml",
        "0002-etc-passwd.eml",
        "0003-no-subject.eml",
    ]


def test_numbers_go_on_where_an_earlier_server_stopped(tmp_path: Path) -> None:
    (tmp_path / "0041-old.eml").touch()
    (tmp_path / "notes.txt").touch()
    with running_mail_server(tmp_path) as server:
        send(server.port, "new")
        assert [path.name for path in server.folder.mails()] == ["0041-old.eml", "0042-new.eml"]


def test_a_file_says_who_it_was_for(tmp_path: Path) -> None:
    with running_mail_server(tmp_path) as server:
        with smtplib.SMTP("127.0.0.1", server.port, timeout=20) as client:
            client.send_message(mail_of("x"), to_addrs=["a@example.org", "b@example.org"])
        (mail,) = server.mails()
    assert mail.get_all("Delivered-To") == ["a@example.org", "b@example.org"]
    assert mail["To"] == "ada@example.org"


def test_a_recipient_can_be_refused(tmp_path: Path) -> None:
    with running_mail_server(tmp_path, refuse=lambda address: f"550 no {address}") as server:
        with pytest.raises(smtplib.SMTPRecipientsRefused, match=r"no ada@example\.org"):
            send(server.port, "x")
        assert server.mails() == []


def test_a_port_that_is_taken_is_named_with_its_remedy(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        refused = pytest.raises(PortTakenError, match=rf"127\.0\.0\.1:{port}.*Stop the program")
        with refused, running_mail_server(tmp_path, port):
            pass
        done = subprocess.run(
            command(port, tmp_path), capture_output=True, text=True, check=False, timeout=60
        )
    assert done.returncode == 1
    assert "Stop the program that listens there" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_process_takes_mail_says_so_and_stops_when_asked(tmp_path: Path, number: signal.Signals) -> None:
    with started(tmp_path) as (process, port), smtplib.SMTP("127.0.0.1", port, timeout=20) as idle:
        idle.ehlo()  # somebody who stays connected keeps nobody from stopping
        send(port, "hello")
        process.send_signal(number)
        output, _ = process.communicate(timeout=30)
        idle.close()
    assert process.returncode == 0
    assert output.splitlines() == ["0001-hello.eml for ada@example.org", "mail server stopped"]


def test_the_port_is_free_again_after_the_server_stopped(tmp_path: Path) -> None:
    with running_mail_server(tmp_path) as server:
        send(server.port, "one")
        idle = smtplib.SMTP("127.0.0.1", server.port, timeout=20)
    with running_mail_server(tmp_path, server.port) as again:
        send(again.port, "two")
    idle.close()
    assert len(list(tmp_path.iterdir())) == 2
