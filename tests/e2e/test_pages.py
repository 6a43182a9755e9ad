"""The pages Experiments and Experiment in a real browser, while real trials train."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, FrameLocator, Page, Response, expect

from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.records import State
from plugins.operators.names import TRAINING_SLOTS
from tests.e2e.browsing import chromium, logged_in
from tests.e2e.scripts import DATA, NETWORK
from tests.e2e.world import World
from tests.include.pages.support import HOSTILE

pytestmark = pytest.mark.e2e

# Long enough to be looked at and stopped: an epoch each second.
LONG = NETWORK.replace("epochs=2, batch_size=32", "epochs=60, batch_size=32, callbacks=[Slowly()]").replace(
    "model = keras.Sequential",
    "class Slowly(keras.callbacks.Callback):\n"
    "    def on_epoch_end(self, epoch, logs=None):\n"
    "        __import__('time').sleep(1)\n\n\n"
    "model = keras.Sequential",
)
# What a push controls: message, branch, file name, log, accuracy file.
NAME = "<b onclick=alert(1)>.py"
NASTY = NETWORK.replace("loss, accuracy =", f"print({HOSTILE!r})\nloss, accuracy =").replace(
    "print(accuracy, file", f"print({HOSTILE!r}, file"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def page(browser: Browser, world: World) -> Page:
    """A page that is logged in, and refuses what the content security policy refuses."""
    return logged_in(browser, world)


def address(world: World, experiment: str, path: str = "") -> str:
    return f"{world.stage.stack.url}/experiments/{experiment.replace('@', '/')}{path}"


@contextmanager
def no_slot(world: World) -> Iterator[None]:
    """Let every training that comes wait."""
    pool = world.api.get(f"pools/{TRAINING_SLOTS}")
    kept = {"pool": TRAINING_SLOTS, **{key: pool[key] for key in ("description", "include_deferred")}}
    world.api.patch(f"pools/{TRAINING_SLOTS}", {**kept, "slots": 0})
    try:
        yield
    finally:
        world.api.patch(f"pools/{TRAINING_SLOTS}", {**kept, "slots": pool["slots"]})


def begun(world: World, identity: str) -> Experiment:
    """Wait for the first epoch of an experiment's first trial."""
    installation = Installation(world.stage.settings)
    metrics = installation.settings.trial(identity, 1) / "out" / "metrics.jsonl"
    world.eventually(lambda: metrics.exists() and metrics.stat().st_size > 0, "the first epoch is over", 240)
    return installation.store.get(identity)


def test_the_navigation_leads_to_all_experiments_and_from_there_to_one(
    page: Page, world: World, loop: Experiment
) -> None:
    page.goto(world.stage.stack.url)
    page.get_by_role("link", name="Experiments").first.click()
    frame = page.frame_locator("iframe[title=Experiments]")
    row = frame.locator(f"tr[data-id='{loop}']")
    expect(row).to_contain_text("target met")
    expect(row).to_contain_text("Ada Developer")
    row.get_by_role("link").click()
    expect(frame.get_by_role("heading", name="Change loop")).to_be_visible()
    expect(page).to_have_url(re.compile(f"/plugin/experiments/experiments/admin/loop/{loop.identity.sha}"))
    best = loop.best
    assert best is not None
    expect(frame.locator("#stats")).to_contain_text(f"{best.accuracy:.3f}")
    expect(frame.locator("#trial-rows tr")).to_have_count(len(loop.trials()))
    expect(frame.locator("#accuracy canvas")).to_be_visible()
    expect(frame.locator("#curves canvas")).to_be_visible()
    expect(frame.locator("#patch .add").first).to_be_visible()


def test_the_link_to_the_run_leaves_the_frame_and_the_run_leads_back(
    page: Page, world: World, loop: Experiment
) -> None:
    page.goto(f"{world.stage.stack.url}/plugin/experiments/experiments/admin/loop/{loop.identity.sha}")
    frame = page.frame_locator("iframe[title=Experiments]")
    last = loop.trials()[-1]
    frame.get_by_role("link", name=f"Run of trial {last.number} in Airflow").click()
    page.wait_for_url(f"**/dags/train_cnn__admin__loop/runs/{last.run_id}**")
    page.get_by_role("link", name="Experiment", exact=True).first.click()
    back: FrameLocator = page.frame_locator("iframe[title=Experiment]")
    expect(back.get_by_role("heading", name="Change loop")).to_be_visible()


def test_a_task_instance_links_to_its_experiment(page: Page, world: World, loop: Experiment) -> None:
    run = loop.trials()[-1].run_id
    task = f"dags/train_cnn__admin__loop/dagRuns/{run}/taskInstances/train/links"
    link = world.api.get(task)["extra_links"]["Experiment"]
    page.goto(link)
    frame = page.frame_locator("iframe[title=Experiments]")
    expect(frame.get_by_role("heading", name="Change loop")).to_be_visible()


def test_model_patch_and_manifest_are_downloaded(page: Page, world: World, loop: Experiment) -> None:
    page.goto(address(world, str(loop)))
    found: dict[str, Path] = {}
    for name in ("Published model", "Winning patch", "Manifest"):
        with page.expect_download() as download:
            page.get_by_role("link", name=name).click()
        found[name] = download.value.path()
    assert zipfile.is_zipfile(found["Published model"])
    assert found["Winning patch"].read_text().startswith("diff --git a/mycode.py b/mycode.py")
    assert json.loads(found["Manifest"].read_text())["sha"] == loop.identity.sha


def test_optuna_dashboard_shows_the_study(page: Page, world: World, loop: Experiment) -> None:
    page.goto(address(world, str(loop), "/optuna/dashboard"))
    expect(page.get_by_text("Hyperparameter Importance").first).to_be_visible()
    expect(page.get_by_text(str(loop)).first).to_be_visible()
    page.get_by_role("link", name="← Experiment").click()
    expect(page.get_by_role("heading", name="Change loop")).to_be_visible()


def test_the_page_is_live_while_a_trial_trains_and_stops_it(page: Page, world: World, tmp_path: Path) -> None:
    push = world.push("pages", {"mycode.py": LONG, **DATA}, tmp_path)
    identity = f"admin/pages@{push.sha}"
    begun(world, identity)
    page.goto(address(world, identity))
    expect(page.locator("#facts .pill")).to_have_text("running")
    expect(page.locator("#container .pill.running")).to_be_visible()
    chart = page.locator("#curves")
    expect(chart).to_have_attribute("aria-label", re.compile("over [0-9]+ epochs"))
    epochs = re.compile(r"over ([0-9]+) epochs")

    def shown() -> int:
        match = epochs.search(chart.get_attribute("aria-label") or "")
        return int(match.group(1)) if match else 0

    first = shown()
    world.eventually(lambda: shown() >= first + 3, "the chart goes on", 120)
    expect(page.locator("#log")).to_contain_text("Epoch ")
    expect(page.locator("#epochs")).to_have_text(re.compile("^epoch [0-9]+ of 60$"))
    expect(page.locator("#curves .u-value").first).to_have_text(re.compile("^[0-9]+$"))  # no pointer is on it

    page.get_by_role("button", name="Stop").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop").click()
    expect(page.locator("#facts .pill")).to_have_text("stopped")
    ended = world.ended(identity)
    assert len(ended.trials()) == 1
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    (mail,) = world.mails(push.sha)
    assert str(mail["subject"]).startswith("Stopped in trial 1")


def test_who_marks_a_whole_run_as_failed_in_airflow_gets_one_mail_that_says_so(
    world: World, tmp_path: Path
) -> None:
    push = world.push("pages", {"mycode.py": LONG, **DATA}, tmp_path)
    identity = f"admin/pages@{push.sha}"
    begun(world, identity)
    run = world.known(identity)
    assert run is not None
    world.api.patch(f"dags/train_cnn__admin__pages/dagRuns/{run.run_id(1)}", {"state": "failed"})
    ended = world.ended(identity)
    assert ended.attribute("stopped") == "A person stopped it."
    (mail,) = world.mails(push.sha)
    assert str(mail["subject"]).startswith("Stopped in trial 1")


def test_who_stops_a_training_that_waits_for_a_slot_gets_one_mail_that_says_so(
    page: Page, world: World, tmp_path: Path
) -> None:
    with no_slot(world):
        push = world.push("stopped", {"mycode.py": NETWORK, **DATA}, tmp_path)
        identity = f"admin/stopped@{push.sha}"
        world.eventually(lambda: world.known(identity), "the push is claimed", 120)
        page.goto(address(world, identity))
        page.get_by_role("button", name="Stop").click()
        page.get_by_role("dialog").get_by_role("button", name="Stop").click()
        expect(page.locator("#facts .pill")).to_have_text("stopped")
        ended = world.ended(identity)
        (run,) = world.runs("stopped")
        world.finished("stopped", run["dag_run_id"])
    assert all(trial.finished for trial in ended.trials())
    (mail,) = world.mails(push.sha)
    assert str(mail["subject"]).startswith("Stopped in trial 1")
    text = mail.get_body(("plain",))
    assert text is not None
    assert "A person ended it before its training had begun." in text.get_content()


def test_train_again_starts_another_attempt_and_goes_there(
    page: Page, world: World, loop: Experiment
) -> None:
    page.goto(address(world, str(loop)))
    page.get_by_role("button", name="Train again").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Target accuracy").fill("0.02")
    dialog.get_by_label("Most trials").fill("1")
    dialog.get_by_role("button", name="Train").click()
    page.wait_for_url(re.compile(f"{loop.identity.sha}(%2B|\\+)2"))
    again = world.ended(f"{loop}+2")
    assert (again.state, again.goals.target, again.goals.max_trials) == (State.TARGET_MET, 0.02, 1)


def test_what_a_push_says_is_shown_as_text(page: Page, world: World, tmp_path: Path) -> None:
    violations: list[str] = []
    page.on("dialog", lambda dialog: violations.append(dialog.message))
    push = world.push("nasty", {NAME: NASTY, **DATA}, tmp_path, message=HOSTILE)
    identity = f"admin/nasty@{push.sha}"
    found = world.ended(identity)
    # A branch that is watched and an author that GitHub knows have no such names: as if they had.
    found.set("push", {**found.push.to_json(), "branch": HOSTILE, "author_name": HOSTILE})
    page.goto(address(world, identity))
    expect(page.locator("#facts")).to_contain_text(HOSTILE)
    expect(page.locator("#message")).to_have_text(HOSTILE)
    expect(page.locator("#verdict")).to_contain_text(NAME)
    expect(page.locator("#log")).to_contain_text(HOSTILE)
    page.goto(f"{world.stage.stack.url}/experiments/?repository=admin/nasty")
    expect(page.locator("tbody .title")).to_have_text(HOSTILE)
    assert page.evaluate("document.body.dataset.owned") is None
    assert page.title() != "owned"
    assert page.locator("main img, main script, main b[onclick]").count() == 0
    assert violations == []


@pytest.mark.parametrize(
    "path", ["/", "/api/experiments", "/static-1/style.css", "/of-run?dag=a&run=b", "/optuna/bundle.js"]
)
def test_an_anonymous_visitor_is_refused(world: World, loop: Experiment, path: str) -> None:
    url = world.stage.stack.url
    assert httpx.get(f"{url}/experiments{path}", trust_env=False).status_code == 401
    for part in ("", "/data", "/trials", "/log?trial=1", "/download/model", "/optuna/api/studies"):
        assert httpx.get(address(world, str(loop), part), trust_env=False).status_code == 401


def test_the_pages_follow_airflows_colour_mode(page: Page, world: World) -> None:
    page.goto(f"{world.stage.stack.url}/experiments/")
    for mode, background in (("dark", "rgb(15, 18, 22)"), ("light", "rgb(246, 247, 249)")):
        page.evaluate("mode => localStorage.setItem('theme', mode)", mode)
        page.reload()
        expect(page.locator("body")).to_have_css("background-color", background)


def test_nothing_is_fetched_from_elsewhere(page: Page, world: World, loop: Experiment) -> None:
    asked: list[str] = []

    def note(answer: Response) -> None:
        asked.append(answer.url)

    page.on("response", note)
    page.goto(address(world, str(loop)))
    expect(page.locator("#accuracy canvas")).to_be_visible()
    page.remove_listener("response", note)
    assert len(asked) > 5
    assert all(url.startswith((world.stage.stack.url, "blob:", "data:")) for url in asked)
