"""The routes that answer with HTML: empty shells, which fill themselves from the data routes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.core_api.security import GetUserDep
from fastapi import APIRouter, HTTPException, Query, Request, Response, status
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from include.pages.detail import UnknownPage, dag_id
from include.pages.listing import repositories
from include.pages.runs import experiment_of_run
from plugins.pages import assets
from plugins.pages.access import Readable, may, readable
from plugins.pages.answers import CONTENT_SECURITY_POLICY
from plugins.pages.data import EXPERIMENT, sources

router = APIRouter()
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)
Text = Annotated[str, Query(max_length=300)]


def render(request: Request, template: str, policy: str = CONTENT_SECURITY_POLICY, **values: Any) -> Response:
    """Fill a template; it knows the address of the pages (`root`) and that of Airflow (`airflow`)."""
    root = _root(request)
    page = _TEMPLATES.get_template(template).render(
        root=root, airflow=root.rpartition("/")[0], version=assets.version(), **values
    )
    return HTMLResponse(page, headers={"Content-Security-Policy": policy})


@router.get("/")
def experiments(request: Request, user: GetUserDep) -> Response:
    """The page Experiments."""
    return render(request, "experiments.html")


@router.get("/static-{version}/{name}")
def asset(user: GetUserDep, version: str, name: str) -> Response:
    """A script or style."""
    path = assets.files().get(name)
    if path is None or not path.is_file():
        raise HTTPException(status.HTTP_404_NOT_FOUND, "Not here; `make bootstrap` installs what is missing")
    headers = {"Cache-Control": "private, max-age=31536000, immutable"} if version == assets.version() else {}
    return FileResponse(path, media_type=assets.media_type(path), headers=headers)


@router.get("/icon/{name}")
def icon(user: GetUserDep, name: str) -> Response:
    """The icon of the navigation."""
    path = assets.files().get(f"icon-{name}")
    if path is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "No such icon")
    return FileResponse(path, media_type=assets.media_type(path))


@router.get("/of-run")
def of_run(request: Request, user: GetUserDep, dag: Text, run: Text) -> Response:
    """On to the page of the experiment whose trial a DAG run carries."""
    if not may(user, dag, DagAccessEntity.RUN):
        raise HTTPException(status.HTTP_403_FORBIDDEN, "Forbidden")
    found = experiment_of_run(sources(request).database, dag, run)
    if found is None:
        page = render(request, "nothing.html", dag=dag, run=run)
        page.status_code = status.HTTP_404_NOT_FOUND
        return page
    return on_to(request, f"/{found.repository}/{quote(found.commit)}")


@router.get("/of-dag")
def of_dag(request: Request, user: GetUserDep, dag: Text) -> Response:
    """On to the experiments of the repository that a DAG trains."""
    names = readable(user, repositories(sources(request).database))
    name = next((name for name in names if dag_id(name) == dag), None)
    return on_to(request, "/" if name is None else f"/?{urlencode({'repository': name})}")


@router.get(EXPERIMENT)
def experiment(request: Request, identity: Readable) -> Response:
    """The page Experiment."""
    if sources(request).database.study(str(identity)) is None:
        raise UnknownPage(str(identity))
    return render(request, "experiment.html", identity=identity, dag=dag_id(identity.repository))


def refusal(request: Request, error: Exception) -> Response:
    """A refused request: a short page for a person who opened an address, JSON for everyone else."""
    if not isinstance(error, HTTPException):
        raise error
    if "text/html" in request.headers.get("Accept", ""):
        page = render(request, "refused.html", status=error.status_code, detail=str(error.detail))
        page.status_code = error.status_code
        return page
    return JSONResponse({"detail": error.detail}, error.status_code, headers=error.headers)


def on_to(request: Request, path: str) -> Response:
    """Another address of these pages, from the root of all of them."""
    return RedirectResponse(f"{_root(request)}{path}", status.HTTP_303_SEE_OTHER)


def _root(request: Request) -> str:
    return str(request.scope.get("root_path", "")).rstrip("/")
