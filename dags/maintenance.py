"""
### Keeps disk and database bounded

Every hour. **`remove_old_files`** removes from `var/workspace` the files of trials beyond `keep_trials` and
`keep_days` (`config/repositories.yaml`), fetched pushes and cached files of the same age. It never removes
what a running experiment needs, anything of an experiment that ended less than a day ago, the result of an
experiment's best trial with its model, nor a published model. **`clean_history`** removes runs of that age
from Airflow's database (`airflow db clean`), once a day; what the experiments came to stays in their own
storage.

Running it by hand, clearing and repeating it is safe at any time.
"""

from datetime import timedelta

from airflow.sdk import DAG, CronTriggerTimetable

from include.repositories import load_repositories
from include.settings import Settings
from plugins.operators.alerts import operator_alerts
from plugins.operators.maintenance import CleanHistoryOperator, RemoveOldFilesOperator

with DAG(
    dag_id="maintenance",
    description="Removes files and runs that are not to be kept any more",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("23 * * * *", timezone="UTC"),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=1),
    tags=["maintenance"],
    default_args={
        "owner": "better-cnn",
        "retries": 1,
        "retry_delay": timedelta(minutes=1),
        **operator_alerts(load_repositories(Settings.from_environment().repositories_file).alerts),
    },
):
    # One after the other, so that the two do not take both processors from a training.
    RemoveOldFilesOperator(task_id="remove_old_files") >> CleanHistoryOperator(
        task_id="clean_history", trigger_rule="all_done"
    )
