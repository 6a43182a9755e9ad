"""The monitor's operator: one round of probe, decide, act."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from airflow.sdk import BaseOperator, Context

from include.containers.engine import Engine
from include.experiments.engines import engines_in_use
from include.experiments.installation import Installation
from include.experiments.monitoring import monitor_round


class WatchContainersOperator(BaseOperator):
    """Relaunches, stops or removes training containers as needed, on every engine of the installation."""

    ui_color = "#fde8e8"

    def execute(self, context: Context) -> list[dict[str, Any]]:
        """Do one round and return its audit lines.

        Raises:
            EngineUnavailableError: An engine does not answer; those that do were seen to first.
        """
        for event in _events(context):
            self.log.info("Started by an event: %s", event)
        installation = Installation.from_environment()
        connect = partial(Engine.connect, installation.settings.stack)
        lines = []
        for line in monitor_round(installation, engines_in_use(installation), connect):
            self.log.info("%s", line)
            lines.append(line.to_json())
        if not lines:
            self.log.info("All trainings are well")
        return lines


def _events(context: Context) -> Iterator[str]:
    """What the engines told that started this run; nothing for a run of the minute."""
    for events in (context.get("triggering_asset_events") or {}).values():
        for event in events:
            yield from (event.extra.get("payload") or {}).get("noticed", ())
