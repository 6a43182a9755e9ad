"""The page Experiment: its head, its chart, its table of trials, and the way there from a DAG run."""

import pytest
from optuna.exceptions import StorageInternalError

from include.experiments.crashing import give_up
from include.experiments.installation import Installation
from include.experiments.overview import overview
from include.experiments.records import Outcome, State
from include.pages import trials
from include.pages.database import Database
from include.pages.detail import UnknownPage, detail
from include.pages.listing import Query, listing
from include.pages.runs import experiment_of_run
from include.pages.trials import trial_window
from tests.include.pages.support import ACCURACIES, GOALS, PUSH, claim, ended, push_number, train

DAG = "train_cnn__admin__mnist"


def test_the_head_tells_push_goals_state_and_best_trial(
    database: Database, installation: Installation
) -> None:
    experiment = ended(installation)
    told = detail(database, str(experiment))
    assert (told["push"]["message"], told["push"]["body"]) == ("Recognise digits", "With a small network.")
    assert (told["state"], told["goals"]["target"]) == ("target_met", 0.9)
    assert told["numbers"] == {"trials": 4, "best": [4, 0.91]}
    assert (told["accuracies"], told["states"], told["running"]) == (list(ACCURACIES), "cccc", [])
    assert told["verdict"]["evidence"][0]["line"] == 8


def test_pruned_failed_and_running_trials_are_told_apart(
    database: Database, installation: Installation
) -> None:
    experiment = claim(installation)
    train(installation, experiment, 0.5)
    for outcome in (Outcome("pruned", 0.95, pruned="behind"), Outcome("out_of_memory", error="too big")):
        experiment.tell(train(installation, experiment, None), outcome)
    train(installation, experiment, None)
    told = detail(database, str(experiment))
    assert (told["states"], told["running"]) == ("cpfr", [4])
    assert told["accuracies"] == [0.5, 0.95, None, None]
    assert told["numbers"]["best"] == [1, 0.5]  # what was ended early is no result
    assert told["runs"] == {"4": experiment.run_id(4)}


def test_relaunches_come_with_their_times(database: Database, installation: Installation) -> None:
    experiment = claim(installation)
    train(installation, experiment, None)
    experiment.note(1, "relaunches", [{"number": 1, "at": 12.5, "reason": "killed by signal 9"}])
    told = detail(database, str(experiment))["relaunches"]
    assert told == [{"trial": 1, "number": 1, "at": 12.5, "reason": "killed by signal 9"}]


def test_an_end_without_a_judgement_is_told_with_its_cause_and_its_trial(
    database: Database, installation: Installation
) -> None:
    script, lost, tweak = (claim(installation, push_number(n)) for n in (1, 2, 3))
    for experiment, state in ((script, State.SCRIPT_ERROR), (tweak, State.TWEAK_ERROR)):
        train(installation, experiment, None)
        experiment.tell(1, Outcome("script_error", error="ValueError: no such <column>"))
        experiment.end(state)
    tweak.set("tweak_end", {"script": "tweak.py", "trial": 1, "why": "ended with exit code 1"})
    lost.end(State.CRASHED)
    told = {name: detail(database, str(name))["ending"] for name in (script, lost, tweak)}
    assert told[script] == {"text": "Trial 1: ValueError: no such <column>", "trial": 1}
    assert told[tweak] == {"text": "tweak.py ended with exit code 1.", "trial": 1}
    assert told[lost]["text"].startswith("It ended before its first trial")
    assert detail(database, str(ended(installation)))["ending"] is None


def test_a_persons_stop_before_the_first_trial_is_no_crash(
    database: Database, installation: Installation
) -> None:
    stopped, lost = (
        installation.store.claim(push_number(number), GOALS, f"run-{number}") for number in (1, 2)
    )
    give_up(installation, str(stopped), 1, task_failed=True)
    give_up(installation, str(lost), 1)
    told = detail(database, str(stopped))
    assert (told["state"], told["ending"]["text"]) == (
        "stopped",
        "A person ended it before its training had begun.",
    )
    assert stopped is not None
    assert overview(installation.settings, stopped).state == "stopped"
    assert detail(database, str(lost))["state"] == "crashed"
    rows = listing(database, Query(), {"admin/mnist"})["rows"]
    assert {row["id"]: row["state"] for row in rows} == {str(stopped): "stopped", str(lost): "crashed"}


def test_a_link_in_a_push_that_is_no_web_page_is_left_out(
    database: Database, installation: Installation
) -> None:
    experiment = claim(installation, push_number(4, url="javascript:alert(1)"))
    assert detail(database, str(experiment))["push"]["url"] is None


def test_an_unknown_experiment_is_refused(database: Database) -> None:
    with pytest.raises(UnknownPage, match="no experiment admin/mnist@"):
        detail(database, f"admin/mnist@{PUSH.sha}")
    with pytest.raises(UnknownPage, match="no experiment admin/mnist@"):
        trial_window(database, f"admin/mnist@{PUSH.sha}", 1, "newest")


def test_a_trials_changed_values_are_marked_against_the_best_before_it(
    database: Database, installation: Installation
) -> None:
    experiment = ended(installation)
    rows = {row["number"]: row for row in trial_window(database, str(experiment), 1, "newest")["rows"]}
    assert (rows[1]["changed"], rows[1]["against"]) == ({}, None)
    assert rows[2]["changed"] == {"0": "4"}
    assert (rows[4]["changed"], rows[4]["against"]) == ({"0": "8"}, 2)  # trial 3 was worse than trial 2
    assert (rows[4]["values"], rows[4]["best"]) == (["32", "5"], True)
    assert rows[4]["reason"] == "filters of conv 1: 16 → 32"


def test_the_table_is_cut_into_windows_and_ordered_as_asked(
    database: Database, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials, "WINDOW", 3)
    experiment = str(ended(installation))

    def numbers(page: int, order: trials.Order) -> list[int]:
        return [row["number"] for row in trial_window(database, experiment, page, order)["rows"]]

    assert (numbers(1, "newest"), numbers(2, "newest"), numbers(9, "newest")) == ([4, 3, 2], [1], [1])
    assert (numbers(1, "best"), numbers(2, "best")) == ([4, 2, 3], [1])
    told = trial_window(database, experiment, 1, "newest")
    assert (told["pages"], told["total"]) == (2, 4)


def test_a_run_leads_to_its_experiment_whatever_made_its_id(
    database: Database, installation: Installation
) -> None:
    first = ended(installation, run_id="asset_triggered__2026")
    second = claim(installation, run_id="manual__2026", force=True)
    for run, experiment in (
        ("asset_triggered__2026", first),
        (first.run_id(3), first),
        ("manual__2026", second),
        (second.run_id(2), second),
    ):
        assert str(experiment_of_run(database, DAG, run)) == str(experiment)


@pytest.mark.parametrize(
    ("dag", "run"),
    [
        (DAG, "manual__other"),
        (DAG, "ffffffffffff.trial-1"),
        (DAG, "0123456789ab+7.trial-1"),
        ("train_cnn__admin__other", "0123456789ab.trial-2"),
        ("monitor_containers", "run-1"),
        (DAG, '%" OR 1=1'),
    ],
)
def test_a_run_that_trains_no_push_leads_nowhere(
    database: Database, installation: Installation, dag: str, run: str
) -> None:
    ended(installation)
    assert experiment_of_run(database, dag, run) is None


def test_the_pages_connection_can_not_write(database: Database, installation: Installation) -> None:
    experiment = ended(installation)
    study = database.study(str(experiment))
    assert study is not None
    with pytest.raises(StorageInternalError, match="raised during the commit"):
        database.storage.set_study_user_attr(study.id, "state", State.CRASHED.value)
    assert experiment.state is State.TARGET_MET
