"""Secrets of the watched repositories' connections, as Airflow's server knows them."""

import time

from airflow.models.connection import Connection
from airflow.sdk.exceptions import AirflowNotFoundException

from include.repositories import load_repositories
from include.settings import Settings
from include.webhook import Sources

_SECRET = "webhook_secret"  # noqa: S105  # the name of a key, in a connection's extra
_SECONDS = 5.0


class RecentSources:
    """Reads configuration and connections, at most every 5 s: strangers must not make the server work."""

    def __init__(self) -> None:
        self._read_at = float("-inf")
        self._sources = Sources({}, ())

    def __call__(self) -> Sources:
        """What is configured now, give or take 5 s."""
        if time.monotonic() - self._read_at > _SECONDS:
            self._sources = read_sources()
            self._read_at = time.monotonic()
        return self._sources


def read_sources() -> Sources:
    """The watched repositories, and the secret of each of their connections that has one."""
    repositories = load_repositories(Settings.from_environment().repositories_file).repositories
    secrets = {name: _secret(name) for name in {repository.connection for repository in repositories}}
    return Sources({name: secret for name, secret in secrets.items() if secret}, repositories)


def _secret(connection: str) -> str:
    try:
        found = Connection.get_connection_from_secrets(connection)
    except AirflowNotFoundException:
        return ""
    secret = found.extra_dejson.get(_SECRET)
    return secret if isinstance(secret, str) else ""
