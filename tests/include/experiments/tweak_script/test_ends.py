"""How an experiment with a tweak script ends: nothing more to try, an error, a contract that was missed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from include.experiments.installation import Installation
from include.experiments.layout import TrialLost
from include.experiments.records import Goals, State
from include.experiments.telling import compose, tell_developer
from include.experiments.training import prepare_training
from include.experiments.tuning import NoMoreTrials
from include.source.push import Push
from tests.include.experiments.tweak_script.scripted import (
    DOUBLES,
    SEED,
    claim,
    ended,
    following,
    stepped,
    trained,
)

pytestmark = pytest.mark.docker


@pytest.mark.parametrize(
    ("tweak", "why"),
    [
        ("print('the end')\nprint('Done')", "printed 'done': it has nothing more to try"),
        ("print('no idea')", "changed nothing that the training could notice"),
        ("open('data.txt', 'w').write('0.5')", "changed nothing that the training could notice"),
        ("open('accuracy.txt', 'w').write('')", "changed nothing that the training could notice"),
    ],
)
def test_a_script_with_nothing_more_to_try_ends_the_experiment(
    installation: Installation, push: Push, goals: Goals, tweak: str, why: str
) -> None:
    experiment = stepped(installation, push, goals, tweak)
    assert ended(installation, experiment) == NoMoreTrials(State.EXHAUSTED, f"tweak.py {why}")
    assert experiment.state is State.EXHAUSTED
    mail = compose(installation, experiment, ["ada@example.com"], None)
    assert f"your own tweak script ended the search: tweak.py {why}" in " ".join(mail.text.split())


def test_a_script_that_raises_ends_the_experiment_with_one_mail_that_carries_its_output(
    installation: Installation, push: Push, goals: Goals
) -> None:
    tweak = "print('step', 1)\nfilters = {}\nprint(filters['conv9'])\n"
    experiment = stepped(installation, push, goals, tweak)
    assert ended(installation, experiment) == NoMoreTrials(
        State.TWEAK_ERROR, "tweak.py ended with exit code 1"
    )
    assert ended(installation, experiment).state is experiment.state is State.TWEAK_ERROR
    mail = compose(installation, experiment, ["ada@example.com"], None)
    assert mail.subject == f"tweak.py failed: KeyError in line 3 · admin/mnist@{push.sha[:7]}"
    assert "step 1" in mail.text
    assert ">    3  print(filters['conv9'])" in mail.text
    assert b"KeyError: 'conv9'" in mail.attachments[0].data
    told = [tell_developer(installation, str(experiment), "b@example.com") for _ in range(2)]
    assert [t.posted for t in told] == [True, False]


def test_a_script_that_trains_by_itself_is_stopped_and_told_its_contract(
    installation: Installation, push: Push, goals: Goals
) -> None:
    (installation.settings.repositories_file).write_text(
        "repositories: [{name: admin/mnist, tweak_seconds: 5}]"
    )
    tweak = "import time\nwhile True:\n    print('Epoch', flush=True)\n    time.sleep(0.2)"
    experiment = stepped(installation, push, goals, tweak)
    assert ended(installation, experiment).reason == "tweak.py was still running after its limit of 5 s"
    mail = compose(installation, experiment, ["ada@example.com"], None)
    assert "It must not train, nor loop over trainings" in " ".join(mail.text.split())
    assert "Epoch" in mail.text


def test_a_cleared_step_that_now_works_takes_the_experiment_up_again(
    installation: Installation, push: Push, goals: Goals
) -> None:
    tweak = DOUBLES.replace("data.txt", "memory.txt")
    experiment = stepped(installation, push, goals, tweak)
    assert ended(installation, experiment).state is State.TWEAK_ERROR
    (installation.settings.trial(str(experiment), 1) / "work" / "memory.txt").write_text("0")
    following(installation, experiment, 1)
    assert experiment.state is State.RUNNING


def test_a_script_that_was_asked_for_and_is_not_there_is_told(
    installation: Installation, push: Push, goals: Goals
) -> None:
    files = {name: text for name, text in SEED.items() if name != "tweak.py"}
    experiment = claim(installation, push, replace(goals, strategy="tweak.py"), files)
    trained(installation, experiment, 1, 0.5, "0.5")
    assert (
        ended(installation, experiment).reason == "the strategy is tweak.py, but the push has no such script"
    )


def test_a_lost_trial_is_not_made_up_from_the_push(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = stepped(installation, push, goals, DOUBLES)
    following(installation, experiment, 1)
    folder = installation.settings.trial(str(experiment), 2)
    folder.rename(folder.with_name("gone"))
    with pytest.raises(TrialLost, match=r"the files of trial 2 of .* are gone, and only its tweak.py could"):
        prepare_training(str(experiment), 2)
