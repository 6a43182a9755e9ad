"""The operators that keep disk and database bounded."""

import subprocess
import sys
import time

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowSkipException

from include.containers.spec import MIB
from include.experiments.installation import Installation
from include.experiments.retention import clean_up, history_cleaned, history_due, longest_kept
from include.settings import PROJECT_ROOT


class RemoveOldFilesOperator(BaseOperator):
    """Removes files of trials that are not to be kept any more."""

    ui_color = "#eeeeee"

    def execute(self, context: Context) -> dict[str, float]:
        """Remove; returns how many files and folders went, and the megabytes that they took."""
        del context
        removed = clean_up(Installation.from_environment(), time.time())
        for entry in removed:
            self.log.info("Removed %s (%.1f MB): %s", entry.path, entry.bytes / MIB, entry.reason)
        total = sum(entry.bytes for entry in removed) / MIB
        self.log.info("Removed %d, which took %.1f MB", len(removed), total)
        return {"removed": len(removed), "megabytes": round(total, 1)}


class CleanHistoryFailed(RuntimeError):
    """`airflow db clean` failed; the message is what it said."""


class CleanHistoryOperator(BaseOperator):
    """Runs Airflow's own `db clean`.

    In a process of its own, with the environment of a component: tasks have no access to the database.
    """

    ui_color = "#eeeeee"

    def execute(self, context: Context) -> None:
        """Clean, at most once a day.

        Raises:
            AirflowSkipException: It was done within the last day.
            CleanHistoryFailed: With the end of its output.
        """
        del context
        installation = Installation.from_environment()
        if not history_due(installation, time.time()):
            raise AirflowSkipException("It was cleaned within the last day")
        where = ("--var", str(installation.settings.var))
        days = ("--days", str(longest_kept(installation)))
        command = (sys.executable, "-m", "ops", *where, "clean-history", *days)
        answer = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT_ROOT, timeout=1800)
        if answer.returncode != 0:
            raise CleanHistoryFailed(answer.stderr.strip()[-2000:])
        history_cleaned(installation)
        self.log.info("%s", answer.stdout.strip())
