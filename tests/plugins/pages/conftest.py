"""The pages behind Airflow's real auth manager, on a real (empty) Airflow database and a real store."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from airflow.api_fastapi.app import get_auth_manager, init_auth_manager, purge_cached_app
from airflow.api_fastapi.auth.managers.base_auth_manager import COOKIE_NAME_JWT_TOKEN
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from airflow.api_fastapi.auth.middlewares.refresh_token import JWTRefreshMiddleware
from fastapi import FastAPI
from starlette.testclient import TestClient

from include.experiments.installation import Installation
from ops.database import ensure_database
from plugins.experiment_pages import PREFIX
from plugins.pages.app import create_app

Client = Callable[..., TestClient]


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    monkeypatch.setenv("CNN_VAR_DIR", str(tmp_path / "var"))
    return Installation.from_environment()


@pytest.fixture(scope="session")
def airflow_database() -> None:
    """Airflow keeps revoked tokens in its database, and asks for them at every request."""
    home = Path(os.environ["AIRFLOW_HOME"])
    url = f"sqlite:///{home / 'airflow.db'}"
    environment = {**os.environ, "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url, "CNN_VAR_DIR": str(home.parent)}
    ensure_database(environment, print)


@pytest.fixture
def pages(installation: Installation) -> FastAPI:
    return create_app(installation)


@pytest.fixture
def server(pages: FastAPI, airflow_database: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[FastAPI]:
    """What Airflow's api-server is around the pages: the auth manager and the middleware of its cookie."""
    monkeypatch.setenv("AIRFLOW__API_AUTH__JWT_SECRET", "a secret of the tests, long enough for HS512 " * 2)
    made = FastAPI()
    init_auth_manager(made)
    made.mount(PREFIX, pages)
    made.add_middleware(JWTRefreshMiddleware)
    yield made
    purge_cached_app()


@pytest.fixture
def client(server: FastAPI) -> Client:
    """Make a client, logged in with a role of Airflow's, or anonymous without one."""

    def make(role: str | None = "viewer") -> TestClient:
        browser = TestClient(server, follow_redirects=False)
        if role is not None:
            user = SimpleAuthManagerUser(username=role, role=role)
            browser.cookies.set(COOKIE_NAME_JWT_TOKEN, get_auth_manager().generate_jwt(user))
        return browser

    return make
