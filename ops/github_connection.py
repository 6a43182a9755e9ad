"""The GitHub client of a person's own command, from the connection that Airflow uses too."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from include.source import client_for
from ops.errors import OpsError

if TYPE_CHECKING:
    from github import Github
    from github.Auth import Auth

PUBLIC_API = "https://api.github.com"


class ConnectionMissing(OpsError):
    """No credentials for GitHub, or ones that can't be read."""


@dataclass(frozen=True)
class _Credentials:
    token: str | None
    host: str | None
    extra: Mapping[str, object]


def client_of(connection: str, environment: Mapping[str, str] = os.environ) -> Github:
    """Return a client with the credentials of an Airflow connection, or of GITHUB_TOKEN.

    Args:
        connection: The connection's id; read from AIRFLOW_CONN_<ID> as JSON or as a URI.
        environment: Where to look. GITHUB_API_URL is the address that goes with GITHUB_TOKEN.

    Raises:
        ConnectionMissing: neither is there, or what is there can't be read.
    """
    from github.Auth import Token

    variable = variable_of(connection)
    if text := environment.get(variable):
        found = _read(variable, text)
        return client_for(_auth(variable, found), found.host or PUBLIC_API)
    if token := environment.get("GITHUB_TOKEN"):
        return client_for(Token(token), environment.get("GITHUB_API_URL", PUBLIC_API))
    raise ConnectionMissing(
        f"There are no credentials for GitHub: neither {variable} nor GITHUB_TOKEN is set",
        f'Put {variable}=\'{{"conn_type": "github", "password": "<token>"}}\' into '
        "var/secrets/connections.env or the environment, or set GITHUB_TOKEN=<token>",
    )


def variable_of(connection: str) -> str:
    """Name the variable in which Airflow looks for a connection."""
    return f"AIRFLOW_CONN_{connection.upper()}"


def _auth(variable: str, found: _Credentials) -> Auth:
    """As the provider's hook reads them; importing that one would have Airflow set itself up in ~/airflow."""
    from github.Auth import AppAuth, Token

    if found.token:
        return Token(found.token)
    extra = found.extra
    try:
        key = extra.get("private_key") or Path(str(extra["key_path"])).read_text(encoding="utf-8")
        installation = int(str(extra["installation_id"]))
        return AppAuth(str(extra["app_id"]), str(key)).get_installation_auth(installation)
    except (KeyError, ValueError, OSError) as error:
        raise ConnectionMissing(
            f"{variable} has neither a token nor all of a GitHub App ({error})",
            'Give it a "password", or app_id, installation_id and private_key (or key_path) in its "extra"',
        ) from error


def _read(variable: str, text: str) -> _Credentials:
    try:
        return _from_json(text) if text.lstrip().startswith("{") else _from_uri(text)
    except (ValueError, AttributeError) as error:
        raise ConnectionMissing(
            f"{variable} is neither a connection's JSON nor its URI ({type(error).__name__})",
            'Write it as {"conn_type": "github", "password": "<token>", "host": "<API address>"}',
        ) from error


def _from_json(text: str) -> _Credentials:
    document = json.loads(text)
    extra = document.get("extra") or {}
    extra = json.loads(extra) if isinstance(extra, str) else extra
    return _Credentials(document.get("password"), document.get("host"), extra)


def _from_uri(text: str) -> _Credentials:
    parts = urlsplit(text)
    if not parts.scheme:
        raise ValueError("no scheme")
    location = parts.netloc.rpartition("@")[2]
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    extra = json.loads(query["__extra__"]) if "__extra__" in query else query
    return _Credentials(unquote(parts.password) if parts.password else None, unquote(location) or None, extra)
