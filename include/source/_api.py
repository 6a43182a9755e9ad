"""One request to GitHub over an injected PyGithub client, and every failure as one of our exceptions.

PyGithub brings authentication (tokens, GitHub Apps and their hourly renewal), TLS and connection reuse.
Its object layer is left aside: it costs requests that a poll does not need, and hides status 304.
It is imported where it is used: 0.8 s is too much for a DAG file that only names these functions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from include.source._failures import failure_of, unreachable
from include.source._names import check_repository
from include.source.errors import BadCredentials, GitHubUnavailable, UnexpectedAnswer, WrongAddress

if TYPE_CHECKING:
    from github import Github
    from github.Auth import Auth

TIMEOUT_SECONDS = 15
Json: TypeAlias = Any  # decoded JSON: whatever the server sent; `text_at` reads it with care


@dataclass(frozen=True)
class Answer:
    """What GitHub answered.

    Args:
        status: HTTP status below 400.
        headers: Names in lower case.
        data: The decoded JSON; None when there is none (204, 304).
    """

    status: int
    headers: Mapping[str, str]
    data: Json


def client_for(auth: Auth | None, base_url: str, timeout: int = TIMEOUT_SECONDS) -> Github:
    """Build a client that never sleeps: no retries, no pauses between requests, a time-out for each.

    Args:
        auth: PyGithub's authentication; None for anonymous.
        base_url: The API's address, for example `https://ghe.example/api/v3`.
        timeout: Seconds to wait for a connection, and for each answer.
    """
    from github import Github

    return Github(
        auth=auth,
        base_url=base_url.rstrip("/"),
        timeout=timeout,
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
    )


class Api:
    """The requests about one repository.

    Args:
        client: Whose credentials and address to use.
        repository: Full name, `owner/repo`.

    Raises:
        InvalidName: when `repository` can't be one.
    """

    def __init__(self, client: Github, repository: str) -> None:
        self.client = client
        self.repository = check_repository(repository)
        self.requests = 0

    def get(
        self, path: str, *, parameters: Mapping[str, Any] | None = None, etag: str | None = None
    ) -> Answer:
        """Read `path` (relative to the repository, "" for itself).

        Args:
            path: For example `git/trees/main`.
            parameters: The query.
            etag: With it, an unchanged resource answers 304, which costs no rate limit.

        Raises:
            SourceError: the one that fits, see `include.source.errors`.
        """
        return self._send("GET", path, parameters=parameters, headers={"If-None-Match": etag} if etag else {})

    def send(self, verb: str, path: str, document: Mapping[str, Any]) -> Json:
        """Write `document` to `path` (relative to the repository); return the decoded answer.

        Raises:
            SourceError: the one that fits, see `include.source.errors`.
        """
        return self._send(verb, path, document=document).data

    def _send(
        self,
        verb: str,
        path: str,
        *,
        parameters: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        document: Mapping[str, Any] | None = None,
    ) -> Answer:
        url = f"/repos/{self.repository}/{path}".rstrip("/")
        self.requests += 1
        return send(self.client, self.repository, verb, url, parameters, headers, document)


def send(
    client: Github,
    about: str,
    verb: str,
    url: str,
    parameters: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    document: Mapping[str, Any] | None = None,
) -> Answer:
    """Send one request; `about` is what the message of a failure names (the repository).

    Raises:
        SourceError: the one that fits, see `include.source.errors`.
    """
    import jwt
    import requests
    from github import GithubException

    requester = client.requester
    try:
        status, received, body = requester.requestJson(
            verb, url, dict(parameters or {}), dict(headers or {}), dict(document) if document else None
        )
    except GithubException as error:  # raised while a GitHub App fetches its installation token
        raise failure_of(error.status, error.headers or {}, error.data, about) from error
    except requests.RequestException as error:
        raise unreachable(error, about, requester.base_url) from error
    except (jwt.PyJWTError, ValueError) as error:
        raise BadCredentials(
            f"The GitHub App's private key can't sign a request about {about} ({error}): "
            "set the key that GitHub issued for the App in the connection's extra."
        ) from error
    except RuntimeError as error:  # how PyGithub reports a redirect to another host or scheme
        raise WrongAddress(f"{error}. Correct the connection's host; it was asked about {about}.") from error
    if status >= 400:
        raise failure_of(status, received, _decode(body, lenient=True, about=about), about)
    return Answer(status, received, _decode(body, lenient=False, about=about))


def text_at(data: Json, *keys: str) -> str:
    """Return the text under nested keys; raises UnexpectedAnswer when the answer has another shape."""
    try:
        for key in keys:
            data = data[key]
    except (KeyError, TypeError, IndexError) as error:
        raise UnexpectedAnswer(
            f"GitHub's answer has no {'.'.join(keys)}. Check that the connection's host is a GitHub API."
        ) from error
    if not isinstance(data, str):
        raise UnexpectedAnswer(f"GitHub's answer has {data!r:.60} for {'.'.join(keys)} where text belongs.")
    return data


def _decode(body: str, *, lenient: bool, about: str) -> Json:
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError as error:
        if lenient:
            return {"message": body[:200]}
        raise GitHubUnavailable(
            f"The answer about {about} is not JSON but begins {body[:60]!r}: a proxy or a maintenance page. "
            "Wait, or check that the connection's host ends in /api/v3 for GitHub Enterprise."
        ) from error
