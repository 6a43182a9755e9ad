"""Airflow's own clean-up of its database, on a real one."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ops import cli
from ops.database import clean_history, ensure_database
from ops.stack import Stack, StackConfig


def remember(database: Path, event: str, age: timedelta) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        at = (datetime.now(UTC) - age).isoformat(sep=" ")
        connection.execute("INSERT INTO log (dttm, event) VALUES (?, ?)", (at, event))
        values = ("a.Watcher", "{}", at)
        connection.execute("INSERT INTO trigger (classpath, kwargs, created_date) VALUES (?, ?, ?)", values)


def column(database: Path, query: str) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return [row[0] for row in connection.execute(query)]


def test_old_history_goes_and_the_watchers_of_repositories_stay(tmp_path: Path) -> None:
    environment = Stack(StackConfig(var_dir=tmp_path / "var")).environment()
    ensure_database(environment, cli.say)
    database = tmp_path / "var" / "airflow" / "airflow.db"
    remember(database, "old", timedelta(days=31))
    remember(database, "new", timedelta(days=29))
    clean_history(environment, 30, cli.say)
    assert {"old", "new"} & set(column(database, "SELECT event FROM log")) == {"new"}
    assert column(database, "SELECT classpath FROM trigger") == ["a.Watcher", "a.Watcher"]
    assert [name for name in column(database, "SELECT name FROM sqlite_master") if "deleted" in name] == []
