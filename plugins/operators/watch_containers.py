"""The monitor's operator: one round of probe, decide, act."""

from typing import Any

from airflow.sdk import BaseOperator, Context

from include.containers.engine import Engine
from include.experiments.installation import Installation
from include.experiments.monitoring import monitor_round


class WatchContainersOperator(BaseOperator):
    """Relaunches, stops or removes training containers as needed.

    Args:
        docker_url: The Docker engine.
    """

    ui_color = "#fde8e8"

    def __init__(self, *, docker_url: str = "unix://var/run/docker.sock", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.docker_url = docker_url

    def execute(self, context: Context) -> list[dict[str, Any]]:
        """Do one round and return its audit lines."""
        installation = Installation.from_environment()
        engine = Engine.connect(installation.settings.stack, self.docker_url)
        lines = monitor_round(installation, engine)
        for line in lines:
            self.log.info("%s %s: %s", line.action, line.container, line.reason)
        if not lines:
            self.log.info("All trainings are well")
        return [line.to_json() for line in lines]
