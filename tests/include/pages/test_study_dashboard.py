"""Optuna Dashboard for one study: it reads that one, no other, and changes nothing."""

import gzip
import json

import optuna
import pytest

from include.experiments.installation import Installation
from include.pages import study_dashboard
from include.pages.database import Database
from include.pages.study_dashboard import DashboardChanged, Dashboards, NotReadable, bundle
from include.pages.study_view import ReadOnlyStudy, StudyView
from tests.include.pages.support import ended, push_number


@pytest.fixture
def view(database: Database, installation: Installation) -> StudyView:
    ended(installation, push_number(1))
    name = str(ended(installation, push_number(2)))
    study = database.study(name)
    assert study is not None
    return StudyView(database.storage, study.id, name)


def test_optuna_sees_one_study_with_all_its_trials(view: StudyView) -> None:
    (name,) = optuna.get_all_study_names(view)
    study = optuna.load_study(study_name=name, storage=view)
    assert name.endswith(f"{2:040x}")
    assert [trial.value for trial in study.trials] == [0.61, 0.72, 0.70, 0.91]
    with pytest.raises(KeyError):
        optuna.load_study(study_name=f"admin/mnist@{1:040x}", storage=view)
    with pytest.raises(KeyError):
        view.get_trial(1)  # of the other study


def test_optuna_can_change_nothing_through_it(view: StudyView) -> None:
    study = optuna.load_study(study_name=optuna.get_all_study_names(view)[0], storage=view)
    with pytest.raises(ReadOnlyStudy, match="read-only"):
        study.set_user_attr("state", "crashed")
    with pytest.raises(ReadOnlyStudy, match="read-only"):
        study.ask()
    with pytest.raises(ReadOnlyStudy, match="read-only"):
        optuna.delete_study(study_name=study.study_name, storage=view)


def test_the_dashboard_answers_what_reads_its_study_and_nothing_else(
    database: Database, installation: Installation
) -> None:
    ended(installation, push_number(1))
    name = str(ended(installation, push_number(2)))
    dashboards = Dashboards(lambda: database.storage)
    listed = json.loads(dashboards.get(2, name, "/api/studies", "").body)["study_summaries"]
    assert [study["study_name"] for study in listed] == [name]
    assert len(json.loads(dashboards.get(2, name, "/api/studies/2", "after=0").body)["trials"]) == 4
    assert dashboards.get(2, name, "/csv/2", "").body.count(b"COMPLETE") == 4
    assert dashboards.get(2, name, "/api/meta", "").status == 200
    summary = json.loads(dashboards.get(2, name, "/api/studies/2", "after=0").body)
    assert summary["objective_names"] == ["accuracy"]
    for path in ("/api/studies/1", "/csv/1", "/api/studies/2/rename", "/sql-profiler", "/artifacts/2/x", "/"):
        with pytest.raises(NotReadable):
            dashboards.get(2, name, path, "")


def test_a_study_without_parameters_has_no_importances_and_no_trouble(
    database: Database, installation: Installation
) -> None:
    name = str(ended(installation))  # its trials have values, but no space that Optuna knows
    answer = Dashboards(lambda: database.storage).get(1, name, "/api/studies/1/param_importances", "")
    assert (answer.status, json.loads(answer.body)) == (200, {"param_importances": [[]]})


def test_its_program_takes_root_and_theme_from_the_page() -> None:
    program = gzip.decompress(bundle()).decode()
    assert program.count("dataset.root") == 4
    assert 'url_prefix:"/dashboard"' not in program


def test_another_version_of_the_dashboard_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study_dashboard, "_CHANGES", (("no such place", ""),))
    with pytest.raises(DashboardChanged, match="0 places like 'no such place'"):
        bundle.__wrapped__()
