"""The rows of the page Experiments: what is found, in which order, on which page."""

import json

import optuna
import pytest

from include.experiments.installation import Installation
from include.experiments.records import State
from include.pages import listing as lists
from include.pages.database import Database
from include.pages.listing import Query, listing, repositories
from tests.include.pages.support import HOSTILE, claim, ended, push_number, train

ALL = {"admin/mnist", "ada/flowers"}


@pytest.fixture
def three(installation: Installation) -> None:
    """One that met its target, one that trains, one that is no network."""
    ended(installation, push_number(1, message="First of all"))
    running = claim(installation, push_number(2, repository="ada/flowers", branch="dev", author_name="Bob"))
    train(installation, running, 0.5)
    train(installation, running, None)
    claim(installation, push_number(3, message="Not a network")).end(State.NOT_TRAINABLE)


def found(database: Database, **query: object) -> list[str]:
    rows = listing(database, Query(**query), ALL)["rows"]  # type: ignore[arg-type]
    return [row["sha"][-1] for row in rows]


def test_a_row_tells_push_verdict_trials_and_best_accuracy(database: Database, three: None) -> None:
    row = listing(database, Query(state="running"), ALL)["rows"][0]
    assert (row["repository"], row["branch"], row["author"]) == ("ada/flowers", "dev", "Bob")
    assert (row["trials"], row["running"], row["most"]) == (2, 1, 8)
    assert (row["best"], row["target"], row["kind"]) == (0.5, 0.9, "cnn")
    assert row["message"] == "Recognise digits"


def test_the_newest_comes_first_unless_another_order_is_asked_for(database: Database, three: None) -> None:
    assert found(database) == ["3", "2", "1"]
    assert found(database, descending=False) == ["1", "2", "3"]
    assert found(database, sort="best") == ["1", "2", "3"]
    assert found(database, sort="repository", descending=False) == ["2", "3", "1"]
    assert found(database, sort="trials")[0] == "1"


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ({"text": "FIRST all"}, ["1"]),
        ({"text": "bob"}, ["2"]),
        ({"text": "dev flowers"}, ["2"]),
        ({"text": f"{3:040x}"}, ["3"]),
        ({"text": "first bob"}, []),
        ({"state": "not_trainable"}, ["3"]),
        ({"repository": "admin/mnist"}, ["3", "1"]),
        ({"repository": "admin/mnist", "state": "running"}, []),
    ],
)
def test_every_word_and_every_filter_must_fit(
    database: Database, three: None, query: dict[str, str], rows: list[str]
) -> None:
    assert found(database, **query) == rows


def test_of_repositories_that_a_person_may_not_see_nothing_is_told(database: Database, three: None) -> None:
    told = listing(database, Query(), {"admin/mnist"})
    assert {row["repository"] for row in told["rows"]} == {"admin/mnist"}
    assert told["all"] == 2
    assert "ada/flowers" not in json.dumps(told)
    assert repositories(database) == ALL


def test_a_page_holds_a_window_and_one_beyond_the_last_is_the_last(
    database: Database, three: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE_ROWS", 2)
    assert (found(database), found(database, page=2)) == (["3", "2"], ["1"])
    assert found(database, page=99) == found(database, page=2)
    told = listing(database, Query(), ALL)
    assert (told["page"], told["pages"], told["total"]) == (1, 2, 3)


def test_a_claim_whose_process_died_half_way_has_no_row(
    database: Database, installation: Installation
) -> None:
    ended(installation)
    name = str(push_number(9).repository) + "@" + push_number(9).sha
    optuna.create_study(storage=installation.settings.storage_url, study_name=name, direction="maximize")
    assert listing(database, Query(), ALL)["all"] == 1


def test_what_hides_or_breaks_lines_is_made_visible(database: Database, installation: Installation) -> None:
    claim(installation, push_number(5, message=f"{HOSTILE}\u202egnp.exe\x1b[31m\nsecond line", branch="a\nb"))
    row = listing(database, Query(), ALL)["rows"][0]
    assert row["message"].startswith(HOSTILE)  # markup is text here; the page sets it as text
    assert "\u202e" not in row["message"]
    assert "\x1b" not in row["message"]
    assert row["branch"] == "a b"
