"""A push that GitHub told of becomes the same asset event as one that was polled."""

from airflow.assets.manager import asset_manager
from airflow.models.asset import AssetModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from include.repositories import Repository
from include.webhook import PushEvent
from plugins.hooks.metadata import in_transaction


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
    in_transaction(lambda session: _emit(session, repository, event))


def _emit(session: Session, repository: Repository, event: PushEvent) -> None:
    uri = f"github-push://{repository.name}"
    extra = {"sha": event.sha, "branch": event.branch, "repository": repository.name}
    asset = session.scalar(select(AssetModel).where(AssetModel.uri == uri))
    if asset is None or asset.active is None:
        raise AssetUnknown(uri)
    asset_manager.register_asset_change(asset=asset, extra=extra, source_is_api=True, session=session)
