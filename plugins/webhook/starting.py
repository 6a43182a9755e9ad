"""A push that GitHub told of becomes the same asset event as one that was polled."""

import time

from airflow.assets.manager import asset_manager
from airflow.models.asset import AssetModel
from airflow.utils.session import create_session
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from include.repositories import Repository
from include.webhook import PushEvent

# With SQLite a write loses now and then against another one; nothing of it was kept.
_TRIES, _PAUSE_SECONDS = 5, 0.2


class AssetUnknown(RuntimeError):
    """Airflow does not know the repository's asset yet."""

    def __init__(self, uri: str) -> None:
        super().__init__(f"{uri} is not known to Airflow yet; repeat the delivery in a minute")


def start_push(repository: Repository, event: PushEvent) -> None:
    """Emit the asset event that starts a run for a push.

    The event is what the watcher's would be, so whichever comes second finds the push claimed.

    Args:
        repository: The watched repository.
        event: The push.

    Raises:
        AssetUnknown: the repository's DAG was not parsed yet.
        OperationalError: the database does not answer.
    """
    for attempt in range(1, _TRIES + 1):
        try:
            return _emit(repository, event)
        except OperationalError:
            if attempt == _TRIES:
                raise
            time.sleep(_PAUSE_SECONDS)


def _emit(repository: Repository, event: PushEvent) -> None:
    uri = f"github-push://{repository.name}"
    extra = {"sha": event.sha, "branch": event.branch, "repository": repository.name}
    with create_session() as session:
        asset = session.scalar(select(AssetModel).where(AssetModel.uri == uri))
        if asset is None or asset.active is None:
            raise AssetUnknown(uri)
        asset_manager.register_asset_change(asset=asset, extra=extra, source_is_api=True, session=session)
