"""An experiment's steps on real files and a real store, with the container's part written by hand."""

import hashlib
import json
import os
import signal
import threading
from pathlib import Path

import pytest

from include.containers.pruning import request_end
from include.experiments import reading
from include.experiments.crashing import give_up
from include.experiments.inspection import inspect_push, refuse_push
from include.experiments.installation import Installation
from include.experiments.judging import Next, NotTrained, judge_trial
from include.experiments.monitoring import active_trials
from include.experiments.publishing import publish_best
from include.experiments.records import Goals, State
from include.experiments.telling import NotEnded, tell_developer
from include.experiments.training import prepare_training
from include.experiments.tuning import next_trial
from include.report import Outbox
from include.source.push import Push
from tests.e2e.scripts import DENSE, NETWORK
from tests.include.experiments.journey import SENDER, claim, train


def test_from_the_push_to_the_mail(installation: Installation, push: Push, goals: Goals) -> None:
    experiment = claim(installation, push, goals, NETWORK)
    train(installation, experiment, 1, 0.5)
    assert judge_trial(installation, str(experiment), 1).next is Next.TWEAK
    proposed = next_trial(installation, str(experiment), 1)
    assert proposed is not None
    assert proposed == next_trial(installation, str(experiment), 1)
    train(installation, experiment, 2, 0.95)
    assert judge_trial(installation, str(experiment), 2).next is Next.PUBLISH

    published = publish_best(installation, str(experiment), installation.settings.var / "models")
    model = Path(published.location) / "model.keras"
    assert published.manifest["sha256"] == hashlib.sha256(model.read_bytes()).hexdigest()
    assert model.read_bytes() == b"weights 2"

    told = [tell_developer(installation, str(experiment), SENDER) for _ in range(2)]
    assert [t.posted for t in told] == [True, False]
    sent: list[str] = []
    Outbox(installation.settings.outbox).deliver(lambda mail: sent.append(str(mail["To"])))
    assert sent == ["ada@example.com"]


@pytest.mark.parametrize(("accuracy", "state"), [(0.4, "pruned"), (0.6, "complete"), (0.95, "complete")])
def test_a_training_asked_to_end_is_pruned_unless_it_won(
    installation: Installation, push: Push, goals: Goals, accuracy: float, state: str
) -> None:
    experiment = claim(installation, push, goals, NETWORK)
    train(installation, experiment, 1, 0.5)
    judge_trial(installation, str(experiment), 1)
    assert next_trial(installation, str(experiment), 1) is not None
    train(installation, experiment, 2, accuracy)
    ask_to_end(installation.settings.trial(str(experiment), 2))
    judge_trial(installation, str(experiment), 2)
    told = experiment.trial(2)
    assert (told.state, told.accuracy, told.fits) == (state, accuracy, 1)
    assert (told.pruned is not None) == (state == "pruned")
    assert experiment.study.get_trials()[1].intermediate_values == {1: 0.3, 2: 0.3, 3: 0.3}


@pytest.mark.parametrize(("accuracy", "state"), [(0.1, "pruned"), (0.95, "complete")])
def test_a_first_training_asked_to_end_is_pruned_unless_it_reached_the_target(
    installation: Installation, push: Push, goals: Goals, accuracy: float, state: str
) -> None:
    """That no other trial is better is no reason to say that it had trained to its end."""
    experiment = claim(installation, push, goals, NETWORK)
    train(installation, experiment, 1, accuracy)
    ask_to_end(installation.settings.trial(str(experiment), 1))
    judge_trial(installation, str(experiment), 1)
    assert experiment.trial(1).state == state
    assert experiment.best == experiment.trial(1)


def ask_to_end(folder: Path) -> None:
    """Leave what a training leaves that ended as it was asked to."""
    request_end(folder, "pruned after epoch 3 of 9")
    result = json.loads((folder / "out" / "result.json").read_text())
    history = [{"epoch": n, "accuracy": 0.3, "fit": 1} for n in (1, 2, 3)]
    (folder / "out" / "result.json").write_text(json.dumps({**result, "pruned_after": 3, "history": history}))


def test_trial_1_trains_the_push_to_the_byte(installation: Installation, push: Push, goals: Goals) -> None:
    source = NETWORK.replace("\n", "\r\n")
    request = prepare_training(str(claim(installation, push, goals, source)), 1)
    tree = installation.settings.tree(push.repository, push.sha)
    pushed, trained = (folder / "mycode.py" for folder in (tree, request.trial_dir / "work"))
    assert trained.read_bytes() == pushed.read_bytes()


def test_a_trial_that_was_not_trained_is_not_judged(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = claim(installation, push, goals, NETWORK)
    with pytest.raises(NotTrained, match=r"trial 1 of admin/mnist@.* clear its `train` task"):
        judge_trial(installation, str(experiment), 1)


def test_only_launched_and_unfinished_trials_are_watched(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = claim(installation, push, goals, NETWORK)
    assert list(active_trials(installation)) == []
    train(installation, experiment, 1, 0.5)
    assert [trial.trial for trial in active_trials(installation)] == [1]
    judge_trial(installation, str(experiment), 1)
    assert list(active_trials(installation)) == []


def test_a_push_that_is_no_cnn_ends_untrained_and_its_author_is_told(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = claim(installation, push, goals, DENSE)
    assert (experiment.state, experiment.trials()) == (State.NOT_TRAINABLE, [])
    assert tell_developer(installation, str(experiment), SENDER).posted


def test_a_refused_push_keeps_the_reason_as_its_verdict(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = installation.store.claim(push, goals, "run-1")
    assert experiment is not None
    refuse_push(installation, str(experiment), "a symlink: data.csv")
    assert inspect_push(installation, str(experiment)).reason == "a symlink: data.csv"
    assert experiment.state is State.NOT_TRAINABLE


def test_a_training_given_up_ends_the_experiment_and_is_told(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = claim(installation, push, goals, NETWORK)
    give_up(installation, str(experiment), 1)
    give_up(installation, str(experiment), 1)
    assert (experiment.state, experiment.trial(1).state) == (State.CRASHED, "failed")
    assert tell_developer(installation, str(experiment), SENDER).event_id.endswith(":crashed")


def test_a_push_that_takes_the_parser_down_is_trained_as_it_is(
    installation: Installation, push: Push, goals: Goals, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fall(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(
        threading, "active_count", lambda: 1
    )  # so that the process that falls is a fork of this
    monkeypatch.setattr(reading, "discover", fall)
    experiment = claim(installation, push, goals, NETWORK)
    assert experiment.space is None
    assert [trial.values for trial in experiment.trials()] == [{}]


def test_a_push_that_the_system_could_not_fetch_is_told_too(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = installation.store.claim(push, goals, "run-1")
    assert experiment is not None
    give_up(installation, str(experiment), 1)
    assert experiment.state is State.CRASHED
    assert tell_developer(installation, str(experiment), SENDER).posted


def test_nothing_is_told_of_an_experiment_that_goes_on(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = claim(installation, push, goals, NETWORK)
    with pytest.raises(NotEnded, match="has not ended; nothing is to be told yet"):
        tell_developer(installation, str(experiment), SENDER)
