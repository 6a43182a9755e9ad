"""A stage that runs is taken down, however its process ends."""

import signal
from collections.abc import Iterable
from pathlib import Path
from unittest.mock import create_autospec

import pytest

from ops.commands import Say
from ops.demo.stage import Stage
from ops.stack import Stack


class Instant(Stage):
    """Starts nothing: what a real one starts is in the end-to-end tests."""

    def start(self, say: Say, repositories: Iterable[str]) -> None:
        """Start nothing."""


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Instant(create_autospec(Stack, instance=True), tmp_path, tmp_path, 0)


def test_a_stage_is_stopped_when_its_process_is_asked_to_end(stage: Stage) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), stage.running(print, []):
        signal.raise_signal(signal.SIGTERM)
    stage.stack.stop.assert_called_once_with()  # type: ignore[attr-defined]
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_stage_is_stopped_when_what_ran_on_it_fails(stage: Stage) -> None:
    with pytest.raises(ValueError, match="too bad"), stage.running(print, []):
        raise ValueError("too bad")
    stage.stack.stop.assert_called_once_with()  # type: ignore[attr-defined]
