"""Optuna Dashboard for the study of one experiment, behind the same login, reading only."""

from __future__ import annotations

from urllib.parse import quote

from airflow.api_fastapi.core_api.security import GetUserDep
from fastapi import APIRouter, Request, Response

from include.pages.detail import UnknownPage
from include.pages.study_dashboard import BUNDLE, CONTENT_SECURITY_POLICY, PAGE, NotReadable, bundle
from plugins.pages.access import Readable
from plugins.pages.data import EXPERIMENT, sources
from plugins.pages.shells import on_to, render

router = APIRouter()
ROOT = f"{EXPERIMENT}/optuna"
# The program is the same for all studies, and large: it has an address of its own, which browsers keep.
BUNDLE_ROUTE = "/optuna/bundle.js"


@router.get(BUNDLE_ROUTE)
def program(user: GetUserDep) -> Response:
    """The dashboard's program."""
    headers = {"Content-Encoding": "gzip", "Cache-Control": "private, max-age=86400"}
    return Response(bundle(), media_type="text/javascript", headers=headers)


@router.get(ROOT + "{path:path}")
def dashboard(request: Request, identity: Readable, path: str) -> Response:
    """Its page, and what it reads."""
    database, name = sources(request).database, str(identity)
    study = database.study(name)
    if study is None:
        raise UnknownPage(name)
    if path == BUNDLE:
        raise NotReadable(path)
    if path in ("", "/", "/dashboard", "/dashboard/"):
        return on_to(
            request, f"/{identity.repository}/{quote(identity.commit)}/optuna/dashboard/studies/{study.id}"
        )
    if PAGE.fullmatch(path):
        return render(request, "optuna.html", CONTENT_SECURITY_POLICY, identity=identity, study=study.id)
    answer = sources(request).dashboards.get(study.id, name, path, request.url.query)
    kept = {k: v for k, v in answer.headers.items() if k.lower() in ("content-type", "content-disposition")}
    return Response(answer.body, answer.status, headers=kept)
