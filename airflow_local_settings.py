"""Read by every Airflow component at its start: loads what tasks need, once, where tasks are forked from.

Each task runs in a process forked from the scheduler (or Celery worker), so what is imported here costs a
task nothing; left to the tasks, these imports were most of their time (`bench/overhead.py`).
"""

import sys
from importlib import import_module

_FORKING = ("scheduler", "celery")
_MODULES = (
    "airflow.providers.docker.operators.docker",
    "airflow.providers.github.hooks.github",
    "airflow.providers.smtp.notifications.smtp",
    "airflow.providers.standard.operators.python",
    "airflow.providers.standard.operators.trigger_dagrun",
    "airflow.sdk.bases.decorator",
    "airflow.sdk.execution_time.task_runner",
    "alembic.runtime.migration",
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


if any(word in sys.argv[1:3] for word in _FORKING):
    preload()
