"""The monitor's operator: one round of probe, decide, act."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from airflow.sdk import BaseOperator, Context

from include.containers.audit import AuditLine
from include.containers.engine import Engine
from include.experiments.abandoning import end_abandoned
from include.experiments.engines import engines_in_use
from include.experiments.installation import Installation
from include.experiments.monitoring import monitor_round
from include.experiments.stopping import end_stranded
from include.repositories import dag_id_of
from plugins.hooks.ends import tell_of_end
from plugins.operators import names
from plugins.operators.links import pages_of_run

# A training's task that waits is in none of these; one whose training ended well is judged elsewhere.
_OVER = frozenset(["failed", "upstream_failed", "skipped", "removed"])
_GONE = "removed"  # as good as that: the run is not in Airflow's database any more


class WatchContainersOperator(BaseOperator):
    """Relaunches, stops or removes training containers as needed, on every engine of the installation.

    It also ends the experiments whose runs a person has ended, and tells of them: no task of theirs does.

    Args:
        smtp_conn_id: The SMTP connection.
    """

    ui_color = "#fde8e8"

    def __init__(self, *, smtp_conn_id: str = "smtp_default", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.smtp_conn_id = smtp_conn_id

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
        for line in self._lines(installation, connect, context):
            self.log.info("%s", line)
            lines.append(line.to_json())
        if not lines:
            self.log.info("All trainings are well")
        self._end_stranded(installation, context)
        return lines

    def _end_stranded(self, installation: Installation, context: Context) -> None:
        if (task := context.get("ti")) is None:
            return
        for experiment in end_stranded(installation, partial(_was_ended, task)):
            self.log.info("A person ended every run of %s, which ends it", experiment)
            run = experiment.run_id(len(experiment.trials()) or 1)
            pages = pages_of_run(dag_id_of(experiment.identity.repository), run)
            tell_of_end(str(experiment), self.smtp_conn_id, pages, self.log)

    def _lines(
        self, installation: Installation, connect: Callable[[str | None], Engine], context: Context
    ) -> Iterator[AuditLine]:
        yield from monitor_round(installation, engines_in_use(installation), connect)
        if (task := context.get("ti")) is not None:
            yield from end_abandoned(installation, connect, partial(_is_over, task))


def _is_over(task: Any, repository: str, run_id: str) -> bool:
    """Whether a repository's run has its training task behind it, or is gone itself."""
    states = task.get_task_states(dag_id=dag_id_of(repository), task_ids=[names.TRAIN], run_ids=[run_id])
    return states.get(run_id, {}).get(names.TRAIN, _GONE) in _OVER


def _was_ended(task: Any, repository: str, run_id: str) -> bool | None:
    """Whether a person marked a repository's run as a whole, which skips all that had not begun.

    By itself one of the two tasks that follow a training runs: the one that judges, or the one that gives up.
    """
    follow = [names.CHECK_ACCURACY, names.NOTIFY_CRASH]
    states = task.get_task_states(dag_id=dag_id_of(repository), task_ids=follow, run_ids=[run_id])
    if run_id not in states:
        return None
    return all(states[run_id].get(name) == "skipped" for name in follow)


def _events(context: Context) -> Iterator[str]:
    """What the engines told that started this run; nothing for a run of the minute."""
    for events in (context.get("triggering_asset_events") or {}).values():
        for event in events:
            yield from (event.extra.get("payload") or {}).get("noticed", ())
