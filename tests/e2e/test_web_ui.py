"""The Airflow web UI in a real browser: what an operator sees of a repository."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from include.experiments.experiment import Experiment
from tests.e2e.browsing import chromium, logged_in
from tests.e2e.world import World

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def page(world: World) -> Iterator[Page]:
    """A page that is logged in."""
    with chromium() as browser:
        yield logged_in(browser, world)


def test_the_repositorys_dag_is_listed(page: Page, world: World) -> None:
    page.goto(f"{world.stage.stack.url}/dags")
    expect(page.get_by_text("train_cnn__admin__loop").first).to_be_visible()
    expect(page.get_by_text("monitor_containers").first).to_be_visible()


def test_the_chain_shows_as_one_run_per_trial(page: Page, world: World, loop: Experiment) -> None:
    page.goto(f"{world.stage.stack.url}/dags/train_cnn__admin__loop/runs")
    for trial in loop.trials():
        expect(page.get_by_text(trial.run_id).first).to_be_visible()


def test_a_run_that_a_push_started_carries_commit_and_trial_as_its_note(
    world: World, loop: Experiment
) -> None:
    (run,) = (run for run in world.runs("loop") if run["run_type"] == "asset_triggered")
    assert run["note"] == f"{loop.identity.sha[:12]}.trial-1"


def test_the_trigger_form_offers_every_parameter(page: Page, world: World) -> None:
    page.goto(f"{world.stage.stack.url}/dags/train_cnn__admin__loop")
    page.get_by_role("button", name="Trigger").first.click()
    for label in ("Commit or branch", "Target accuracy", "Budget: trials", "Budget: hours", "Strategy"):
        expect(page.get_by_text(label).first).to_be_visible()
