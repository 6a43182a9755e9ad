"""From an HTTP status, or none at all, to the exception that says what to do: a table, then odd cases."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from include.source.errors import (
    BadCredentials,
    EmptyRepository,
    Forbidden,
    GitHubUnavailable,
    RateLimited,
    RepositoryNotFound,
    SourceError,
    UnexpectedAnswer,
)

if TYPE_CHECKING:
    import requests

# GitHub asks to wait at least a minute when it does not say for how long.
_UNSAID_WAIT_SECONDS = 60.0


def failure_of(status: int, headers: Mapping[str, Any], data: object, about: str) -> SourceError:
    """Return (not raise) the failure that a status of 400 or more stands for.

    Args:
        status: The HTTP status.
        headers: The answer's headers, names in lower case.
        data: The decoded body.
        about: The repository, for the message.
    """
    said = _message(data)
    if status in (403, 429) and _is_rate_limit(status, headers, said):
        return _rate_limited(headers, about)
    if status >= 500:
        return GitHubUnavailable(
            f"GitHub answered {status} about {about} ({said}): its servers are in trouble. "
            "Nothing to do but wait; see its status page if it lasts."
        )
    if make := _BY_STATUS.get(status):
        return make(about, said)
    return UnexpectedAnswer(f"GitHub refused a request about {about} with {status}: {said}.")


def unreachable(error: requests.RequestException, about: str, base_url: str) -> GitHubUnavailable:
    """Return the failure for a request that got no answer.

    Args:
        error: What `requests` raised.
        about: The repository, for the message.
        base_url: The address that was asked.
    """
    import requests

    if isinstance(error, requests.exceptions.SSLError):
        cause, remedy = "TLS failed", "Add the server's certificate authority to this machine's CA bundle"
    elif isinstance(error, requests.Timeout):
        cause, remedy = "no answer in time", "Wait, or check the network and the proxy"
    else:
        cause, remedy = "no connection", "Check the connection's host, the network and the proxy"
    return GitHubUnavailable(f"{base_url} can't be asked about {about}: {cause} ({_root(error)}). {remedy}.")


def _root(error: BaseException) -> str:
    """The innermost cause, short: urllib3 wraps it three times."""
    while inner := (error.__cause__ or error.__context__):
        error = inner
    return f"{type(error).__name__}: {str(error)[:160]}"


def _message(data: object) -> str:
    said = data.get("message") if isinstance(data, Mapping) else None
    return str(said)[:200].rstrip(".") if said else "no message"


def _is_rate_limit(status: int, headers: Mapping[str, Any], said: str) -> bool:
    return (
        status == 429
        or "retry-after" in headers
        or str(headers.get("x-ratelimit-remaining", "")) == "0"
        or "rate limit" in said.lower()
    )


def _rate_limited(headers: Mapping[str, Any], about: str) -> RateLimited:
    now = time.time()
    if after := _seconds(headers.get("retry-after")):
        reset_at, kind = now + after, "too many requests at once"
    elif str(headers.get("x-ratelimit-remaining", "")) == "0" and (
        reset := _seconds(headers.get("x-ratelimit-reset"))
    ):
        reset_at, kind = reset, "the hourly limit is used up"
    else:
        reset_at, kind = now + _UNSAID_WAIT_SECONDS, "too many requests at once"
    until = time.strftime("%H:%M:%S UTC", time.gmtime(reset_at))
    return RateLimited(
        f"GitHub's rate limit stops requests about {about} until {until} ({kind}). We wait; "
        "poll less often or use a GitHub App, which has a higher limit, if it happens again.",
        reset_at=reset_at,
    )


def _seconds(text: object) -> float | None:
    try:
        return float(str(text))
    except ValueError:
        return None


def _bad_credentials(about: str, said: str) -> SourceError:
    return BadCredentials(
        f"GitHub does not accept the credentials it was asked with about {about} (401: {said}). "
        "Put a valid token, or the GitHub App's key, into the Airflow connection."
    )


def _forbidden(about: str, said: str) -> SourceError:
    return Forbidden(
        f"GitHub forbids this request about {about} (403: {said}). Give the token or the GitHub App "
        "the permission (Contents: read; to write results: Contents, Commit statuses, Checks, Pull requests)."
    )


def _not_found(about: str, said: str) -> SourceError:
    return RepositoryNotFound(
        f"{about} was not found (404: {said}): it does not exist, was renamed, or the connection's "
        "credentials can't see it. Correct the name, or give the credentials access to it."
    )


def _empty(about: str, said: str) -> SourceError:
    if "empty" not in said.lower():
        return UnexpectedAnswer(f"GitHub refused a request about {about} with 409: {said}.")
    return EmptyRepository(f"{about} has no commit yet. Push one; it will be noticed.")


def _blocked(about: str, said: str) -> SourceError:
    return Forbidden(f"{about} is blocked for legal reasons (451: {said}). Ask its owner.")


_BY_STATUS: Mapping[int, Callable[[str, str], SourceError]] = {
    401: _bad_credentials,
    403: _forbidden,
    404: _not_found,
    409: _empty,
    451: _blocked,
}
