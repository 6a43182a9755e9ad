"""The operator's connections: a private file of NAME=value lines, read by us and never by a shell."""

from __future__ import annotations

import re
from pathlib import Path

from ops.errors import OpsError
from ops.secrets import ensure_secrets, write_once

TEMPLATE = """\
# Connections and settings of this installation, one NAME=value per line; quotes around a value are dropped,
# nothing is expanded. Only this user can read the file. After a change: make down up
#
# GitHub, with a token that may read code and write commit comments, statuses and pull requests:
# AIRFLOW_CONN_GITHUB_DEFAULT='{"conn_type": "github", "password": "<token>"}'
# GitHub Enterprise: add  "host": "https://github.example.com/api/v3"
#
# The SMTP server that carries the mails:
# AIRFLOW_CONN_SMTP_DEFAULT='{"conn_type": "smtp", "host": "smtp.example.com", "port": 587, "login": "<user>",
#   "password": "<password>", "extra": {"disable_ssl": true, "from_email": "better-cnn <cnn@example.com>"}}'
#   (on one line)
#
# How many trainings may run at once (1 unless set):
# CNN_TRAINING_SLOTS=1
#
# Any Airflow setting, for example another database:
# AIRFLOW__DATABASE__SQL_ALCHEMY_CONN='postgresql+psycopg2://<user>:<password>@<host>/<database>'
#
# Connections made in the web UI (Admin, Connections) work as well; the ones here win.
"""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class UnreadableConnectionsError(OpsError):
    """A line of the connections file is no NAME=value."""


def connections_file(var_dir: Path) -> Path:
    """Where an installation's connections are; made with an explanation in it on first use, mode 0600."""
    path = ensure_secrets(var_dir).folder / "connections.env"
    write_once(path, TEMPLATE)
    return path


def load_connections(path: Path) -> dict[str, str]:
    """Read the connections file.

    Args:
        path: A file of NAME=value lines, blank lines and comments.

    Returns:
        Name → value, without the quotes around it.

    Raises:
        UnreadableConnectionsError: Names file and line, never the value.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.removeprefix("export ").partition("=")
        name, value = name.strip(), value.strip()
        if not equals or not _NAME.fullmatch(name):
            raise UnreadableConnectionsError(
                f"{path}, line {number} is not NAME=value",
                "Put one variable on each line; a comment begins with #",
            )
        found[name] = _unquoted(value, path, number)
    return found


def _unquoted(value: str, path: Path, number: int) -> str:
    quote = value[:1]
    if quote not in ("'", '"'):
        return value
    if len(value) < 2 or value[-1] != quote:
        raise UnreadableConnectionsError(
            f"{path}, line {number} begins with {quote} and does not end with it",
            "Close the quotes on the same line",
        )
    return value[1:-1]
