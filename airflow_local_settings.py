"""Read by every Airflow component at its start: two things that make each task of a trial shorter.

What tasks import is loaded once, where they are forked from: each task runs in a process forked from the
scheduler (or Celery worker), so what is imported here costs it nothing. Left to the tasks, these imports were
most of their time (`bench/overhead.py`). Each DAG file, too, is parsed every few seconds in a process that is
forked, from the DAG processor.

And SQLite, where it is the database, does not wait for the disk at each of a task's scores of commits. Its
write-ahead log survives the crash of any process as before; a power cut can undo the last commits, and what
they stood for is then done again, as harmlessly as when a task is cleared.
"""

import sqlite3
import sys
from importlib import import_module

from sqlalchemy import event
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection
from sqlalchemy.engine import Engine

_FORKING = ("scheduler", "celery", "dag-processor")
_MODULES = (
    "airflow.providers.docker.operators.docker",
    "airflow.providers.github.hooks.github",
    "airflow.providers.smtp.notifications.smtp",
    "airflow.providers.standard.operators.python",
    "airflow.providers.standard.operators.trigger_dagrun",
    "airflow.sdk.bases.decorator",
    "airflow.sdk.execution_time.task_runner",
    "docker",
    "github",
    "jinja2.ext",
    "include.experiments.inspection",
    "include.experiments.publishing",
    "include.experiments.telling",
    "include.experiments.training",
    "include.tweaker.declared",
    "include.tweaker.interfaces._growing",
    "include.tweaker.interfaces._parameters",
    "include.tweaker.interfaces._reading",
    "include.tweaker.interfaces.arguments",
    "include.tweaker.interfaces.literals",
    "include.tweaker.interfaces.stdin",
    "include.tweaker.strategies._choosing",
    "include.tweaker.strategies.auto",
    "libcst",
    "optuna.storages",
    "plugins.operators.alerts",
    "plugins.operators.check_accuracy",
    "plugins.operators.detect_cnn",
    "plugins.operators.fetch_code",
    "plugins.operators.notify_developer",
    "plugins.operators.publish_model",
    "plugins.operators.tell_github",
    "plugins.operators.train_form",
    "plugins.operators.training",
    "plugins.operators.tweak",
    "plugins.operators.wait_for_push",
    "plugins.triggers.training_container",
    "sqlalchemy.dialects.sqlite",
)


def preload() -> None:
    """Import what the tasks will."""
    for name in _MODULES:
        import_module(name)
    _open_an_experiment_store()


def _open_an_experiment_store() -> None:
    """Have SQLAlchemy configure Optuna's tables, and what it imports only then, on a database in memory."""
    from optuna.storages import RDBStorage

    RDBStorage("sqlite://").engine.dispose()


@event.listens_for(Engine, "connect")
def _spare_the_disk(connection: object, _: object) -> None:
    """Set up a new connection, if it is one to SQLite."""
    if isinstance(connection, sqlite3.Connection | AsyncAdapt_aiosqlite_connection):
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.close()


if any(word in sys.argv[1:3] for word in _FORKING):
    preload()
