"""Who may see what: Airflow's login and its permissions on the repository's DAG, and nothing of our own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.base_auth_manager import ResourceMethod
from airflow.api_fastapi.auth.managers.models.resource_details import (
    AccessView,
    DagAccessEntity,
    DagDetails,
)
from airflow.api_fastapi.core_api.security import GetUserDep, requires_access_view
from airflow.configuration import conf
from airflow.models.dag import DagModel
from fastapi import Depends, HTTPException, Path, status

from include.identity import BadExperimentId, ExperimentId
from include.pages.detail import dag_id

logged_in = Depends(requires_access_view(AccessView.WEBSITE))

_PART = Path(pattern=r"^[A-Za-z0-9._-]{1,100}$")
_COMMIT = Path(pattern=r"^[0-9a-f]{40}(\+[1-9][0-9]{0,5})?$")


def may(
    user: GetUserDep, dag: str, entity: DagAccessEntity | None = None, method: ResourceMethod = "GET"
) -> bool:
    """Whether a person may do something with a DAG, as Airflow's auth manager says."""
    # Only where teams are in use, as every question is one to the database.
    team = DagModel.get_team_name(dag) if conf.getboolean("core", "multi_team", fallback=False) else None
    details = DagDetails(id=dag, team_name=team)
    return get_auth_manager().is_authorized_dag(
        method=method, access_entity=entity, details=details, user=user
    )


def readable(user: GetUserDep, repositories: Iterable[str]) -> set[str]:
    """Those of the repositories whose runs a person may see."""
    return {name for name in repositories if may(user, dag_id(name), DagAccessEntity.RUN)}


def named(
    owner: Annotated[str, _PART], name: Annotated[str, _PART], commit: Annotated[str, _COMMIT]
) -> ExperimentId:
    """The experiment that an address names."""
    try:
        return ExperimentId.parse(f"{owner}/{name}@{commit}")
    except BadExperimentId as error:
        raise HTTPException(status.HTTP_404_NOT_FOUND, str(error)) from error


def readable_experiment(entity: DagAccessEntity) -> Callable[..., ExperimentId]:
    """A dependency: the experiment that the address names, if the person may read this of its DAG."""

    def experiment(user: GetUserDep, identity: Annotated[ExperimentId, Depends(named)]) -> ExperimentId:
        if not may(user, dag_id(identity.repository), entity):
            raise HTTPException(status.HTTP_403_FORBIDDEN, "Forbidden")
        return identity

    return experiment


Readable = Annotated[ExperimentId, Depends(readable_experiment(DagAccessEntity.RUN))]
WithLogs = Annotated[ExperimentId, Depends(readable_experiment(DagAccessEntity.TASK_LOGS))]
WithCode = Annotated[ExperimentId, Depends(readable_experiment(DagAccessEntity.CODE))]
