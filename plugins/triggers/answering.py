"""Relaunches a crashed training from the triggerer that watches it, as soon as its pause is over."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import requests
from docker.errors import DockerException

from include.containers import Answer, EngineUnavailableError, TrainingWatch
from include.experiments.installation import Installation
from include.experiments.monitoring import answer_trial

_ENGINE_ERRORS = (DockerException, requests.RequestException, EngineUnavailableError)


class CrashAnswerer:
    """Does at once for one training what the monitor would do a few seconds later.

    It is the monitor's own decision, taken and acted on under the trial's lock: whoever comes second finds it
    done. What fails here is left to the monitor, which tries again every minute.

    Args:
        log: The log of the training's task.
    """

    def __init__(self, log: Any) -> None:
        self.log = log
        self._left_alone: str | None = None

    async def look(self, watch: TrainingWatch) -> None:
        """Answer the training if it is not alive, after its pause.

        Args:
            watch: The training as looked at just now, which has not ended for good.
        """
        if watch.state.alive or self._left_alone == _launch_of(watch):
            return
        try:
            found = await asyncio.to_thread(self._answer, watch)
            if found is not None and found.is_due_later(time.time()):
                await asyncio.sleep(max(0.0, found.decision.not_before - time.time()))
                found = await asyncio.to_thread(self._answer, watch)
        except _ENGINE_ERRORS:
            raise  # whoever watches waits for the engine
        except Exception as error:
            # The training must not fail for it, and the monitor meets the same trouble and tells it.
            self.log.exception("This crash can't be answered here.")
            self._leave_alone(watch, error)
            return
        if found is not None and found.line is not None:
            self.log.info("%s", found.line)
            if not found.line.done:
                self._leave_alone(watch, found.line.reason)

    def _answer(self, watch: TrainingWatch) -> Answer | None:
        return answer_trial(Installation.from_environment(), watch.engine, watch.experiment, watch.trial)

    def _leave_alone(self, watch: TrainingWatch, why: object) -> None:
        self._left_alone = _launch_of(watch)
        self.log.warning("This crash is left to monitor_containers: %s", why)


def _launch_of(watch: TrainingWatch) -> str:
    return f"{watch.state.id}"
