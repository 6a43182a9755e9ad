"""An SMTP server for one machine: takes every mail and puts it into a folder, one `.eml` file each.

    python -m ops.mail_server --port 8025 --folder var/mails

Files are named `<number>-<subject>.eml` and appear in one step, complete. Nothing is ever sent on.
"""

import argparse
import asyncio
import contextlib
import re
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as MAIL
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from ops.errors import OpsError

HOST = "127.0.0.1"
Refuse = Callable[[str], str | None]


class PortTakenError(OpsError):
    """The mail server's port is used by another program."""


class MailFolder:
    """Writes mails into a folder, numbered in the order of their arrival.

    Args:
        folder: Made when it is missing.
        refuse: Asked for each recipient; an SMTP answer such as `550 no such user` refuses it.
        announce: Told of each mail.
    """

    def __init__(
        self,
        folder: Path,
        refuse: Refuse = lambda _address: None,
        announce: Callable[[str], None] = lambda _line: None,
    ) -> None:
        self.folder = folder
        self._refuse = refuse
        self._announce = announce
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient, unless it is to be refused."""
        refusal = self._refuse(address)
        if refusal is not None:
            return refusal
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Write a mail down before its sender is told that it was taken."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        # As mail servers do it: who it was for, whatever its headers say.
        delivered = "".join(f"Delivered-To: {address}\r\n" for address in envelope.rcpt_tos)
        path = self._write(delivered.encode("utf-8") + content, _slug(content))
        self._announce(f"{path.name} for {', '.join(envelope.rcpt_tos)}")
        return "250 taken"

    def mails(self) -> list[Path]:
        """All mails in the order of their arrival."""
        return sorted(self.folder.glob("[0-9]*-*.eml"), key=_number)

    def _write(self, content: bytes, slug: str) -> Path:
        existing = self.mails()
        path = self.folder / f"{_number(existing[-1]) + 1 if existing else 1:04d}-{slug}.eml"
        with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".", suffix=".new", delete=False) as draft:
            draft.write(content)
        return Path(draft.name).rename(path)


def _number(path: Path) -> int:
    return int(path.name.partition("-")[0])


def _slug(content: bytes) -> str:
    subject = str(message_from_bytes(content, policy=MAIL).get("Subject", ""))
    return re.sub(r"[^a-z0-9]+", "-", subject.lower()).strip("-")[:80] or "no-subject"


@dataclass(frozen=True)
class MailServer:
    """A running server, and what it has taken so far."""

    port: int
    folder: MailFolder

    def mails(self) -> list[EmailMessage]:
        """All mails in the order of their arrival."""
        return [
            message_from_bytes(path.read_bytes(), EmailMessage, policy=MAIL) for path in self.folder.mails()
        ]


def command(port: int, folder: Path) -> tuple[str, ...]:
    """Return the command that runs the server in the foreground, for a supervisor."""
    return (sys.executable, "-m", "ops.mail_server", "--port", str(port), "--folder", str(folder))


@contextlib.contextmanager
def running_mail_server(
    folder: Path, port: int = 0, refuse: Refuse = lambda _address: None
) -> Iterator[MailServer]:
    """Run the server in a thread of this process.

    Args:
        folder: Where the mails go.
        port: Where to listen on 127.0.0.1; 0 takes a free one.
        refuse: Asked for each recipient; an SMTP answer refuses it.

    Raises:
        PortTakenError: Another program listens there.
    """
    mails = MailFolder(folder, refuse)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="mail-server", daemon=True)
    thread.start()
    try:
        server = asyncio.run_coroutine_threadsafe(_listen(port, mails), loop).result()
        try:
            yield MailServer(server.sockets[0].getsockname()[1], mails)
        finally:
            asyncio.run_coroutine_threadsafe(_close(server), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _listen(port: int, mails: MailFolder) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    try:
        return await loop.create_server(lambda: SMTP(mails, hostname="localhost", loop=loop), HOST, port)
    except OSError as error:
        remedy = "Stop the program that listens there, or choose another port"
        raise PortTakenError(f"The mail server can't listen on {HOST}:{port}: {error}", remedy) from error


async def _close(server: asyncio.Server) -> None:
    server.close()
    await server.wait_closed()
    conversations = asyncio.all_tasks() - {asyncio.current_task()}
    for conversation in conversations:
        conversation.cancel()
    await asyncio.gather(*conversations, return_exceptions=True)


async def _serve(port: int, folder: Path) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = await _listen(port, MailFolder(folder, announce=_say))
    _say(f"mail server on {HOST}:{server.sockets[0].getsockname()[1]}, mails go to {folder}")
    await stop.wait()
    await _close(server)
    _say("mail server stopped")


def _say(line: str) -> None:
    print(line, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or Ctrl-C; gives the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m ops.mail_server", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--port", type=int, required=True, help=f"where to listen on {HOST}")
    parser.add_argument("--folder", type=Path, required=True, help="where the mails go")
    options = parser.parse_args(arguments)
    try:
        asyncio.run(_serve(options.port, options.folder))
    except PortTakenError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
