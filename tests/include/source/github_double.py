"""A tiny HTTP server that answers as GitHub does where the emulator can't: ETags, limits, outages."""

from __future__ import annotations

import contextlib
import json
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from github import Github
from github.Auth import Token

from include.source import client_for


@dataclass(frozen=True)
class Reply:
    """One answer: `hang` answers only when the double ends."""

    status: int = 200
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None
    hang: bool = False


@dataclass(frozen=True)
class Request:
    """What was asked."""

    verb: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: Any = None


class GitHubDouble:
    """Answers each path with its replies in turn; the last one stays. Unknown paths are 404."""

    def __init__(self, port: int) -> None:
        self.base_url = f"http://localhost:{port}"
        self.requests: list[Request] = []
        self.released = threading.Event()
        self._replies: dict[str, list[Reply]] = defaultdict(list)

    def client(self, timeout: int = 30) -> Github:
        """Return a client that asks this double."""
        return client_for(Token("t"), self.base_url, timeout=timeout)

    def on(self, path: str, *replies: Reply) -> None:
        """Answer `path`, below the repository o/r, from now on so."""
        self.on_path(f"/repos/o/r/{path}".rstrip("/"), *replies)

    def on_path(self, path: str, *replies: Reply) -> None:
        """Answer `path`, from the root, from now on so."""
        self._replies[path] = list(replies)

    def bodies(self, path: str) -> list[Any]:
        """Return what was sent to `path`, decoded."""
        return [r.body for r in self.requests if r.path == f"/repos/o/r/{path}" and r.verb != "GET"]

    def answer(self, request: Request) -> Reply:
        """Choose the reply and remember the request."""
        self.requests.append(request)
        replies = self._replies.get(request.path, [Reply(404, {"message": "Not Found"})])
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        if reply.hang:
            self.released.wait(30)
        etag = reply.headers.get("ETag")
        unchanged = etag is not None and request.headers.get("If-None-Match") == etag
        return Reply(304, headers=reply.headers) if unchanged else reply


def _handler(double: list[GitHubDouble]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            reply = double[0].answer(
                Request(self.command, url.path, url.query, dict(self.headers), self._body())
            )
            text = reply.text if reply.text is not None else json.dumps(reply.body)
            body = b"" if reply.status == 304 else text.encode()
            with contextlib.suppress(ConnectionError):  # the client of a hanging reply has gone
                self.send_response(reply.status)
                for name, value in {**reply.headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

        do_POST = do_PUT = do_PATCH = do_GET  # the names http.server calls

        def _body(self) -> Any:
            data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            return json.loads(data) if data else None

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    return Handler


@contextlib.contextmanager
def running_double() -> Iterator[GitHubDouble]:
    """Run a double until the block ends."""
    holder: list[GitHubDouble] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(holder))
    holder.append(GitHubDouble(server.server_address[1]))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield holder[0]
    finally:
        holder[0].released.set()
        server.shutdown()
        server.server_close()
