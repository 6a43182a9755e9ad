"""Answers Airflow's question for logs of running tasks: there is nothing beyond the files it reads itself.

For a running or deferred task the api-server asks the task's machine over HTTP besides reading the log
folder, and shows an error in the task's log where nobody answers. Airflow's own log servers would be two more
processes of 130 MB that listen on every interface; on one machine the files are all there is.
`python -m ops.task_logs <port>`.
"""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _NothingMore(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet: the web UI asks every second."""


def main() -> None:
    """Serve until stopped."""
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), _NothingMore).serve_forever()


def loopback() -> str:
    """The name under which components of one machine find each other (`[core] hostname_callable`)."""
    return "127.0.0.1"


if __name__ == "__main__":
    main()
