"""What a tweak script is given: accuracy, history, and what training left."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import pytest

from include.experiments.installation import Installation
from include.experiments.records import Goals
from include.experiments.telling import compose
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
    ("accuracy", "text", "said"),
    [
        (0.9775, "97.75%\n", "97.75%\n"),  # as the training script spells it
        (0.5, "0.5000 ", "0.5000 "),
        (0.625, "", "0.625\n"),  # it wrote none: the fraction
        (None, "", "0\n"),  # it failed: an old accuracy must not stand for this trial
    ],
)
def test_the_accuracy_is_handed_over_as_the_script_spells_it(
    installation: Installation, push: Push, goals: Goals, accuracy: float | None, text: str, said: str
) -> None:
    tweak = "print(repr(open('accuracy.txt').read()))\nopen('input.txt', 'a').write(' ')"
    experiment = claim(installation, push, replace(goals, target=1.0), {**SEED, "tweak.py": tweak})
    trained(installation, experiment, 1, 0.1, "0.1")
    following(installation, experiment, 1)
    trained(installation, experiment, 2, accuracy, text)
    assert following(installation, experiment, 2).reason == repr(said)


def test_history_values_and_variables_tell_all_that_is_known(
    installation: Installation, push: Push, goals: Goals
) -> None:
    tweak = (
        "import json, os\nopen('n', 'a').write('1')\n"
        "told = [json.load(open(os.environ[name])) for name in ('CNN_HISTORY', 'CNN_VALUES')]\n"
        "variables = {k: v for k, v in os.environ.items() if k.startswith('CNN_')}\n"
        "json.dump([*told, variables], open('told.json', 'w'))"
    )
    experiment = stepped(installation, push, goals, tweak)
    following(installation, experiment, 1)
    trained(installation, experiment, 2, 0.4, "0.4")
    following(installation, experiment, 2)
    told = installation.settings.trial(str(experiment), 3) / "work" / "told.json"
    history, values, variables = json.loads(told.read_text())
    assert [(t["trial"], t["accuracy"], t["values"]["conv1.filters"]) for t in history] == [
        (1, 0.5, 32),
        (2, 0.4, 32),
    ]
    assert values == experiment.trial(2).values
    expected = {"CNN_TRIAL": "2", "CNN_ACCURACY": "0.4", "CNN_BEST": "0.5", "CNN_TARGET": "0.9"}
    assert {
        **expected,
        "CNN_ENDING": "finished",
        "CNN_VALUE_CONV1_FILTERS": "32",
    }.items() <= variables.items()


def test_what_training_left_reaches_the_script_but_no_link_and_no_device(
    installation: Installation, push: Push, goals: Goals
) -> None:
    listed = (
        "import os\nopen('listing', 'w').write(' '.join(sorted(os.listdir('.'))))\nos.symlink('/etc', 'out')"
    )
    experiment = claim(installation, push, goals, {**SEED, "tweak.py": listed})
    work = trained(installation, experiment, 1, 0.5, "0.5") / "work"
    (work / "model.h5").write_bytes(b"weights")
    (work / "passwd").symlink_to("/etc/passwd")
    os.mkfifo(work / "pipe")
    following(installation, experiment, 1)
    made = installation.settings.trial(str(experiment), 2) / "work"
    assert (
        made / "listing"
    ).read_text() == "accuracy.txt data.txt input.txt listing model.h5 mycode.py tweak.py"
    assert not (made / "out").is_symlink()


def test_a_folder_that_is_too_large_is_told_to_the_developer(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = stepped(installation, push, goals, DOUBLES)
    with (installation.settings.trial(str(experiment), 1) / "work" / "huge").open("wb") as file:
        file.truncate(2**40)
    assert "its folder is too large: it holds more than 2 GiB" in ended(installation, experiment).reason
    mail = compose(installation, experiment, ["ada@example.com"], None)
    assert mail.subject == f"tweak.py failed · admin/mnist@{push.sha[:7]}"


def test_its_bytes_that_are_no_text_harm_neither_store_nor_mail(
    installation: Installation, push: Push, goals: Goals
) -> None:
    tweak = (
        "import sys\nopen(b'\\xff', 'w').write('x')\nsys.stdout.buffer.write(b'\\xff\\x1b[31m\\x00red\\n')"
    )
    experiment = stepped(installation, push, goals, tweak)
    assert following(installation, experiment, 1).reason.endswith("red")
    assert experiment.trial(2).reason.isprintable()
