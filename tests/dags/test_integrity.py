"""The DAG files as Airflow's own parser sees them."""

from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG, Asset, AssetAll, AssetOrTimeSchedule, CronTriggerTimetable

from include.repositories import Repository
from include.settings import PROJECT_ROOT
from plugins.operators.train_form import form
from plugins.operators.tweak import RetrainOperator
from plugins.triggers.container_events import ContainerEventsTrigger
from plugins.triggers.github_push import GitHubPushTrigger

TWO = "repositories:\n- {name: admin/mnist}\n- {name: acme/digits, connection: acme, branch: dev}\n"


def parse(file: str, configuration: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> DagBag:
    (folder / "repositories.yaml").write_text(configuration, encoding="utf-8")
    monkeypatch.setenv("CNN_CONFIG_DIR", str(folder))
    return DagBag(PROJECT_ROOT / "dags" / file, bundle_path=PROJECT_ROOT / "dags", bundle_name="dags")


def dag_of(file: str, dag_id: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> DAG:
    bag = parse(file, TWO, folder, monkeypatch)
    assert bag.import_errors == {}
    return bag.dags[dag_id]


@pytest.fixture
def train(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DAG:
    return dag_of("train_cnn.py", "train_cnn__acme__digits", tmp_path, monkeypatch)


def test_each_watched_repository_has_one_dag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bag = parse("train_cnn.py", TWO, tmp_path, monkeypatch)
    assert bag.import_errors == {}
    assert set(bag.dags) == {"train_cnn__admin__mnist", "train_cnn__acme__digits"}


def test_the_monitor_is_one_dag_that_runs_every_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dag = dag_of("monitor_containers.py", "monitor_containers", tmp_path, monkeypatch)
    assert isinstance(dag.schedule, AssetOrTimeSchedule)
    assert dag.schedule.timetable == CronTriggerTimetable("* * * * *", timezone="UTC")
    assert {"watch_containers", "deliver_mail", "tell_github"} == set(dag.task_ids)


def test_the_monitor_is_started_by_the_events_of_every_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = TWO.replace("{name: admin/mnist}", "{name: admin/mnist, engine: 'tcp://gpu:2376'}")
    dag = parse("monitor_containers.py", remote, tmp_path, monkeypatch).dags["monitor_containers"]
    assert isinstance(dag.schedule, AssetOrTimeSchedule)
    assert isinstance(dag.schedule.asset_condition, AssetAll)
    (asset,) = dag.schedule.asset_condition.objects
    assert isinstance(asset, Asset)
    (watcher,) = asset.watchers
    assert isinstance(watcher.trigger, ContainerEventsTrigger)
    assert watcher.trigger.engines == [None, "tcp://gpu:2376"]


def test_the_maintenance_is_one_dag_that_runs_every_hour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dag = dag_of("maintenance.py", "maintenance", tmp_path, monkeypatch)
    assert {"remove_old_files", "clean_history"} == set(dag.task_ids)
    assert dag.schedule == CronTriggerTimetable("23 * * * *", timezone="UTC")


def test_a_broken_entry_keeps_the_other_repositories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = TWO.replace("{name: admin/mnist}", "{name: admin/mnist, targt: 0.9}")
    assert set(parse("train_cnn.py", broken, tmp_path, monkeypatch).dags) == {"train_cnn__acme__digits"}


def test_a_broken_entry_is_an_import_error_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = TWO.replace("{name: admin/mnist}", "{name: admin/mnist, targt: 0.9}")
    (error,) = parse("repositories_check.py", broken, tmp_path, monkeypatch).import_errors.values()
    assert "unknown key `targt`; did you mean `target`?" in error
    assert parse("repositories_check.py", TWO, tmp_path, monkeypatch).import_errors == {}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("wait_for_push", "fetch_code"),
        ("wait_for_push", "train"),
        ("fetch_code", "detect_cnn"),
        ("detect_cnn", "train"),
        ("detect_cnn", "notify_not_a_cnn"),
        ("train", "check_accuracy"),
        ("train", "notify_crash"),
        ("check_accuracy", "publish_model"),
        ("publish_model", "notify_developer"),
        ("check_accuracy", "tweak"),
        ("tweak", "retrain"),
        ("check_accuracy", "notify_budget_spent"),
        ("tweak", "notify_budget_spent"),
        ("check_accuracy", "notify_script_error"),
        ("tweak", "notify_tweak_error"),
        ("wait_for_push", "mark_pending"),
        ("retrain", "tell_github"),
        ("notify_developer", "tell_github"),
        ("notify_crash", "tell_github"),
    ],
)
def test_the_vital_edges_are_there(train: DAG, before: str, after: str) -> None:
    assert after in train.get_task(before).downstream_task_ids


def test_trials_begin_beside_others_only_where_the_operator_allows_it(
    train: DAG, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "tweak_beside" not in train.task_ids
    several = TWO.replace("{name: admin/mnist}", "{name: admin/mnist, parallel_trials: 3}")
    dag = parse("train_cnn.py", several, tmp_path, monkeypatch).dags["train_cnn__admin__mnist"]
    assert dag.get_task("tweak_beside").upstream_task_ids == {"wait_for_push"}
    assert dag.get_task("tweak_beside").downstream_task_ids == {"retrain_beside"}


def test_what_is_told_on_github_decides_nothing_of_the_run(train: DAG) -> None:
    for name in ("mark_pending", "tell_github"):
        task = train.get_task(name)
        assert task.is_teardown
        assert not task.on_failure_fail_dagrun
        assert task.downstream_task_ids == set()


def test_only_training_waits_for_a_slot(train: DAG) -> None:
    assert [task.task_id for task in train.tasks if task.pool == "training_slots"] == ["train"]


def test_the_loop_triggers_its_own_dag(train: DAG) -> None:
    retrain = train.get_task("retrain")
    assert isinstance(retrain, RetrainOperator)
    assert retrain.trigger_dag_id == train.dag_id
    assert not retrain.wait_for_completion  # waiting would hold a run per trial


def test_the_push_is_watched_with_the_entrys_connection(train: DAG) -> None:
    assert isinstance(train.schedule, AssetOrTimeSchedule)
    condition = train.schedule.asset_condition
    assert isinstance(condition, AssetAll)
    (asset,) = condition.objects
    assert isinstance(asset, Asset)
    (watcher,) = asset.watchers
    assert isinstance(watcher.trigger, GitHubPushTrigger)
    assert watcher.trigger.github_conn_id == "acme"
    assert watcher.trigger.branch == "dev"


@pytest.mark.parametrize(
    "name", ["sha", "target", "max_trials", "max_hours", "strategy", "pruner", "warm_start", "force", "trial"]
)
def test_each_field_of_the_trigger_form_is_described(train: DAG, name: str) -> None:
    parameter = train.params.get_param(name)
    assert parameter.schema["title"]
    assert parameter.schema["description_md"]


@pytest.mark.parametrize("found", [True, False])
def test_the_trigger_form_offers_only_strategies_that_can_run_here(
    monkeypatch: pytest.MonkeyPatch, found: bool
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object() if found else None)
    offered = form(Repository(name="a/b"))["strategy"].schema["enum"]
    assert {"auto", "tweak.py", "hill_climb", "tpe", "random", "grid"} <= {*offered}
    assert ("gp" in offered) == found


def test_every_dag_has_an_owner_tags_and_a_manual(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file in ("train_cnn.py", "monitor_containers.py", "maintenance.py"):
        for dag in parse(file, TWO, tmp_path, monkeypatch).dags.values():
            assert dag.owner == "better-cnn"
            assert dag.tags
            assert dag.doc_md


def test_every_failure_of_the_system_is_told_to_the_operator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bag = parse("train_cnn.py", TWO + "alerts: [ops@example.com]\n", tmp_path, monkeypatch)
    tasks = [task for dag in bag.dags.values() for task in dag.tasks]
    assert len(tasks) == 34
    assert all(task.on_failure_callback for task in tasks)
