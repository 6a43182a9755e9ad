"""The routes that answer with JSON; the page asks them again while it is open."""

from __future__ import annotations

from typing import Annotated, Any

from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.core_api.security import GetUserDep
from fastapi import APIRouter, Query, Request, Response

from include.experiments.records import State
from include.identity import ExperimentId
from include.pages import listing as lists
from include.pages.curves import curves
from include.pages.detail import dag_id, detail
from include.pages.files import patch_lines, there
from include.pages.running import ended
from include.pages.runs import experiment_of_run
from include.pages.trials import Order, trial_window
from plugins.pages.access import Readable, WithCode, WithLogs, may, readable
from plugins.pages.answers import document
from plugins.pages.sources import Sources

router = APIRouter()
EXPERIMENT = "/{owner}/{name}/{commit}"
_MOST_TRIALS = 1_000_000
Number = Annotated[int, Query(ge=1, le=_MOST_TRIALS)]


def sources(request: Request) -> Sources:
    """What this application reads from."""
    found: Sources = request.app.state.sources
    return found


@router.get("/api/experiments")
def experiments(
    request: Request,
    user: GetUserDep,
    q: Annotated[str, Query(max_length=200)] = "",
    state: State | None = None,
    repository: Annotated[str, Query(max_length=200)] = "",
    sort: lists.Sort = "age",
    descending: bool = True,
    page: Number = 1,
) -> Response:
    """The rows of the page Experiments that the person may see."""
    database = sources(request).database
    query = lists.Query(q, "" if state is None else state.value, repository, sort, descending, page)
    allowed = readable(user, lists.repositories(database))
    return document(request, lists.listing(database, query, allowed))


@router.get("/api/run")
def of_run(request: Request, user: GetUserDep, dag: str, run: str) -> Response:
    """The experiment of a DAG run, null while it has none."""
    found = None
    if may(user, dag, DagAccessEntity.RUN):
        found = experiment_of_run(sources(request).database, dag, run)
    return document(request, {"path": None if found is None else f"{found.repository}/{found.commit}"})


@router.get(f"{EXPERIMENT}/data")
def experiment(request: Request, user: GetUserDep, identity: Readable) -> Response:
    """The page Experiment without its table, and what the person may do there."""
    found = sources(request)
    page = detail(found.database, str(identity))
    best = page["numbers"]["best"]
    files = there(found.settings.trial(str(identity), best[0])) if best else {}
    return document(request, {**page, "files": files, "may": _allowed(user, identity)})


@router.get(f"{EXPERIMENT}/trials")
def trials(request: Request, identity: Readable, page: Number = 1, order: Order = "newest") -> Response:
    """One page of the table of trials."""
    return document(request, trial_window(sources(request).database, str(identity), page, order))


@router.get(f"{EXPERIMENT}/curves")
def learning_curves(request: Request, identity: Readable, trial: Number) -> Response:
    """The learning curves of a trial."""
    return document(request, curves(sources(request).settings.trial(str(identity), trial)))


@router.get(f"{EXPERIMENT}/log")
def log(request: Request, identity: WithLogs, trial: Number, running: bool = False) -> Response:
    """State and output of a trial's containers: from the engine while it trains, then from its folder."""
    found = sources(request)
    if running:
        return document(request, found.containers.look(str(identity), trial))
    return document(request, ended(found.settings.trial(str(identity), trial)))


@router.get(f"{EXPERIMENT}/patch")
def patch(request: Request, identity: WithCode, trial: Number) -> Response:
    """The patch of a trial, line by line."""
    return document(request, patch_lines(sources(request).settings.trial(str(identity), trial)))


def _allowed(user: GetUserDep, identity: ExperimentId) -> dict[str, Any]:
    dag = dag_id(identity.repository)
    return {
        "stop": may(user, dag, DagAccessEntity.TASK_INSTANCE, "PUT"),
        "train": may(user, dag, DagAccessEntity.RUN, "POST"),
        "logs": may(user, dag, DagAccessEntity.TASK_LOGS),
        "code": may(user, dag, DagAccessEntity.CODE),
    }
