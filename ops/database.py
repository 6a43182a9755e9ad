"""Airflow's database: made or migrated only when it has to be."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ops.commands import Say, run_logged
from ops.locks import locked
from ops.paths import PROJECT_ROOT, VAR, VENV

_URL = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
_REMEDY = "A newer version's database can't be used by an older one; `make clean` starts afresh"


def schema_version() -> str:
    """Name the schema that the locked packages want: a hash of the lock."""
    return hashlib.sha256((PROJECT_ROOT / "requirements.txt").read_bytes()).hexdigest()[:12]


def ensure_database(environment: Mapping[str, str], say: Say) -> None:
    """Bring a stack's database to the locked Airflow's schema.

    A new SQLite file is copied from one migrated before (`var/cache`), which takes 10 ms instead of 10 s.
    An existing file is migrated when the lock has changed since; any other database by every call.

    Args:
        environment: The stack's environment, which names database and state folder.
        say: Where progress goes.

    Raises:
        CommandFailedError: `airflow db migrate` failed.
    """
    url, log = environment[_URL], Path(environment["CNN_VAR_DIR"]) / "logs" / "database.log"
    if not url.startswith("sqlite:///"):
        _migrate(environment, log, say)
        return
    file = Path(url.removeprefix("sqlite:///"))
    stamp = file.with_name("schema")
    if file.exists() and stamp.exists() and stamp.read_text() == schema_version():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.exists():
        _migrate(environment, log, say)
    else:
        shutil.copyfile(_template(environment, log, say), file)
        file.chmod(0o600)
    stamp.write_text(schema_version())


# Not `trigger`, whose oldest rows are the watchers of repositories, nor DAGs and their versions.
_HISTORY = (
    "asset_event,dag_run,import_error,job,log,task_instance,task_instance_history,task_reschedule,"
    "task_state_store,xcom"
)


def clean_history(environment: Mapping[str, str], days: float, say: Say) -> None:
    """Remove runs, and what belongs to them, that are older than so many days; experiments stay.

    Args:
        environment: The stack's environment.
        days: At least 1.
        say: Where progress goes.

    Raises:
        CommandFailedError: `airflow db clean` failed.
    """
    before = datetime.now(UTC) - timedelta(days=max(days, 1.0))
    log = Path(environment["CNN_VAR_DIR"]) / "logs" / "database.log"
    command = (str(VENV / "bin" / "airflow"), "db", "clean", "--yes", "--skip-archive", "--tables", _HISTORY)
    arguments = ("--clean-before-timestamp", before.isoformat(timespec="seconds"))
    remedy = f"Read {log}; the next run tries again"
    seconds = run_logged((*command, *arguments), log, remedy=remedy, environment=environment)
    say(f"Database: runs from before {before:%Y-%m-%d} are removed ({seconds:.0f} s)")


def _template(environment: Mapping[str, str], log: Path, say: Say) -> Path:
    """Find or make the empty, migrated database that new stacks begin with."""
    cache = VAR / "cache"
    template = cache / f"airflow-{schema_version()}.db"
    with locked(cache / "lock"):
        if not template.exists():
            draft = template.with_suffix(".draft")
            draft.unlink(missing_ok=True)
            _migrate({**environment, _URL: f"sqlite:///{draft}"}, log, say)
            draft.rename(template)
    return template


def _migrate(environment: Mapping[str, str], log: Path, say: Say) -> None:
    say("Database: bringing it to Airflow's schema")
    command = (str(VENV / "bin" / "airflow"), "db", "migrate")
    seconds = run_logged(command, log, remedy=_REMEDY, environment=environment)
    say(f"Database: ready in {seconds:.0f} s")
