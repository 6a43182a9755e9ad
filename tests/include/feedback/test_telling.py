"""What GitHub shows of a push, on the emulator; every request is checked against GitHub's description."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from github import Github

from include.experiments.records import State
from include.feedback import CHANNELS, News, statuses, tell
from include.report import TrialLine
from include.source import FetchLimits, Push, commit_folder, fetch_tree
from include.tweaker.patches import unified_patch
from tests.include.feedback.conftest import SOURCE, TUNED, Kept, Seen
from tests.include.feedback.gateway import Gateway, Reply, Request

Make = Callable[..., News]
NOW = 1_000_000.0
RUNNING = (TrialLine(1, {"filters": 8}, None, None, "your own values", "running"),)


def told(client: Github, news: News, kept: Kept) -> list[tuple[str, str]]:
    return [(one.channel, one.state) for one in tell(client, news, CHANNELS, kept.memory(), NOW)]


def states(gateway: Gateway, push: Push) -> list[tuple[str, str]]:
    return [(status["state"], status["description"]) for status in gateway.statuses[push.sha]]


def test_a_push_is_pending_first_and_then_a_success_with_accuracy_and_target(
    gateway: Gateway, client: Github, seen: Seen, push: Push, news: Make, kept: Kept
) -> None:
    told(client, news(State.RUNNING, trials=RUNNING, best=None, patch=""), kept)
    told(client, news(), kept)
    assert states(gateway, push) == [
        ("pending", "Trial 1 of at most 20 in training"),
        ("success", "0.981 ≥ 0.970 after 4 trials"),
    ]
    status = gateway.statuses[push.sha][-1]
    assert (status["context"], status["target_url"]) == ("better-cnn", "http://127.0.0.1:8080/experiments/1")


def test_a_commit_never_has_so_many_statuses_that_its_end_is_refused(
    gateway: Gateway, client: Github, push: Push, news: Make, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statuses, "_MOST_PENDING", 2)
    for target in (0.91, 0.92, 0.93, 0.94):
        running = news(State.RUNNING, target=target, patch="")
        tell(client, running, {"commit_status"}, kept.memory(), NOW)
    tell(client, news(), {"commit_status"}, kept.memory(), NOW)
    assert [state for state, _ in states(gateway, push)] == ["pending", "pending", "success"]


def test_the_comment_is_one_and_is_edited_as_trials_finish(
    client: Github, seen: Seen, push: Push, news: Make, kept: Kept
) -> None:
    told(client, news(State.RUNNING, trials=RUNNING, best=None, patch=""), kept)
    (first,) = seen.comments()
    assert "in training" in first
    told(client, news(), kept)
    (last,) = seen.comments()
    assert last != first
    assert last.splitlines()[0] == first.splitlines()[0]
    assert "**0.981**" in last
    assert "[Pull request with the winning values](<" in last


def test_the_pull_request_is_the_patch_as_one_commit_on_the_pushed_one(
    client: Github, seen: Seen, push: Push, news: Make, kept: Kept, tmp_path: Path
) -> None:
    told(client, news(), kept)
    ((state, head, base, title),) = seen.pulls()
    assert (state, head, base) == ("open", f"tuned/{push.sha[:12]}", "main")
    assert title == "Tune hyper-parameters: 0.981 ≥ 0.970 after 4 trials"
    repository = seen.repository
    sha = repository.get_branch(head).commit.sha
    commit = repository.get_git_commit(sha)
    assert [parent.sha for parent in commit.parents] == [push.sha]
    fetch_tree(seen.person, push.repository, sha, tmp_path / "made", tmp_path / "blobs", FetchLimits())
    assert (tmp_path / "made" / "mycode.py").read_bytes() == TUNED
    assert (tmp_path / "made" / "data.txt").read_bytes() == b"1 2 3\n"
    assert repository.get_branch("main").commit.sha == push.sha


def test_the_same_news_again_cost_no_request(
    gateway: Gateway, client: Github, news: Make, kept: Kept
) -> None:
    told(client, news(), kept)
    gateway.requests.clear()
    assert told(client, news(), kept) == []
    assert gateway.requests == []


@pytest.mark.parametrize("lost", ["/statuses/", "/comments", "/git/commits", "/git/refs", "/pulls"])
def test_a_lost_answer_doubles_nothing(
    gateway: Gateway, client: Github, seen: Seen, push: Push, news: Make, kept: Kept, lost: str
) -> None:
    def lose(request: Request) -> str | None:
        return "lose" if request.verb == "POST" and lost in request.path else None

    gateway.interfere = lose  # type: ignore[assignment]
    assert "delayed" in [state for _, state in told(client, news(), kept)]
    gateway.interfere = lambda request: None
    assert all(state == "told" for _, state in told(client, news(), kept))
    assert len(seen.comments()) == 1
    assert len(seen.pulls()) == 1
    assert len(states(gateway, push)) == 1


def test_a_copy_of_the_comment_by_somebody_else_is_not_taken_for_it(
    gateway: Gateway, client: Github, seen: Seen, push: Push, news: Make, kept: Kept
) -> None:
    def lose(request: Request) -> str | None:
        return "lose" if request.verb == "POST" and "/comments" in request.path else None

    gateway.interfere = lose  # type: ignore[assignment]
    told(client, news(), kept)
    gateway.interfere = lambda request: None
    (ours,) = seen.comments()
    seen.repository.get_commit(push.sha).create_comment(ours)
    told(client, news(State.BUDGET_SPENT), kept)
    first, copy = seen.comments()
    assert ("budget spent" in first, copy) == (True, ours)


def test_a_comment_that_a_person_deleted_is_not_written_again(
    client: Github, seen: Seen, push: Push, news: Make, kept: Kept
) -> None:
    told(client, news(State.RUNNING, trials=RUNNING, best=None, patch=""), kept)
    for comment in seen.repository.get_commit(push.sha).get_comments():
        comment.delete()
    told(client, news(), kept)
    told(client, news(State.BUDGET_SPENT), kept)
    assert seen.comments() == []


def test_an_open_pull_request_is_updated_and_its_branch_replaced(
    client: Github, seen: Seen, push: Push, news: Make, kept: Kept
) -> None:
    told(client, news(), kept)
    better = news().report.patch.replace("+model.add(Conv2D(32", "+model.add(Conv2D(64")
    told(client, news(experiment=f"{push.repository}@{push.sha}+2", patch=better, target=0.5), kept)
    ((state, head, _, title),) = seen.pulls()
    assert (state, title) == ("open", "Tune hyper-parameters: 0.981 ≥ 0.500 after 4 trials")
    repository = seen.repository
    commit = repository.get_git_commit(repository.get_branch(head).commit.sha)
    assert [parent.sha for parent in commit.parents] == [push.sha]
    assert b"Conv2D(64" in repository.get_contents("mycode.py", ref=head).decoded_content  # type: ignore[union-attr]


def test_a_pull_request_that_a_person_closed_stays_closed(
    client: Github, seen: Seen, push: Push, news: Make, kept: Kept
) -> None:
    told(client, news(), kept)
    (pull,) = seen.repository.get_pulls()
    pull.edit(state="closed")
    told(client, news(target=0.5), kept)
    assert [state for state, *_ in seen.pulls()] == ["closed"]


def test_commits_of_others_on_the_branch_stay(
    client: Github, seen: Seen, push: Push, news: Make, kept: Kept, tree: Path
) -> None:
    branch = f"tuned/{push.sha[:12]}"
    theirs = commit_folder(seen.person, push.repository, branch, tree, "Mine", ("Bob", "bob@example.org"))
    answers = tell(client, news(), CHANNELS, kept.memory(), NOW)
    (refused,) = [one for one in answers if one.state == "refused"]
    assert refused.channel == "pull_request"
    assert "has commits that were not made here" in refused.detail
    assert seen.repository.get_branch(branch).commit.sha == theirs.sha
    assert {one.channel for one in answers if one.state == "told"} == {"commit_status", "commit_comment"}


@pytest.mark.parametrize(
    "state",
    [State.RUNNING, State.SCRIPT_ERROR, State.TWEAK_ERROR, State.CRASHED, State.NOT_TRAINABLE],
)
def test_only_an_experiment_that_ended_well_makes_a_pull_request(
    client: Github, seen: Seen, push: Push, news: Make, kept: Kept, state: State
) -> None:
    told(client, news(state), kept)
    assert seen.pulls() == []


def test_values_that_are_no_patch_make_no_pull_request(
    client: Github, seen: Seen, push: Push, news: Make, kept: Kept
) -> None:
    assert told(client, news(patch=""), kept) == [("commit_status", "told"), ("commit_comment", "told")]


def test_a_patch_that_does_not_fit_is_refused_and_the_rest_is_told(
    client: Github, seen: Seen, push: Push, news: Make, kept: Kept, tree: Path
) -> None:
    (tree / "mycode.py").write_bytes(SOURCE.replace(b"8", b"9"))
    answers = tell(client, news(), CHANNELS, kept.memory(), NOW)
    assert {(one.channel, one.state) for one in answers} == {
        ("commit_status", "told"),
        ("pull_request", "refused"),
        ("commit_comment", "told"),
    }
    assert seen.pulls() == []


@pytest.mark.parametrize("path", [".github/workflows/x.yml", ".GitHub/x", "a/../../x", ".git/config"])
def test_a_patch_of_what_github_acts_on_is_refused(
    gateway: Gateway, client: Github, news: Make, kept: Kept, path: str
) -> None:
    patch = unified_patch(path, None, b"on: push\n")
    answers = tell(client, news(patch=patch), CHANNELS, kept.memory(), NOW)
    (refused,) = [one for one in answers if one.state == "refused"]
    assert repr(path) in refused.detail
    assert not any("/git/" in line for line in gateway.writes())


FAILURES = [
    (Reply(403, {"message": "Resource not accessible by integration"}), "refused"),
    (Reply(404, {"message": "Not Found"}), "refused"),
    (Reply(422, {"message": "Validation Failed"}), "refused"),
    (Reply(401, {"message": "Bad credentials"}), "delayed"),
    (Reply(503, {"message": "Unicorn"}), "delayed"),
    (Reply(403, {"message": "You have exceeded a secondary rate limit"}, {"Retry-After": "77"}), "delayed"),
]


@pytest.mark.parametrize(("reply", "state"), FAILURES)
def test_a_failure_of_one_kind_is_told_apart_and_raises_nothing(
    gateway: Gateway, client: Github, seen: Seen, push: Push, news: Make, kept: Kept, reply: Reply, state: str
) -> None:
    gateway.interfere = lambda request: reply if "/statuses" in request.path else None
    answers = tell(client, news(), CHANNELS, kept.memory(), NOW)
    assert (answers[0].channel, answers[0].state) == ("commit_status", state)
    # What only concerns one kind lets the others through; what concerns all stops them until later.
    assert (len(seen.comments()) == 1) == (state == "refused")
    gateway.interfere = lambda request: None
    told(client, news(), kept)
    assert (len(seen.comments()), len(states(gateway, push)), len(seen.pulls())) == (1, 1, 1)


def test_a_rate_limit_says_how_long_to_wait(gateway: Gateway, client: Github, news: Make, kept: Kept) -> None:
    gateway.interfere = lambda request: FAILURES[-1][0]
    (one,) = tell(client, news(), CHANNELS, kept.memory(), NOW)
    assert one.retry_after is not None


@pytest.mark.parametrize("channel", sorted(set(CHANNELS) - {"check_run"}))
def test_each_kind_can_be_switched_off(client: Github, news: Make, kept: Kept, channel: str) -> None:
    answers = tell(client, news(), set(CHANNELS) - {channel}, kept.memory(), NOW)
    assert {one.channel for one in answers} == set(CHANNELS) - {channel, "check_run"}


def test_a_long_experiment_still_fits(client: Github, seen: Seen, push: Push, news: Make, kept: Kept) -> None:
    trials = tuple(
        TrialLine(n, {f"name {n} {i}": "x|" * 40 for i in range(5)}, n / 20_000, 10.0, "<b>why</b> " * 60)
        for n in range(1, 10_001)
    )
    report = replace(news().report, trials=trials, best=10_000)
    told(client, replace(news(), report=report), kept)
    (comment,) = seen.comments()
    assert len(comment) < 65_536
    assert "**10000**" in comment
    assert "not shown" in comment
