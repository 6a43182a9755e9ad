"""Which weights a trial is given, and what is told of it; on real files and a real store."""

import json
from pathlib import Path

import pytest

from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.judging import judge_trial
from include.experiments.publishing import publish_best
from include.experiments.records import Goals
from include.experiments.reporting import report_of
from include.experiments.training import prepare_training
from include.experiments.tuning import next_trial
from include.experiments.warm_starting import given_from
from include.report import mails
from include.source.push import Push
from tests.e2e.scripts import NETWORK
from tests.include.experiments.journey import claim, train


def trained(
    installation: Installation, experiment: Experiment, number: int, accuracy: float, warm: bool = False
) -> Path:
    train(installation, experiment, number, accuracy)
    out = installation.settings.trial(str(experiment), number) / "out"
    (out / "warm.npz").write_bytes(b"weights of trial %d" % number)
    result = json.loads((out / "result.json").read_text())
    (out / "result.json").write_text(json.dumps({**result, "warm_started": warm}))
    judge_trial(installation, str(experiment), number)
    return out


def given(installation: Installation, experiment: Experiment, number: int) -> tuple[int | None, bytes | None]:
    assert next_trial(installation, str(experiment), number - 1) is not None
    folder = prepare_training(str(experiment), number).trial_dir
    weights = folder / "in" / "warm.npz"
    return given_from(folder), weights.read_bytes() if weights.exists() else None


def test_a_trial_is_given_the_weights_of_the_best_one_before_it(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = claim(installation, push, goals, NETWORK)
    trained(installation, experiment, 1, 0.5)
    trained_from = given(installation, experiment, 2)
    assert trained_from == (1, b"weights of trial 1")
    trained(installation, experiment, 2, 0.4)
    assert given(installation, experiment, 3) == (1, b"weights of trial 1")


def test_what_a_trial_was_given_stays_however_often_it_is_prepared(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = claim(installation, push, goals, NETWORK)
    out = trained(installation, experiment, 1, 0.5)
    given(installation, experiment, 2)
    (out / "warm.npz").write_bytes(b"others")
    assert given(installation, experiment, 2) == (1, b"weights of trial 1")


def test_without_warm_start_no_trial_is_given_weights(
    installation: Installation, push: Push, goals: Goals
) -> None:
    goals = Goals(**{**goals.to_json(), "warm_start": False})  # type: ignore[arg-type]
    experiment = claim(installation, push, goals, NETWORK)
    trained(installation, experiment, 1, 0.5)
    assert given(installation, experiment, 2) == (None, None)


@pytest.mark.parametrize("hostile", ["symlink", "missing"])
def test_weights_that_are_no_plain_file_are_not_taken(
    installation: Installation, push: Push, goals: Goals, hostile: str
) -> None:
    experiment = claim(installation, push, goals, NETWORK)
    out = trained(installation, experiment, 1, 0.5)
    (out / "warm.npz").unlink()
    if hostile == "symlink":
        (out / "warm.npz").symlink_to("/etc/hostname")
    assert given(installation, experiment, 2) == (None, None)


def test_a_warm_start_is_told_in_record_manifest_and_mail(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = claim(installation, push, goals, NETWORK)
    trained(installation, experiment, 1, 0.5, warm=True)  # a lie: it was given nothing
    given(installation, experiment, 2)
    trained(installation, experiment, 2, 0.95, warm=True)
    assert [t.warm_started_from for t in experiment.trials()] == [None, 1]
    published = publish_best(installation, str(experiment), installation.settings.var / "models")
    assert published.manifest["warm_started_from"] == 1
    mail = mails.target_met(report_of(installation, experiment, None), ["ada@example.com"])
    for text in (mail.text, mail.html):
        assert "started from the weights of trial 1" in text
        assert "trial 2 went on from the weights of trial 1" in text
