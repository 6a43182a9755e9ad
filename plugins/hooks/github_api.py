"""From an Airflow connection to a GitHub client that never sleeps in a worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk.exceptions import AirflowNotFoundException

from include.source import BadCredentials, client_for

if TYPE_CHECKING:
    from github import Github


def connect(github_conn_id: str) -> Github:
    """Return a client with the connection's credentials: a token or a GitHub App, on any host.

    The provider's hook reads the connection; its own client would sleep through a rate limit.

    Args:
        github_conn_id: The Airflow connection.

    Raises:
        BadCredentials: there is no such connection, or it is incomplete.
    """
    from airflow.providers.github.hooks.github import GithubHook

    try:
        requester = GithubHook(github_conn_id).get_conn().requester
    except (AirflowNotFoundException, ValueError, OSError) as error:
        raise BadCredentials(
            f"The Airflow connection {github_conn_id!r} can't be used for GitHub: {error}. "
            "Create it with a token as its password, or with a GitHub App in its extra."
        ) from error
    return client_for(requester.auth, requester.base_url)
