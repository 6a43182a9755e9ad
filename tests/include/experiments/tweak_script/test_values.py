"""What a tweak script's files come to as a trial: values, reason, patch, whatever it wrote."""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path

import pytest

from include.experiments.installation import Installation
from include.experiments.reading import read_trial
from include.experiments.records import Goals
from include.experiments.training import prepare_training
from include.source.push import Push
from tests.e2e.scripts import NETWORK
from tests.include.experiments.tweak_script.scripted import (
    DOUBLES,
    SEED,
    claim,
    following,
    stepped,
    trained,
)

pytestmark = pytest.mark.docker


def test_the_patch_of_a_trial_makes_its_files_of_the_pushed_ones(
    installation: Installation, push: Push, goals: Goals, tmp_path: Path
) -> None:
    once = (
        "text = open('mycode.py').read()\nif '# new' not in text: open('mycode.py', 'a').write('# new\\n')\n"
    )
    tweak = DOUBLES + once
    experiment = stepped(installation, push, goals, tweak)
    following(installation, experiment, 1)
    trained(installation, experiment, 2, 0.6, "0.6")
    following(installation, experiment, 2)
    folder = installation.settings.trial(str(experiment), 3)
    for name in ("mycode.py", "input.txt"):
        (tmp_path / name).write_text(SEED[name])
    (tmp_path / "winning.patch").write_bytes((folder / "patch.diff").read_bytes())
    subprocess.run(["git", "apply", "winning.patch"], cwd=tmp_path, check=True)
    for name in ("mycode.py", "input.txt"):
        assert (tmp_path / name).read_bytes() == (folder / "work" / name).read_bytes()
    assert (folder / "work" / "mycode.py").read_text().endswith("# new\n")


def test_what_it_prints_last_is_the_reason_of_the_trial(
    installation: Installation, push: Push, goals: Goals
) -> None:
    tweak = DOUBLES + "print('thinking')\nprint('more filters, because 0.5 beat 0', end='\\n\\n')\n"
    experiment = stepped(installation, push, goals, tweak)
    assert following(installation, experiment, 1).reason == "more filters, because 0.5 beat 0"


def test_a_layer_that_it_adds_is_known_by_its_name(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = stepped(installation, push, goals, "open('input.txt', 'w').write('2 32 3 3 64 2 2 1 100')")
    reason = following(installation, experiment, 1).reason
    assert reason.startswith(
        "filter size of conv 1: 2 → 3, pool size of conv 1: 2 → 3, filters of conv 2: — → 64"
    )
    assert experiment.trial(2).values["conv2.filters"] == 64
    assert experiment.space is not None
    assert "conv2.filters" in {p.name for p in experiment.space.parameters}


def test_values_beyond_all_that_we_would_try_are_its_own_business(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = stepped(installation, push, goals, "open('input.txt', 'w').write('1 9000 2 2 0')")
    following(installation, experiment, 1)
    assert experiment.trial(2).values["conv1.filters"] == 9000


def test_values_that_can_not_be_read_any_more_are_not_mixed_up_with_others(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = stepped(installation, push, goals, "open('input.txt', 'w').write('1 -5 2 2 0')")
    assert following(installation, experiment, 1).reason == "tweak.py changed input.txt: 32 → -5"
    assert experiment.trial(2).values == {}


def test_a_rewritten_source_is_a_trial_with_its_values(
    installation: Installation, push: Push, goals: Goals
) -> None:
    tweak = (
        "text = open('mycode.py').read()\n"
        "open('mycode.py', 'w').write(text.replace('Conv2D(2,', 'Conv2D(5,'))"
    )
    experiment = claim(installation, push, goals, {"mycode.py": NETWORK, "tweak.py": tweak})
    trained(installation, experiment, 1, 0.5)
    assert following(installation, experiment, 1).reason == "filters of conv 1: 2 → 5, by tweak.py"


@pytest.mark.parametrize(
    "source", ["'x=' + '(' * 100_000", "'x=' + '-' * 200_000 + '1'", "'\\0'", "'def f(:'", "''"]
)
def test_a_source_that_fells_a_parser_is_a_trial_without_names_for_its_values(
    installation: Installation, push: Push, goals: Goals, source: str
) -> None:
    tweak = f"open('mycode.py', 'w').write({source})"
    experiment = claim(installation, push, goals, {"mycode.py": NETWORK, "tweak.py": tweak})
    trained(installation, experiment, 1, 0.5)
    assert following(installation, experiment, 1).reason.startswith("tweak.py changed mycode.py")
    assert experiment.trial(2).values == {}


def test_values_are_read_the_same_beside_other_threads(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = claim(installation, push, goals, SEED)
    assert experiment.verdict is not None
    work = prepare_training(str(experiment), 1).trial_dir / "work"
    alone = read_trial(work, experiment.verdict, "stdin")
    waiting = threading.Event()
    threading.Thread(target=waiting.wait, daemon=True).start()
    assert read_trial(work, experiment.verdict, "stdin") == alone
    waiting.set()
    assert alone.space == experiment.space
    assert alone.launch.stdin == SEED["input.txt"]
