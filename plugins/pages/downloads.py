"""The routes that hand out files: the model, the patch, the manifest."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse

from include.identity import ExperimentId
from include.pages import files
from include.pages.database import Database
from include.pages.detail import best_of
from plugins.pages.access import WithCode
from plugins.pages.data import EXPERIMENT, sources

router = APIRouter()
Trial = Annotated[int | None, Query(ge=1, le=1_000_000)]


@router.get(f"{EXPERIMENT}/download/model")
def model(request: Request, identity: WithCode, trial: Trial = None) -> StreamingResponse:
    """The model of a trial; without one the published model, else the best trial's."""
    found = sources(request)
    location = _published(found.database, identity)
    if trial is None and location is not None:
        return _send(files.published(location, "model", found.open))
    number = trial or _best(found.database, identity)
    return _send(files.model(found.settings.trial(str(identity), number), _stem(identity, number)))


@router.get(f"{EXPERIMENT}/download/patch")
def patch(request: Request, identity: WithCode, trial: Trial = None) -> StreamingResponse:
    """The patch of a trial; without one that of the best."""
    found = sources(request)
    number = trial or _best(found.database, identity)
    return _send(files.patch(found.settings.trial(str(identity), number), _stem(identity, number)))


@router.get(f"{EXPERIMENT}/download/manifest")
def manifest(request: Request, identity: WithCode) -> StreamingResponse:
    """The manifest of the published model."""
    found = sources(request)
    location = _published(found.database, identity)
    if location is None:
        raise files.NoSuchFile("Nothing is published of this experiment: its target is not met.")
    return _send(files.published(location, "manifest.json", found.open))


def _published(database: Database, identity: ExperimentId) -> str | None:
    study = database.study(str(identity), ("published",))
    stored = study.attributes.get("published") if study is not None else None
    return str(stored["location"]) if stored else None


def _best(database: Database, identity: ExperimentId) -> int:
    study = database.study(str(identity))
    best = best_of(database.points(study.id)) if study is not None else None
    if best is None:
        raise files.NoSuchFile("No trial has an accuracy yet.")
    return best.number


def _stem(identity: ExperimentId, trial: int) -> str:
    return f"{identity.repository.replace('/', '-')}-{identity.sha[:7]}-trial-{trial}"


def _send(download: files.Download) -> StreamingResponse:
    """An answer that a browser saves and never shows: what is in the file came from a push."""
    headers = {
        "Content-Disposition": f'attachment; filename="{download.name}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    if download.size is not None:
        headers["Content-Length"] = str(download.size)
    return StreamingResponse(download.pieces, media_type="application/octet-stream", headers=headers)
