"""What the maintenance removes of the workspace, and what never."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from include.detector.verdict import Kind, Verdict
from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.layout import FilesGone, lay_out
from include.experiments.records import Goals, Outcome, State
from include.experiments.retention import (
    DAY,
    Ended,
    Kept,
    clean_up,
    history_cleaned,
    history_due,
    longest_kept,
    surplus,
)
from include.source.push import Push
from include.tweaker import Proposal

NOW = 10_000 * DAY
FILES = (
    "work/mycode.py",
    "first/mycode.py",
    "in/launch.json",
    "out/model.keras",
    "out/checkpoint/state",
    "log.txt",
)
RESULT = {"out/model.keras", "log.txt"}


def trial(number: int, ended: float = 2, best: bool = False) -> Ended:
    """A trial whose experiment ended some days ago; higher numbers began later."""
    return Ended(Path(str(number)), NOW - 100 * DAY + number, NOW - ended * DAY, best)


@pytest.mark.parametrize(
    ("trials", "kept", "gone"),
    [
        ([trial(n) for n in (1, 2, 3)], Kept(2, 30), {"1": "not among the last 2 trials"}),
        ([trial(1, ended=31), trial(2)], Kept(20, 30), {"1": "older than 30 days"}),
        ([trial(n, ended=0.9) for n in (1, 2, 3)], Kept(0, 0.1), {}),
        ([trial(1), trial(2)], Kept(20, 30), {}),
        ([trial(1)], Kept(0, 30), {"1": "not among the last 0 trials"}),
    ],
    ids=["the newest stay", "old ones go", "a day is always kept", "within both limits", "none wanted"],
)
def test_trials_go_by_number_and_age(trials: list[Ended], kept: Kept, gone: dict[str, str]) -> None:
    assert {str(trial.folder): why for trial, why in surplus(trials, kept, NOW)} == gone


def experiment(
    installation: Installation, push: Push, sha: str, accuracies: list[float | None], ended: float | None
) -> Experiment:
    """An experiment with its files, that ended some days ago; None: it runs."""
    goals = Goals(target=0.9, max_trials=5, max_hours=1, strategy="hill_climb")
    found = installation.store.claim(replace(push, sha=sha), goals, f"run-{sha}")
    assert found is not None
    for number, accuracy in enumerate(accuracies, start=1):
        found.propose(number, Proposal({}, "why"))
        found.tell(number, Outcome("finished", accuracy))
        for name in FILES:
            path = installation.settings.trial(str(found), number) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("x")
    tree = installation.settings.tree(found.identity.repository, sha)
    tree.mkdir(parents=True)
    (tree / "mycode.py").write_text("x")
    if ended is not None:
        found.end(State.BUDGET_SPENT)
        found.set("ended_at", NOW - ended * DAY)
    return found


def left(installation: Installation, found: Experiment, number: int) -> set[str]:
    folder = installation.settings.trial(str(found), number)
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


VERDICT = Verdict(Kind.CNN, "convolutional network", "keras 3", True, "mycode.py", "It is one.")
SHAS = ["a" * 40, "b" * 40]


def keep(installation: Installation, settings: str) -> Installation:
    text = f"repositories: [{{name: admin/mnist, {settings}}}]"
    installation.settings.repositories_file.write_text(text)
    return Installation(installation.settings)


def test_of_an_old_experiment_the_result_of_the_best_trial_stays(
    installation: Installation, push: Push
) -> None:
    found = experiment(installation, push, SHAS[0], [0.3, 0.7, 0.5], ended=31)
    removed = clean_up(installation, NOW)
    assert [left(installation, found, number) for number in (1, 2, 3)] == [set(), RESULT, set()]
    assert not installation.settings.tree("admin/mnist", SHAS[0]).exists()
    assert sum(entry.bytes for entry in removed) > 0
    assert {entry.reason for entry in removed} == {"older than 30 days"}
    assert clean_up(installation, NOW) == []
    assert [trial.accuracy for trial in installation.store.get(str(found)).trials()] == [0.3, 0.7, 0.5]


def test_nothing_of_a_running_experiment_is_removed(installation: Installation, push: Push) -> None:
    installation = keep(installation, "keep_trials: 0, keep_days: 0.1")
    found = experiment(installation, push, SHAS[0], [0.3, 0.7], ended=None)
    assert clean_up(installation, NOW) == []
    assert [left(installation, found, number) for number in (1, 2)] == [set(FILES), set(FILES)]


def test_the_files_of_a_push_stay_while_another_attempt_at_it_runs(
    installation: Installation, push: Push
) -> None:
    experiment(installation, push, SHAS[0], [0.3], ended=100)
    goals = Goals(target=0.9, max_trials=5, max_hours=1, strategy="hill_climb")
    installation.store.claim(replace(push, sha=SHAS[0]), goals, "run-again", force=True)
    clean_up(installation, NOW)
    assert installation.settings.tree("admin/mnist", SHAS[0]).exists()


def test_the_last_trials_of_a_repository_stay_whatever_experiment_they_are_of(
    installation: Installation, push: Push
) -> None:
    installation = keep(installation, "keep_trials: 2")
    first = experiment(installation, push, SHAS[0], [0.3, 0.2], ended=5)
    second = experiment(installation, push, SHAS[1], [0.2, 0.3], ended=5)
    clean_up(installation, NOW)
    assert [left(installation, first, number) for number in (1, 2)] == [RESULT, set()]
    assert [left(installation, second, number) for number in (1, 2)] == [set(FILES), set(FILES)]


def test_a_trial_that_a_cleared_task_trains_again_stays(installation: Installation, push: Push) -> None:
    found = experiment(installation, push, SHAS[0], [0.7, 0.3], ended=100)
    spec = installation.settings.trial(str(found), 2) / "container.json"
    spec.write_text("{}")
    os.utime(spec, (NOW - 60, NOW - 60))
    clean_up(installation, NOW)
    assert left(installation, found, 2) == {*FILES, "container.json"}


def test_leftovers_and_old_cached_files_go(installation: Installation, push: Push) -> None:
    found = experiment(installation, push, SHAS[0], [0.7], ended=5)
    leftover = installation.settings.trial(str(found), 2).with_name(".2.tweaking")
    (leftover / "work").mkdir(parents=True)
    old, new = (installation.settings.blobs / name for name in ("aa/old", "aa/new"))
    old.parent.mkdir(parents=True)
    for path, age in ((old, 31), (new, 1)):
        path.write_text("x")
        os.utime(path, (NOW - age * DAY, NOW - age * DAY))
    clean_up(installation, NOW)
    assert (leftover.exists(), old.exists(), new.exists()) == (False, False, True)
    assert left(installation, found, 1) == set(FILES)


def test_what_links_elsewhere_is_not_followed(installation: Installation, push: Push, tmp_path: Path) -> None:
    found = experiment(installation, push, SHAS[0], [0.7, 0.3], ended=100)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_text("x")
    (installation.settings.trial(str(found), 2) / "work" / "link").symlink_to(tmp_path / "mine")
    clean_up(installation, NOW)
    assert (tmp_path / "mine" / "file").exists()
    assert left(installation, found, 2) == set()


def test_a_repository_that_is_not_watched_any_more_is_cleaned_by_the_defaults(
    installation: Installation, push: Push
) -> None:
    found = experiment(installation, push, SHAS[0], [0.7, 0.3], ended=31)
    installation.settings.repositories_file.write_text("repositories: []")
    clean_up(Installation(installation.settings), NOW)
    assert left(installation, found, 2) == set()


def test_the_history_of_runs_is_kept_as_long_as_the_longest_kept_trials(installation: Installation) -> None:
    assert longest_kept(keep(installation, "keep_days: 90")) == 90
    installation.settings.repositories_file.write_text("repositories: []")
    assert longest_kept(Installation(installation.settings)) == 30


def test_the_history_of_runs_is_cleaned_once_a_day(installation: Installation) -> None:
    installation.settings.var.mkdir(parents=True, exist_ok=True)
    now = time.time()
    assert history_due(installation, now)
    history_cleaned(installation)
    assert not history_due(installation, now + 0.9 * DAY)
    assert history_due(installation, now + 1.1 * DAY)


def test_a_trial_of_a_push_that_is_not_kept_says_how_to_get_it_back(
    installation: Installation, push: Push
) -> None:
    found = experiment(installation, push, SHAS[0], [0.7, 0.3], ended=100)
    found.set("verdict", VERDICT.to_json())
    clean_up(installation, NOW)
    with pytest.raises(FilesGone, match="clear fetch_code"):
        lay_out(installation, found, 2)
