"""A way to the GitHub emulator that checks every request against GitHub's description, and adds to it.

What it adds are commit statuses, and the activity of branches that were pushed to by this way.

`python -m tests.include.feedback.gateway PORT UPSTREAM` runs one in the foreground.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import threading
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

from github import Github
from github.Auth import Token

from include.source import client_for
from tests.include.feedback.openapi import answer_complaints, complaints

_NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Reply:
    """An answer."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """What was asked."""

    verb: str
    path: str
    query: Mapping[str, str]
    body: Any
    headers: Mapping[str, str]
    raw: bytes
    target: str

    def __str__(self) -> str:
        return f"{self.verb} {self.path}"


Interfere = Callable[[Request], Reply | Literal["lose"] | None]


class Gateway:
    """Stands before an emulator.

    Args:
        port: Where it listens.
        upstream: The emulator's address.
    """

    def __init__(self, port: int, upstream: str) -> None:
        self.base_url = f"http://localhost:{port}"
        self.upstream = upstream
        self.complaints: list[str] = []
        self.requests: list[Request] = []
        self.statuses: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.activities: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.interfere: Interfere = lambda request: None
        self._lock = threading.Lock()

    def client(self, token: str) -> Github:
        """A client that asks this gateway."""
        return client_for(Token(token), self.base_url, timeout=30)

    def writes(self) -> list[str]:
        """What was asked to be changed, in its order."""
        return [str(request) for request in self.requests if request.verb != "GET"]

    def answer(self, request: Request) -> Reply | Literal["lose"]:
        """Check, then answer or pass on; `lose` stands for a done request whose answer is lost."""
        with self._lock:
            self.requests.append(request)
            self.complaints += complaints(request.verb, request.path, request.query, request.body)
        meddled = self.interfere(request)
        if isinstance(meddled, Reply):
            return meddled
        reply = self._own(request) or self._pass_on(request)
        self._note_push(request, reply)
        return "lose" if meddled == "lose" else reply

    def _own(self, request: Request) -> Reply | None:
        parts = request.path.strip("/").split("/")
        if request.verb == "POST" and len(parts) == 5 and parts[3] == "statuses":
            return self._made(request, self._add_status(parts[4], request.body))
        if request.verb == "GET" and len(parts) == 6 and parts[5] == "statuses":
            return self._made(request, self.statuses[parts[4]][::-1][:100], 200)
        if request.verb == "GET" and len(parts) == 4 and parts[3] == "activity":
            found = [a for a in self.activities["/".join(parts[1:3])] if a["ref"] == request.query["ref"]]
            return self._made(request, found[::-1][: int(request.query["per_page"])], 200)
        return None

    def _note_push(self, request: Request, reply: Reply) -> None:
        """Remember that a branch was made or moved."""
        parts = request.path.strip("/").split("/", 5)
        if request.verb not in ("POST", "PATCH") or parts[3:5] != ["git", "refs"] or reply.status >= 300:
            return
        activities = self.activities["/".join(parts[1:3])]
        ref, sha = reply.body["ref"], reply.body["object"]["sha"]
        before = [activity["after"] for activity in activities if activity["ref"] == ref]
        activity = {
            "id": len(activities) + 1,
            "node_id": "UFVTSA",
            "before": before[-1] if before else "0" * 40,
            "after": sha,
            "ref": ref,
            "timestamp": datetime.now(UTC).isoformat(),
            "activity_type": "push" if before else "branch_creation",
            "actor": None,
        }
        activities.append(activity)

    def _made(self, request: Request, body: Any, status: int = 201) -> Reply:
        self.complaints += answer_complaints(request.verb, request.path, status, body)
        return Reply(status, body)

    def _add_status(self, sha: str, body: Mapping[str, Any]) -> dict[str, Any]:
        number = len(self.statuses[sha]) + 1
        url = f"{self.base_url}/statuses/{number}"
        status = {
            "url": url,
            "avatar_url": None,
            "id": number,
            "node_id": "U3RhdHVz",
            "state": body["state"],
            "description": body.get("description"),
            "target_url": body.get("target_url"),
            "context": body.get("context", "default"),
            "created_at": "2026-11-23T10:00:00Z",
            "updated_at": "2026-11-23T10:00:00Z",
            "creator": None,
        }
        self.statuses[sha].append(status)
        return status

    def _pass_on(self, request: Request) -> Reply:
        passed = {
            name: value
            for name, value in request.headers.items()
            if name.lower() not in ("host", "content-length", "accept-encoding", "connection")
        }
        outgoing = urllib.request.Request(
            self.upstream + request.target, data=request.raw or None, headers=passed, method=request.verb
        )
        try:
            with _NO_PROXY.open(outgoing, timeout=30) as answer:
                return Reply(answer.status, _json(answer.read()), dict(answer.headers))
        except urllib.error.HTTPError as error:
            return Reply(error.code, _json(error.read()), dict(error.headers))


def _json(data: bytes) -> Any:
    return json.loads(data) if data else None


def _handler(gateway: Callable[[], Gateway]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            query = dict(parse_qsl(url.query))
            reply = gateway().answer(
                Request(self.command, url.path, query, _json(raw), dict(self.headers), raw, self.path)
            )
            if reply == "lose":
                self.close_connection = True
                return
            assert isinstance(reply, Reply)
            body = b"" if reply.body is None else json.dumps(reply.body).encode()
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                if name.lower().startswith(("x-", "etag", "link", "retry")):
                    self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # the names http.server calls

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    return Handler


@contextlib.contextmanager
def running_gateway(upstream: str, port: int = 0) -> Iterator[Gateway]:
    """Run a gateway to an emulator until the block ends."""
    holder: list[Gateway] = []
    server = ThreadingHTTPServer(("127.0.0.1", port), _handler(lambda: holder[0]))
    server.daemon_threads = True
    holder.append(Gateway(server.server_address[1], upstream))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield holder[0]
    finally:
        server.shutdown()
        server.server_close()


def main() -> None:
    """Run one in the foreground; each request and complaint is a line of its output."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("upstream")
    arguments = parser.parse_args()
    with running_gateway(arguments.upstream, arguments.port) as gateway:
        seen = told = 0
        stop = threading.Event()
        while not stop.wait(0.2):
            for request in gateway.requests[seen:]:
                sys.stdout.write(f"{request}\n")
            for complaint in gateway.complaints[told:]:
                sys.stdout.write(f"COMPLAINT {complaint}\n")
            seen, told = len(gateway.requests), len(gateway.complaints)
            sys.stdout.flush()


if __name__ == "__main__":
    main()
