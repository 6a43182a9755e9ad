"""A small client of Airflow's REST API, logged in as the web UI's user."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from ops.errors import OpsError

# JSON is what it is: the caller knows the document it asked for.
Json = dict[str, Any]

# With SQLite a write loses now and then against another one. Nothing of it was kept, so it can be sent again.
_DATABASE_BUSY = '"reason":"Database error"'
_TRIES, _PAUSE = 10, 0.5


class AirflowSilentError(OpsError):
    """Airflow did not answer a request."""


class AirflowApiError(OpsError):
    """Airflow refused a request.

    Args:
        response: Airflow's answer.
    """

    def __init__(self, response: httpx.Response) -> None:
        request = response.request
        super().__init__(
            f"{request.method} {request.url}: Airflow answered {response.status_code}, {response.text[:400]}",
            "The answer says what was wrong; the api-server's log has more (`make logs`)",
        )
        self.status = response.status_code


class AirflowApi:
    """Requests to one stack's `/api/v2`, with a token that is fetched and renewed as needed.

    Args:
        url: The stack's address, such as `http://127.0.0.1:8080`.
        user: A web UI user.
        password: The user's password.
        transport: How requests travel; over the network unless given.
    """

    def __init__(
        self, url: str, user: str, password: str, *, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._credentials = {"username": user, "password": password}
        self._http = httpx.Client(base_url=url, timeout=30, trust_env=False, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def get(self, path: str, parameters: Mapping[str, Any] | None = None) -> Json:
        """Fetch a document; `path` is relative to `/api/v2/`, such as `dags/train_cnn/dagRuns`."""
        return self._request("GET", path, parameters=parameters)

    def post(self, path: str, body: Mapping[str, Any]) -> Json:
        """Create something; returns the document Airflow made of it."""
        return self._request("POST", path, body=body)

    def patch(self, path: str, body: Mapping[str, Any]) -> Json:
        """Change something; returns the changed document."""
        return self._request("PATCH", path, body=body)

    def health(self) -> Json:
        """Fetch the components' health (needs no login)."""
        return dict(self._http.get("/api/v2/monitor/health", timeout=3).raise_for_status().json())

    def _request(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        parameters: Mapping[str, Any] | None = None,
    ) -> Json:
        if "Authorization" not in self._http.headers:
            self._log_in()
        address = f"/api/v2/{path.lstrip('/')}"
        for _ in range(_TRIES):
            response = self._send(method, address, body, parameters)
            if response.status_code == httpx.codes.UNAUTHORIZED:  # the token has expired
                self._log_in()
            elif _DATABASE_BUSY not in response.text or not response.is_server_error:
                break
            else:
                time.sleep(_PAUSE)
        if response.is_error:
            raise AirflowApiError(response)
        return dict(response.json()) if response.content else {}

    def _send(
        self,
        method: str,
        address: str,
        body: Mapping[str, Any] | None = None,
        parameters: Mapping[str, Any] | None = None,
    ) -> httpx.Response:
        """Send once; a question that changes nothing is asked again where no answer came."""
        for left in reversed(range(_TRIES if method == "GET" else 1)):
            try:
                return self._http.request(method, address, json=body, params=parameters)
            except httpx.TransportError as error:
                if not left:
                    url = self._http.base_url.join(address)
                    raise AirflowSilentError(
                        f"{method} {url}: no answer ({type(error).__name__}: {error})",
                        "See with `make status` and `make logs` how its components are",
                    ) from error
            time.sleep(_PAUSE)
        raise AssertionError("the last try returns or raises")

    def _log_in(self) -> None:
        response = self._send("POST", "/auth/token", self._credentials)
        if response.is_error:
            raise AirflowApiError(response)
        self._http.headers["Authorization"] = f"Bearer {response.json()['access_token']}"
