"""A store on a real SQLite file, written by the system's own code and read as the pages do."""

from pathlib import Path

import pytest

from include.experiments.installation import Installation
from include.pages.database import Database


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    monkeypatch.setenv("CNN_VAR_DIR", str(tmp_path / "var"))
    return Installation.from_environment()


@pytest.fixture
def database(installation: Installation) -> Database:
    installation.settings.var.mkdir(parents=True, exist_ok=True)
    return Database(installation.settings.storage_url)
