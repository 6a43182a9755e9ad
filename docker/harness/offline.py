"""What a script sends when there is no network is lost, and not its training.

Many a script mails its accuracy itself. Where no server can be reached, `smtplib` says so in the log and goes
on as if the mail were sent; any other connection that fails ends the script, but what it had measured counts.
"""

from __future__ import annotations

import errno
import functools
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

_MOST_BYTES = 1_000_000
_NO_NETWORK = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN)
_TEXT = b"not sent: there is no network"
_OK, _BYE = (250, _TEXT), (221, _TEXT)


def is_lost_connection(error: BaseException) -> bool:
    """Say whether an error, or one that it came from, is that there is no network."""
    return any(
        isinstance(one, socket.gaierror) or (isinstance(one, OSError) and one.errno in _NO_NETWORK)
        for one in _chain(error)
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [one.__cause__, one.__context__]


def let_mails_be_lost(script: Path, say: Callable[[str], None]) -> None:
    """Let a script that sends mails go on without a network.

    Args:
        script: The training script; its neighbours are what it may import.
        say: Prints a line.
    """
    if mentions(script, b"smtplib"):  # importing it costs time
        import smtplib

        _teach(smtplib.SMTP, say)


def mentions(script: Path, *words: bytes) -> bool:
    """Say whether a script, or a Python file beside it, has all these words in it.

    Args:
        script: The training script.
        words: What is looked for.
    """
    return any(all(word in text for word in words) for text in map(_text, script.parent.glob("*.py")))


def _text(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(_MOST_BYTES)
    except OSError:
        return b""


def _teach(client: Any, say: Callable[[str], None]) -> None:
    """Have a client that could not connect answer as a server would that takes everything."""
    connect = client.connect

    @functools.wraps(connect)
    def connecting(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return connect(self, *args, **kwargs)
        except OSError as error:
            if not is_lost_connection(error):
                raise
            say(f"no mail is sent, because there is no network: {error}")
            self.has_no_network = True
            return 220, _TEXT

    client.connect = connecting
    said = dict.fromkeys(("ehlo", "helo", "ehlo_or_helo_if_needed", "starttls", "login", "noop"), _OK)
    left = {"quit": _BYE, "docmd": _BYE}  # a client that is left says QUIT by itself
    for name, answer in {**said, **left, "sendmail": {}, "send_message": {}}.items():
        setattr(client, name, _answering(getattr(client, name), answer))


def _answering(original: Callable[..., Any], answer: Any) -> Callable[..., Any]:
    @functools.wraps(original)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return answer if getattr(self, "has_no_network", False) else original(self, *args, **kwargs)

    return method
