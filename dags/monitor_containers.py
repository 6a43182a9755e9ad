"""
### Keeps trainings alive

Every minute: **probe** each training container, **decide** (a pure function of what was seen), **act**.
A container that crashed is launched again with exactly the same configuration, at most five times, after 1,
2, 4, 8 and 16 s; one whose heartbeat fell silent is killed first; one that belongs to no trial is removed.
`train` waits meanwhile. Each action is a line of the task's log and in its XCom.

Then mails are handed over that the SMTP server could not take earlier.

Pausing this DAG means: crashed trainings fail after three minutes instead of going on.
"""

from datetime import timedelta

from airflow.sdk import DAG

from include.repositories import load_repositories
from include.settings import Settings
from plugins.operators.alerts import operator_alerts
from plugins.operators.deliver_mail import DeliverMailOperator
from plugins.operators.watch_containers import WatchContainersOperator

with DAG(
    dag_id="monitor_containers",
    description="Relaunches training containers that crashed, with the same configuration",
    doc_md=__doc__,
    schedule=timedelta(minutes=1),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(minutes=5),
    tags=["monitor"],
    default_args={
        "owner": "better-cnn",
        "retries": 0,  # the next minute is the retry
        **operator_alerts(load_repositories(Settings.from_environment().repositories_file).alerts),
    },
):
    WatchContainersOperator(task_id="watch_containers")
    DeliverMailOperator(task_id="deliver_mail")
