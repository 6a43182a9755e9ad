"""What the routes read from, made once in the process that serves them."""

from __future__ import annotations

from functools import cached_property
from typing import IO, Any, cast

from airflow.sdk import ObjectStoragePath
from optuna.storages import get_storage

from include.containers.engine import Engine
from include.experiments.installation import Installation
from include.pages.database import Database
from include.pages.running import Containers
from include.pages.study_dashboard import Dashboards


class Sources:
    """Store, engine and dashboards of one installation.

    Args:
        installation: Whose experiments are shown.
    """

    def __init__(self, installation: Installation) -> None:
        self.settings = installation.settings

    @cached_property
    def database(self) -> Database:
        """The store, read-only."""
        self.settings.var.mkdir(parents=True, exist_ok=True)
        return Database(self.settings.storage_url)

    @cached_property
    def containers(self) -> Containers:
        """The engine on which the trainings run."""
        return Containers(lambda: Engine.connect(self.settings.stack))

    @cached_property
    def dashboards(self) -> Dashboards:
        """Optuna Dashboard for single studies."""
        # Optuna's own cache keeps ended trials: of a thousand, only the new ones are read again.
        storage = get_storage(self.database.storage)
        return Dashboards(lambda: storage)

    def open(self, location: str, name: str) -> IO[bytes]:
        """Open a published file in a store that is not a local folder."""
        folder: Any = ObjectStoragePath(location)
        return cast("IO[bytes]", (folder / name).open("rb"))
