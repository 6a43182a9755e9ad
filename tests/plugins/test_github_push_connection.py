"""From an Airflow connection to a client: token, GitHub App, GitHub Enterprise; never one that sleeps."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from include.source import BadCredentials, RateLimited, poll_head
from plugins.hooks.github_api import connect
from tests.include.source.github_double import GitHubDouble, Reply, running_double

A = "a" * 40
PREFIX = "/api/v3"
HEAD = f"{PREFIX}/repos/o/r/git/ref/heads/main"


@pytest.fixture
def double() -> Iterator[GitHubDouble]:
    """A GitHub Enterprise: its API is below /api/v3."""
    with running_double() as running:
        running.on_path(HEAD, Reply(200, {"object": {"sha": A}}))
        yield running


@pytest.fixture(scope="module")
def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def configure(monkeypatch: pytest.MonkeyPatch, double: GitHubDouble, **settings: object) -> None:
    document = {"conn_type": "github", "host": double.base_url + PREFIX, **settings}
    monkeypatch.setenv("AIRFLOW_CONN_GHE", json.dumps(document))


def authorizations(double: GitHubDouble) -> list[str]:
    return [request.headers.get("Authorization", "").split()[0] for request in double.requests]


def app(private_key: str) -> Mapping[str, object]:
    return {"app_id": 7, "installation_id": 1, "private_key": private_key}


def test_a_token_opens_a_github_enterprise(monkeypatch: pytest.MonkeyPatch, double: GitHubDouble) -> None:
    configure(monkeypatch, double, password="my-own-token")
    assert poll_head(connect("ghe"), "o/r", "main").sha == A
    assert double.requests[0].headers["Authorization"] == "token my-own-token"


def test_a_github_app_gets_its_installation_token(
    monkeypatch: pytest.MonkeyPatch, double: GitHubDouble, private_key: str
) -> None:
    configure(monkeypatch, double, extra=app(private_key))
    token = {"token": "of-the-installation", "expires_at": "2099-01-01T00:00:00Z"}
    double.on_path(f"{PREFIX}/app/installations/1/access_tokens", Reply(201, token))
    client = connect("ghe")
    assert [poll_head(client, "o/r", "main").sha for _ in range(2)] == [A, A]
    assert authorizations(double) == ["Bearer", "token", "token"]
    assert double.requests[-1].headers["Authorization"] == "token of-the-installation"


def test_an_app_that_is_not_accepted_is_bad_credentials(
    monkeypatch: pytest.MonkeyPatch, double: GitHubDouble, private_key: str
) -> None:
    configure(monkeypatch, double, extra=app(private_key))
    refused = Reply(401, {"message": "A JSON web token could not be decoded"})
    double.on_path(f"{PREFIX}/app/installations/1/access_tokens", refused)
    with pytest.raises(BadCredentials, match="GitHub App's key"):
        poll_head(connect("ghe"), "o/r", "main")


def test_a_key_that_is_none_is_bad_credentials(monkeypatch: pytest.MonkeyPatch, double: GitHubDouble) -> None:
    configure(monkeypatch, double, extra=app("not a key"))
    with pytest.raises(BadCredentials, match="private key can't sign"):
        poll_head(connect("ghe"), "o/r", "main")


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({}, "No access token"),
        ({"extra": {"app_id": 7, "installation_id": 1}}, "Neither key_path nor private_key"),
        ({"extra": {"app_id": 7, "installation_id": 1, "key_path": "/nowhere/key.pem"}}, "No such file"),
    ],
)
def test_an_incomplete_connection_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, double: GitHubDouble, settings: Mapping[str, object], match: str
) -> None:
    configure(monkeypatch, double, **settings)
    with pytest.raises(BadCredentials, match=match):
        connect("ghe")


def test_a_rate_limit_is_raised_and_not_slept_through(
    monkeypatch: pytest.MonkeyPatch, double: GitHubDouble
) -> None:
    configure(monkeypatch, double, password="my-own-token")
    double.on_path(HEAD, Reply(403, {"message": "API rate limit exceeded"}, {"Retry-After": "3600"}))
    with pytest.raises(RateLimited, match="until"):
        poll_head(connect("ghe"), "o/r", "main")
    assert len(double.requests) == 1
