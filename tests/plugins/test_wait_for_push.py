"""Whose push is it? Each commit is claimed by one run, which says so to whoever listens."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast
from unittest.mock import create_autospec

import pytest
from airflow.sdk import DAG, Asset, Context
from airflow.sdk.exceptions import AirflowSkipException, DagRunTriggerException, DownstreamTasksSkipped
from airflow.sdk.execution_time.context import OutletEventAccessors
from airflow.sdk.types import RuntimeTaskInstanceProtocol

from plugins.operators.start_run import StartRunOperator
from plugins.operators.wait_for_push import StartOtherPushOperator, WaitForPushOperator, Work
from tests.include.source.github_double import GitHubDouble, Reply, running_double

A, B, C = (letter * 40 for letter in "abc")
TRIALS = Asset(name="trials", uri="cnn-trials://o/r")
GOALS = {"target": 0.9, "max_trials": 5, "max_hours": 1, "strategy": "tpe", "pruner": "none"}
FORM = {**GOALS, "warm_start": False, "parallel_trials": 1, "trial": 1, "force": False, "sha": ""}


@pytest.fixture
def double(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubDouble]:
    """A GitHub with three commits, of which A is the head, and an installation that knows none of them."""
    monkeypatch.setenv("CNN_VAR_DIR", str(tmp_path))
    with running_double() as running:
        connection = {"conn_type": "github", "password": "test-token", "host": running.base_url}
        monkeypatch.setenv("AIRFLOW_CONN_GITHUB_DOUBLE", json.dumps(connection))
        for sha in (A, B, C):
            author = {"name": "Ann", "email": "ann@example.org"}
            running.on(f"git/commits/{sha}", Reply(200, {"sha": sha, "author": author, "message": "m"}))
        running.on("git/ref/heads/main", Reply(200, {"object": {"sha": A}}))
        yield running


class Run:
    """A run of the DAG, as far as its first task looks at it."""

    def __init__(self, run_id: str, **changed: Any) -> None:
        with DAG("train_cnn__o__r") as dag:
            self.task = WaitForPushOperator(
                task_id="wait_for_push",
                repository="o/r",
                branch="main",
                github_conn_id="github_double",
                first_trial_only=("fetch_code",),
                outlets=[TRIALS],
            )
            self.task >> WaitForPushOperator(task_id="fetch_code", repository="o/r")
        self.task.ref = changed.get("sha", "")  # as its template is rendered
        self.ti = create_autospec(RuntimeTaskInstanceProtocol, instance=True, map_index=-1)
        self.events = OutletEventAccessors()
        context = {
            "params": {**FORM, **changed},
            "run_id": run_id,
            "dag": dag,
            "ti": self.ti,
            "outlet_events": self.events,
        }
        self.context = cast("Context", context)

    def execute(self) -> Work:
        return self.task.execute(self.context)

    def told(self) -> dict[str, Any]:
        return dict(self.events[TRIALS].extra)


def test_the_run_that_claims_a_push_says_which_trial_it_is(double: GitHubDouble) -> None:
    run = Run("scheduled__1")
    assert run.execute() == {"experiment": f"o/r@{A}", "trial": 1, "others": []}
    assert run.told() == {"experiment": f"o/r@{A}", "trial": 1}


def test_a_push_that_another_run_has_claimed_is_skipped_and_nothing_is_said(double: GitHubDouble) -> None:
    Run("asset_triggered__1").execute()
    late = Run("scheduled__1")
    with pytest.raises(AirflowSkipException, match="set `force` to train a commit again"):
        late.execute()
    assert late.told() == {}


def test_the_same_run_claims_again_when_its_task_is_repeated(double: GitHubDouble) -> None:
    assert Run("scheduled__1").execute() == Run("scheduled__1").execute()


def test_by_force_it_is_another_attempt_and_the_same_one_when_repeated(double: GitHubDouble) -> None:
    Run("asset_triggered__1").execute()
    for _ in range(2):
        assert Run("manual__1", sha=A, force=True).execute()["experiment"] == f"o/r@{A}+2"


def test_an_older_push_that_came_along_is_taken_where_the_newest_one_is_trained(double: GitHubDouble) -> None:
    Run("asset_triggered__1").execute()
    run = Run("asset_triggered__2", others=[B, C])
    assert run.execute() == {"experiment": f"o/r@{C}", "trial": 1, "others": [B]}


def test_a_later_trial_knows_its_push_and_skips_what_only_the_first_one_needs(double: GitHubDouble) -> None:
    run = Run(f"{A[:12]}.trial-3", sha=A, trial=3)
    with pytest.raises(DownstreamTasksSkipped) as skipped:
        run.execute()
    assert list(skipped.value.tasks) == ["fetch_code"]
    work = {"experiment": f"o/r@{A}", "trial": 3, "others": []}
    run.ti.xcom_push.assert_any_call("return_value", work)
    assert run.told() == {"experiment": f"o/r@{A}", "trial": 3}
    assert double.requests == []


def test_the_next_push_gets_a_run_of_its_own_named_by_commit_and_trial() -> None:
    start = StartOtherPushOperator(task_id="start_other_push", trigger_dag_id="d", repository="o/r")
    ti = create_autospec(RuntimeTaskInstanceProtocol, instance=True)
    ti.xcom_pull.return_value = Work(experiment=f"o/r@{C}", trial=1, others=[A, B])
    with pytest.raises(DagRunTriggerException, match=r"^$") as triggered:
        start.execute(cast("Context", {"ti": ti}))
    assert triggered.value.dag_run_id == f"{B[:12]}.trial-1"
    assert triggered.value.conf == {"sha": B, "trial": 1, "others": [A]}


def test_a_run_that_is_started_is_due_in_the_whole_seconds_of_sqlite_too() -> None:
    start = StartRunOperator(task_id="start", trigger_dag_id="d", trigger_run_id="r")
    with pytest.raises(DagRunTriggerException, match=r"^$") as triggered:
        start.execute(cast("Context", {"ti": create_autospec(RuntimeTaskInstanceProtocol, instance=True)}))
    with closing(sqlite3.connect(":memory:")) as database:
        (now,) = database.execute("SELECT CURRENT_TIMESTAMP").fetchone()
    assert f"{triggered.value.run_after:%Y-%m-%d %H:%M:%S.%f}" <= now
