"""The environment every Airflow component and every program of a stack runs in."""

from __future__ import annotations

import hashlib
import os
import shlex
from collections.abc import Mapping
from pathlib import Path

from ops.images import training_image
from ops.paths import DATASETS, PROJECT_ROOT, VENV
from ops.processes import STACK_VARIABLE
from ops.secrets import Secrets

# Settings of another Airflow on this machine must not leak in; connections and variables may.
_FOREIGN = ("AIRFLOW__", "AIRFLOW_HOME", "AIRFLOW_CONFIG", "CNN_", "PYTHONPATH", "PYTHONHOME")


def stack_id(var_dir: Path) -> str:
    """Name the stack of a state folder: the same folder is the same stack, after any restart."""
    return hashlib.sha256(str(var_dir.resolve()).encode()).hexdigest()[:10]


def inherited(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Take over the caller's environment without what would change Airflow or Python behind our back."""
    kept = {name: value for name, value in environment.items() if not name.startswith(_FOREIGN)}
    local = "localhost,127.0.0.1"  # components talk to each other past any proxy of the host
    for name in ("NO_PROXY", "no_proxy"):
        kept[name] = ",".join(filter(None, (environment.get(name), local)))
    kept["SPT_NOENV"] = "1"  # setproctitle would overwrite what /proc says of the environment, CNN_STACK too
    kept["PATH"] = f"{VENV / 'bin'}:{environment.get('PATH', '/usr/bin:/bin')}"
    return kept


def paths(var_dir: Path, config_dir: Path) -> dict[str, str]:
    """Say where things are: `CNN_*` for our code, `AIRFLOW_*` for Airflow."""
    home = var_dir / "airflow"
    return {
        "CNN_PROJECT_ROOT": str(PROJECT_ROOT),
        "CNN_VAR_DIR": str(var_dir),
        "CNN_CONFIG_DIR": str(config_dir),
        STACK_VARIABLE: stack_id(var_dir),
        "CNN_TRAINING_IMAGE": training_image(),
        "CNN_DATASETS": str(DATASETS),
        "AIRFLOW_HOME": str(home),
        "AIRFLOW_CONFIG": str(PROJECT_ROOT / "airflow.cfg"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT_ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT_ROOT / "plugins"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(var_dir / "logs" / "airflow"),
        "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(
            var_dir / "logs" / "dag_processor"
        ),
    }


def addresses(port: int, tasks_port: int, task_logs_port: int) -> dict[str, str]:
    """Say where things listen, all on 127.0.0.1.

    Args:
        port: The web UI and its REST API.
        tasks_port: The server that the tasks talk to.
        task_logs_port: The answerer of questions for logs.
    """
    url = f"http://127.0.0.1:{port}"
    return {
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{tasks_port}/execution/",
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(task_logs_port),
        "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(task_logs_port),
    }


def secret_settings(made: Secrets) -> dict[str, str]:
    """Have Airflow read its secrets from their files: no environment holds a value."""
    return {
        "AIRFLOW__CORE__FERNET_KEY_CMD": f"cat {shlex.quote(str(made.fernet_key))}",
        "AIRFLOW__API__SECRET_KEY_CMD": f"cat {shlex.quote(str(made.api_secret_key))}",
        "AIRFLOW__API_AUTH__JWT_SECRET_CMD": f"cat {shlex.quote(str(made.jwt_secret))}",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(made.passwords),
    }
