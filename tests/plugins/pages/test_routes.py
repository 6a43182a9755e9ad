"""What the routes answer: rows, tables, files, the way from a run, the shells, and Optuna's dashboard."""

from __future__ import annotations

import gc
import gzip
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from airflow.configuration import conf

from include.experiments.installation import Installation
from plugins.experiment_pages import PREFIX
from plugins.pages.assets import files, version
from plugins.pages.lazily import LazyApp
from plugins.pages.links import ExperimentLink
from tests.include.pages.support import HOSTILE, PUSH, claim, ended, publish, push_number, train
from tests.plugins.pages.conftest import Client

PAGE = f"{PREFIX}/admin/mnist/{PUSH.sha}"


def test_the_list_answers_what_is_asked_and_refuses_nonsense(
    client: Client, installation: Installation
) -> None:
    ended(installation)
    browser = client()
    assert browser.get(f"{PREFIX}/api/experiments?q=ada&sort=best").json()["total"] == 1
    assert browser.get(f"{PREFIX}/api/experiments?state=crashed").json()["total"] == 0
    for query in ("sort=rowid", "page=0", "page=x", "state=nonsense", f"q={'x' * 201}"):
        assert browser.get(f"{PREFIX}/api/experiments?{query}").status_code == 422, query


def test_what_did_not_change_is_not_sent_again(client: Client, installation: Installation) -> None:
    experiment = claim(installation)
    browser = client()
    first = browser.get(f"{PAGE}/data")
    same = browser.get(f"{PAGE}/data", headers={"If-None-Match": first.headers["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    train(installation, experiment, 0.5)
    after = browser.get(f"{PAGE}/data", headers={"If-None-Match": first.headers["ETag"]})
    assert after.json()["numbers"]["trials"] == 1


@pytest.mark.parametrize("path", ["", "/data", "/trials", "/download/model", "/optuna/dashboard"])
def test_an_unknown_experiment_is_not_found(client: Client, installation: Installation, path: str) -> None:
    answer = client().get(PAGE + path)
    assert answer.status_code == 404
    assert "o experiment" in answer.json()["detail"] or "No trial" in answer.json()["detail"]


def test_a_person_who_opens_the_link_of_a_deleted_experiment_reads_a_page(
    client: Client, installation: Installation
) -> None:
    answer = client().get(PAGE, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "was never claimed, or was deleted" in answer.text
    assert f'href="{PREFIX}/"' in answer.text


@pytest.mark.parametrize(
    "path", ["/..%2f..%2fetc/passwd/x", "/admin/mnist/HEAD/data", "/a%2f..%2fb/c/" + "0" * 40]
)
def test_an_address_that_names_no_experiment_leads_nowhere(client: Client, path: str) -> None:
    assert client().get(PREFIX + path).status_code in (404, 422)


def test_files_are_saved_and_never_shown(client: Client, installation: Installation, tmp_path: Path) -> None:
    experiment = ended(installation)
    browser = client()
    model = browser.get(f"{PAGE}/download/model")
    assert model.content == b"model of 4"  # the best trial's
    assert browser.get(f"{PAGE}/download/model?trial=1").content == b"model of 1"
    assert browser.get(f"{PAGE}/download/manifest").json()["detail"].startswith("Nothing is published")
    publish(installation, experiment, tmp_path)
    assert browser.get(f"{PAGE}/download/model").content == b"the published model"
    assert browser.get(f"{PAGE}/download/manifest").json()["trial"] == 4
    for answer in (model, browser.get(f"{PAGE}/download/patch")):
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith(
            'attachment; filename="admin-mnist-0123456-trial-4.'
        )
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_a_model_that_is_a_link_out_of_its_folder_is_not_handed_out(
    client: Client, installation: Installation, tmp_path: Path
) -> None:
    experiment = ended(installation)
    (tmp_path / "secret").write_text("secret")
    model = installation.settings.trial(str(experiment), 4) / "out" / "model.keras"
    model.unlink()
    model.symlink_to(tmp_path / "secret")
    answer = client().get(f"{PAGE}/download/model")
    assert (answer.status_code, "secret" in answer.text) == (404, False)


def test_markup_of_a_push_travels_as_json_and_is_escaped_in_the_shell(
    client: Client, installation: Installation
) -> None:
    experiment = claim(installation, push_number(6, message=HOSTILE, branch=HOSTILE, author_name=HOSTILE))
    train(installation, experiment, 0.5)
    folder = installation.settings.trial(str(experiment), 1)
    (folder / "patch.diff").write_text(f"--- a/{HOSTILE}\n")
    (folder / "log.txt").write_text(HOSTILE)
    browser, page = client(), f"{PREFIX}/admin/mnist/{6:040x}"
    for path in ("/data", "/patch?trial=1", "/log?trial=1", "/trials"):
        answer = browser.get(page + path)
        assert answer.headers["Content-Type"] == "application/json", path
        assert path == "/trials" or HOSTILE in json.dumps(answer.json()).encode().decode("unicode_escape"), (
            path
        )
    assert "<img" not in browser.get(page).text
    nothing = browser.get(f"{PREFIX}/of-run", params={"dag": HOSTILE, "run": HOSTILE})
    assert nothing.status_code == 404
    assert "<img" not in nothing.text
    assert "&lt;img" in nothing.text


def test_a_run_and_a_dag_lead_to_their_pages(client: Client, installation: Installation) -> None:
    experiment = ended(installation)
    dag, browser = "train_cnn__admin__mnist", client()
    for run in ("run-1", experiment.run_id(3)):
        answer = browser.get(f"{PREFIX}/of-run", params={"dag": dag, "run": run})
        assert (answer.status_code, answer.headers["Location"]) == (303, PAGE)
        found = browser.get(f"{PREFIX}/api/run", params={"dag": dag, "run": run}).json()
        assert found == {"path": f"admin/mnist/{PUSH.sha}"}
    assert (
        browser.get(f"{PREFIX}/of-dag?dag={dag}").headers["Location"] == f"{PREFIX}/?repository=admin%2Fmnist"
    )
    assert browser.get(f"{PREFIX}/of-dag?dag=other").headers["Location"] == f"{PREFIX}/"


def test_the_link_of_a_task_leads_into_the_web_ui_and_other_dags_have_none(
    client: Client, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended(installation)
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://airflow.example/prefix")
    assert conf.get("api", "base_url") == "https://airflow.example/prefix"
    key = SimpleNamespace(dag_id="train_cnn__admin__mnist", run_id="run-1")
    link = ExperimentLink().get_link(None, ti_key=key)  # type: ignore[arg-type]
    root = "https://airflow.example/prefix/plugin/experiments/"
    assert link == f"{root}experiments/of-run?dag=train_cnn__admin__mnist&run=run-1"
    assert client().get("/" + link.removeprefix(root)).headers["Location"] == PAGE
    other = SimpleNamespace(dag_id="monitor_containers", run_id="run-1")
    assert ExperimentLink().get_link(None, ti_key=other) == ""  # type: ignore[arg-type]


def test_every_asset_that_a_shell_names_is_there_and_may_be_kept(
    client: Client, installation: Installation
) -> None:
    browser = client()
    for name in files():
        answer = browser.get(f"{PREFIX}/static-{version()}/{name}")
        assert (answer.status_code, "immutable" in answer.headers["Cache-Control"]) == (200, True), name
    assert browser.get(f"{PREFIX}/static-{version()}/..%2fapp.py").status_code in (404, 422)
    assert "immutable" not in browser.get(f"{PREFIX}/static-other/style.css").headers["Cache-Control"]


def test_the_dashboard_of_a_study_shows_that_study_and_writes_nothing(
    client: Client, installation: Installation
) -> None:
    ended(installation)
    root, browser = f"{PAGE}/optuna", client()
    assert browser.get(f"{root}/dashboard").headers["Location"] == f"{root}/dashboard/studies/1"
    assert f'data-root="{root}"' in browser.get(f"{root}/dashboard/studies/1").text
    assert len(browser.get(f"{root}/api/studies/1?after=0").json()["trials"]) == 4
    assert browser.get(f"{root}/api/studies/2").status_code == 404
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert browser.request(method, f"{root}/api/studies/1").status_code == 405
    program = browser.get(f"{PREFIX}/optuna/bundle.js")
    assert (program.status_code, program.headers["Content-Encoding"]) == (200, "gzip")
    assert program.content[:2] != gzip.compress(b"")[:2]  # the client has unpacked it


async def test_the_application_is_imported_when_it_is_first_asked_and_no_collection_walks_through_it() -> (
    None
):
    gc.unfreeze()
    lazy = LazyApp("plugins.pages.app")
    assert ("app" not in vars(lazy), gc.get_freeze_count()) == (True, 0)
    sent: list[object] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request"}

    async def send(message: object) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/none",
        "headers": [],
        "query_string": b"",
        "root_path": "",
    }
    await lazy(scope, receive, send)
    assert sent[0]["status"] == 404  # type: ignore[index]
    assert gc.get_freeze_count() > 100_000
    gc.unfreeze()
