"""The application that serves the pages; Airflow mounts it in its api-server."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response, status
from fastapi.exceptions import HTTPException

from include.experiments.installation import Installation
from include.pages.detail import UnknownPage
from include.pages.files import NoSuchFile
from include.pages.study_dashboard import NotReadable
from plugins.pages import data, downloads, optuna, shells
from plugins.pages.access import logged_in
from plugins.pages.answers import strict_headers
from plugins.pages.sources import Sources


def create_app(installation: Installation) -> FastAPI:
    """Put the pages together; each of their routes asks for Airflow's login first, and all of them only read.

    Args:
        installation: Whose experiments are shown.
    """
    made = FastAPI(
        title="Experiments", dependencies=[logged_in], docs_url=None, redoc_url=None, openapi_url=None
    )
    made.state.sources = Sources(installation)
    made.middleware("http")(strict_headers)
    for missing in (UnknownPage, NoSuchFile, NotReadable):
        made.add_exception_handler(missing, _not_found)
    made.add_exception_handler(HTTPException, shells.refusal)
    for module in (shells, data, downloads, optuna):
        made.include_router(module.router)
    return made


def _not_found(request: Request, error: Exception) -> Response:
    return shells.refusal(request, HTTPException(status.HTTP_404_NOT_FOUND, str(error)))


app = create_app(Installation.from_environment())
