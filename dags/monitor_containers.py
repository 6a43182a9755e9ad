"""
### Keeps trainings alive

At once when a Docker engine tells that a training container died, and every minute: **probe** each training
container, **decide** (a pure function of what was seen), **act**. A container that crashed is launched again
with exactly the same configuration, at most five times, after 1, 2, 4, 8 and 16 s; one whose heartbeat fell
silent is killed first; one that belongs to no trial is removed. `train` waits meanwhile.

The trigger that watches a training does the same for it without waiting for this DAG; whoever comes second
finds it done. Each action is one line (container, cause, decision, reason) in the log of the task that did
it, and in `var/audit.jsonl`.

Besides, an experiment whose run a person marked as a whole is ended and told of, and mails are handed over
that the SMTP server could not take earlier, and what GitHub could not.

Pausing this DAG means: hangs go unnoticed, and crashes while there is no triggerer are not answered.
"""

from datetime import timedelta

from airflow.sdk import DAG, Asset, AssetOrTimeSchedule, AssetWatcher, CronTriggerTimetable

from include.experiments.engines import configured_engines
from include.repositories import load_repositories
from include.settings import Settings
from plugins.operators import names
from plugins.operators.alerts import operator_alerts
from plugins.operators.deliver_mail import DeliverMailOperator
from plugins.operators.tell_github import TellGitHubLaterOperator
from plugins.operators.watch_containers import WatchContainersOperator
from plugins.triggers.container_events import ContainerEventsTrigger

settings = Settings.from_environment()
watched = load_repositories(settings.repositories_file)
events = Asset(
    name="deaths of training containers",
    uri="docker-events://training-containers",
    watchers=[
        AssetWatcher(
            name="watch Docker events",
            trigger=ContainerEventsTrigger(settings.stack, configured_engines(watched.repositories)),
        )
    ],
)

with DAG(
    dag_id="monitor_containers",
    description="Relaunches training containers that crashed, with the same configuration",
    doc_md=__doc__,
    schedule=AssetOrTimeSchedule(
        assets=[events],
        timetable=CronTriggerTimetable("* * * * *", timezone="UTC"),  # what the events missed
    ),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(minutes=5),
    tags=["monitor"],
    default_args={
        "owner": "better-cnn",
        "retries": 0,  # the next minute is the retry
        **operator_alerts(watched.alerts),
    },
):
    WatchContainersOperator(task_id="watch_containers")
    DeliverMailOperator(task_id="deliver_mail")
    TellGitHubLaterOperator(task_id=names.TELL_GITHUB)
