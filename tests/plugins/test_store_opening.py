"""Airflow's processes open the store as they start, and start without it too."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from include.experiments.installation import Installation
from include.experiments.store import _storage
from plugins.listeners import store_opening
from plugins.run_listeners import RunListenersPlugin
from tests.include.experiments.watched import installed

__all__ = ["installed"]


def test_the_store_is_open_when_a_process_has_started(installed: Installation) -> None:
    store_opening.on_starting()
    hits = _storage.cache_info().hits
    assert list(installed.store.all()) == []
    assert _storage.cache_info().hits == hits + 1


def test_a_process_starts_though_the_store_cannot_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("include.experiments.store._MAKING_SECONDS", 0.0)
    monkeypatch.setenv("CNN_STORAGE_URL", f"sqlite:///{tmp_path}/nowhere/experiments.db")
    with caplog.at_level(logging.WARNING):
        store_opening.on_starting()
    assert "each task tries by itself: " in caplog.text


def test_airflow_loads_the_listener() -> None:
    assert store_opening in RunListenersPlugin.listeners
