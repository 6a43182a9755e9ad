"""What a push gets back on GitHub, from the webhook that starts it to the pull request with its values."""

import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from include.experiments.experiment import Experiment
from include.experiments.records import State
from include.source import Push
from tests.e2e.conftest import WEBHOOK_SECRET
from tests.e2e.scripts import DATA, NETWORK
from tests.e2e.world import World
from tests.include.feedback.gateway import Gateway

pytestmark = pytest.mark.e2e

NAME = "answered"  # is polled once an hour: only the webhook can start it


@dataclass(frozen=True)
class Answered:
    """A push, what became of it, and all that its comment ever said."""

    push: Push
    experiment: Experiment
    comments: list[tuple[int, str]]
    seconds_to_claim: float


@pytest.fixture(scope="module")
def answered(world: World, gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Answered:
    repository = world.github.get_repo(f"admin/{NAME}")
    url = f"{world.stage.stack.url}/better-cnn/github/webhook"
    config = {"url": url, "content_type": "json", "secret": WEBHOOK_SECRET}
    repository.create_hook("web", config, ["push"], active=True)
    push = world.push(NAME, {"mycode.py": NETWORK, **DATA}, tmp_path_factory.mktemp(NAME))
    pushed_at = time.time()
    identity = f"admin/{NAME}@{push.sha}"
    said: list[tuple[int, str]] = []
    started = world.eventually(lambda: world.known(identity), f"{identity} is claimed", 240)

    def ended() -> bool:
        for comment in repository.get_commit(push.sha).get_comments():
            if (comment.id, comment.body) not in said:
                said.append((comment.id, comment.body))
        return started.state is not State.RUNNING

    world.eventually(ended, f"{identity} ends", 420)
    world.eventually(lambda: world.mails(push.sha), f"the mail of {identity}", 240)
    world.eventually(lambda: _last_status(gateway, push) == "success", "the status is a success", 240)
    ended()
    return Answered(push, started, said, started.claimed_at - pushed_at)


def _last_status(gateway: Gateway, push: Push) -> str | None:
    statuses = gateway.statuses[push.sha]
    return statuses[-1]["state"] if statuses else None


def test_the_webhook_starts_the_push_long_before_the_next_poll(answered: Answered) -> None:
    assert answered.experiment.state is State.TARGET_MET
    assert answered.seconds_to_claim < 1800  # it is polled once an hour


def test_the_status_goes_from_pending_to_success_with_accuracy_and_target(
    answered: Answered, gateway: Gateway
) -> None:
    statuses = gateway.statuses[answered.push.sha]
    best = answered.experiment.best
    assert best is not None
    assert {status["state"] for status in statuses[:-1]} == {"pending"}
    assert statuses[-1]["description"].startswith(f"{best.accuracy:.3f} ≥ 0.750 after ")
    assert statuses[-1]["target_url"].startswith("http://127.0.0.1:")


def test_one_comment_is_edited_as_trials_finish(answered: Answered) -> None:
    assert len({number for number, _ in answered.comments}) == 1
    trials = answered.experiment.trials()
    assert len(answered.comments) > 1  # two ends that follow each other closely may be one edit
    last = answered.comments[-1][1]
    assert all(f"| **{t.number}** |" in last or f"| {t.number} |" in last for t in trials)
    assert "[Pull request with the winning values](<" in last


def test_the_pull_request_is_the_patch_of_the_mail(world: World, answered: Answered, tmp_path: Path) -> None:
    (mail,) = world.mails(answered.push.sha)
    (patch,) = (p for p in mail.iter_attachments() if str(p.get_filename()).endswith(".patch"))
    (tmp_path / "mycode.py").write_text(NETWORK)
    (tmp_path / "winning.patch").write_bytes(patch.get_content().encode())
    subprocess.run(["git", "apply", "winning.patch"], cwd=tmp_path, check=True)
    repository = world.github.get_repo(f"admin/{NAME}")
    (pull,) = repository.get_pulls(state="all")
    assert (pull.base.ref, pull.head.ref) == ("main", f"tuned/{answered.push.sha[:12]}")
    commit = repository.get_git_commit(pull.head.sha)
    assert [parent.sha for parent in commit.parents] == [answered.push.sha]
    made = repository.get_contents("mycode.py", ref=pull.head.sha)
    assert not isinstance(made, list)
    assert made.decoded_content == (tmp_path / "mycode.py").read_bytes()
    body = mail.get_body(preferencelist=("plain",))
    assert body is not None
    assert pull.html_url in body.get_content()


def test_neither_our_own_branch_nor_a_second_look_at_the_push_trains_anything(
    world: World, answered: Answered
) -> None:
    trials = [trial.run_id for trial in answered.experiment.trials()]
    assert [run["dag_run_id"] for run in world.runs(NAME)] == trials  # the pull request's branch started none
    again = world.trigger(NAME, {})  # as a poll would
    assert world.finished(NAME, again) == "success"
    assert world.states(NAME, again)["wait_for_push"] == "skipped"
    refused = world.trigger(NAME, {"sha": f"tuned/{answered.push.sha[:12]}"})
    assert world.finished(NAME, refused) == "failed"


def test_telling_again_doubles_nothing(world: World, answered: Answered, gateway: Gateway) -> None:
    before = len(gateway.statuses[answered.push.sha])
    writes = len(gateway.writes())
    last = answered.experiment.trials()[-1].run_id
    dag = f"train_cnn__admin__{NAME}"
    body = {"dry_run": False, "task_ids": ["tell_github", "notify_developer"], "dag_run_id": last}
    world.api.post(f"dags/{dag}/clearTaskInstances", {**body, "only_failed": False})
    assert world.finished(NAME, last) == "success"
    assert len(gateway.statuses[answered.push.sha]) == before
    assert len(gateway.writes()) == writes
    assert len(list(world.github.get_repo(f"admin/{NAME}").get_pulls(state="all"))) == 1


def test_every_request_was_one_that_github_describes(answered: Answered, gateway: Gateway) -> None:
    assert gateway.complaints == []
    assert len(gateway.requests) > 10
