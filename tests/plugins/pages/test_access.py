"""Nobody sees anything of an experiment without Airflow's login, on any route there is."""

from __future__ import annotations

import re

import pytest
from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager
from fastapi import FastAPI
from fastapi.routing import APIRoute

from include.experiments.installation import Installation
from plugins.experiment_pages import PREFIX, ExperimentPagesPlugin
from plugins.pages.assets import version
from tests.include.pages.support import PUSH, ended, push_number
from tests.plugins.pages.conftest import Client

PAGE = f"{PREFIX}/admin/mnist/{PUSH.sha}"


def address(route: APIRoute) -> str:
    path = route.path.replace("{version}", version()).replace("{path:path}", "/dashboard")
    own = path.replace("{owner}/{name}", "admin/mnist").replace("{commit}", PUSH.sha)
    return PREFIX + own.replace("{name}", "light.svg" if "icon" in path else "style.css")


def test_every_route_refuses_an_anonymous_request_and_only_reads(
    pages: FastAPI, client: Client, installation: Installation
) -> None:
    ended(installation)
    routes = [route for route in pages.routes if isinstance(route, APIRoute)]
    assert len(routes) == len(pages.routes) >= 17  # no documentation, no mounted folder that nobody guards
    for route in routes:
        assert route.methods == {"GET"}
        assert "{" not in address(route)
        answer = client(None).get(address(route))
        assert (answer.status_code, answer.json()) == (401, {"detail": "Not authenticated"}), route.path


def test_every_route_answers_a_person_who_is_logged_in(
    pages: FastAPI, client: Client, installation: Installation
) -> None:
    ended(installation)
    parameters = {"dag": "train_cnn__admin__mnist", "run": "run-1", "trial": "1"}
    for route in pages.routes:
        assert isinstance(route, APIRoute)
        answer = client().get(address(route), params=parameters)
        onward = "of-" in route.path or route.path.endswith("{path:path}")
        wanted = 404 if route.path.endswith("manifest") else 303 if onward else 200
        assert answer.status_code == wanted, route.path


@pytest.mark.parametrize("token", ["", "nonsense", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9."])
def test_a_made_up_token_is_refused(client: Client, installation: Installation, token: str) -> None:
    ended(installation)
    for headers in ({"Authorization": f"Bearer {token}"}, {"Cookie": f"_token={token}"}):
        answer = client(None).get(f"{PAGE}/data", headers=headers)
        assert answer.status_code in (401, 403)


def test_experiments_of_a_dag_that_a_person_may_not_read_are_not_even_counted(
    client: Client, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended(installation)
    ended(installation, push_number(7, repository="admin/secret"))
    real = SimpleAuthManager.is_authorized_dag

    def not_the_secret(self: SimpleAuthManager, **question: object) -> bool:
        details = question["details"]
        secret = getattr(details, "id", None) == "train_cnn__admin__secret"
        return not secret and real(self, **question)  # type: ignore[arg-type]

    monkeypatch.setattr(SimpleAuthManager, "is_authorized_dag", not_the_secret)
    listed = client().get(f"{PREFIX}/api/experiments").json()
    assert [row["repository"] for row in listed["rows"]] == ["admin/mnist"]
    assert (listed["all"], listed["repositories"]) == (1, ["admin/mnist"])
    secret = f"{PREFIX}/admin/secret/{7:040x}"
    for path in (
        "",
        "/data",
        "/trials",
        "/curves?trial=1",
        "/log?trial=1",
        "/patch?trial=1",
        "/download/model",
    ):
        assert client().get(secret + path).status_code == 403, path
    assert client().get(f"{secret}/optuna/dashboard").status_code == 403
    assert client().get(f"{PREFIX}/of-run?dag=train_cnn__admin__secret&run=run-1").status_code == 403
    run = client().get(f"{PREFIX}/api/run?dag=train_cnn__admin__secret&run=run-1").json()
    assert run == {"path": None}


@pytest.mark.parametrize(("role", "allowed"), [("viewer", False), ("user", True)])
def test_the_buttons_are_offered_to_those_who_may_use_airflows_api_for_it(
    client: Client, installation: Installation, role: str, *, allowed: bool
) -> None:
    ended(installation)
    may = client(role).get(f"{PAGE}/data").json()["may"]
    assert may == {"stop": allowed, "train": allowed, "logs": True, "code": True}


def test_every_answer_forbids_inline_scripts_and_frames_of_others(
    client: Client, installation: Installation
) -> None:
    ended(installation)
    for path in (
        f"{PREFIX}/",
        PAGE,
        f"{PAGE}/data",
        f"{PAGE}/nowhere/at/all",
        f"{PREFIX}/static-1/nothing.js",
    ):
        headers = client().get(PREFIX + path).headers
        assert "script-src 'self';" in headers["Content-Security-Policy"], path
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/", f"/admin/mnist/{PUSH.sha}"])
def test_the_shells_hold_no_inline_script_or_style(
    client: Client, installation: Installation, path: str
) -> None:
    ended(installation)
    page = client().get(PREFIX + path).text
    assert "<script>" not in page
    assert "<style" not in page
    assert " style=" not in page
    assert re.search(r"<[^>]* on[a-z]+=", page) is None


def test_a_person_who_opens_an_address_without_login_reads_what_to_do(client: Client) -> None:
    answer = client(None).get(f"{PREFIX}/", headers={"Accept": "text/html"})
    assert answer.status_code == 401
    assert "Please sign in" in answer.text


def test_the_plugin_offers_pages_and_links_where_airflow_shows_them() -> None:
    views = {view["destination"]: view["href"] for view in ExperimentPagesPlugin.external_views}
    assert views == {
        "nav": "experiments/",
        "dag": "experiments/of-dag?dag={DAG_ID}",
        "dag_run": "experiments/of-run?dag={DAG_ID}&run={RUN_ID}",
        "task_instance": "experiments/of-run?dag={DAG_ID}&run={RUN_ID}",
    }
