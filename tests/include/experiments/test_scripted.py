"""Experiments that a tweak script decides on: real containers run it, trainings are written by hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from include.containers import EndingKind, Engine
from include.containers.files import write_spec
from include.containers.outcome import Outcome as Ended
from include.containers.outcome import record_outcome
from include.containers.tweak_spec import STEP_EXPERIMENT
from include.experiments.choosing import tweak_script
from include.experiments.experiment import Experiment
from include.experiments.inspection import inspect_push
from include.experiments.installation import Installation
from include.experiments.judging import judge_trial
from include.experiments.layout import TrialLost
from include.experiments.reading import read_trial
from include.experiments.records import Goals, State
from include.experiments.telling import compose, tell_developer
from include.experiments.training import prepare_training
from include.experiments.tuning import NextTrial, NoMoreTrials, next_trial
from include.settings import PROJECT_ROOT
from include.source.push import Push
from tests.e2e.scripts import NETWORK

pytestmark = pytest.mark.docker

READS_INPUT = NETWORK.replace(
    "model = keras.Sequential",
    "layers = int(input())\nsizes = [[int(input()) for _ in range(3)] for _ in range(layers)]\n"
    "dense = [int(input()) for _ in range(int(input()))]\nmodel = keras.Sequential",
).replace("Conv2D(2,", "Conv2D(sizes[0][0],")

# One step of the seed's kind: the last accuracy and its own memory in, the next numbers out.
DOUBLES = """\
accuracy = float(open("accuracy.txt").read())
best = float(open("data.txt").read())
numbers = open("input.txt").read().split()
numbers[1] = str(int(numbers[1]) * 2 if accuracy > best else 3)
open("input.txt", "w").write("\\n".join(numbers) + "\\n")
open("data.txt", "w").write(str(accuracy))
"""
SEED = {"mycode.py": READS_INPUT, "input.txt": "1\n32\n2\n2\n0\n", "data.txt": "0", "tweak.py": DOUBLES}


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    stack = f"test-{os.getpid()}-{uuid.uuid4().hex[:6]}"
    config = tmp_path / "config"
    config.mkdir()
    (config / "repositories.yaml").write_text(
        "repositories: [{name: admin/mnist, target: 0.9, tweak_seconds: 20}]"
    )
    monkeypatch.setenv("CNN_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("CNN_CONFIG_DIR", str(config))
    monkeypatch.setenv("CNN_STACK", stack)
    yield Installation.from_environment()
    engine = Engine.connect(stack)
    assert engine.find() == (), "a container was left behind"


@pytest.fixture
def goals() -> Goals:
    return Goals(target=0.9, max_trials=9, max_hours=1, strategy="auto")


def claim(installation: Installation, push: Push, goals: Goals, files: dict[str, str]) -> Experiment:
    tree = installation.settings.tree(push.repository, push.sha)
    tree.mkdir(parents=True)
    for name, text in files.items():
        (tree / name).parent.mkdir(exist_ok=True)
        (tree / name).write_text(text)
    experiment = installation.store.claim(push, goals, "run-1")
    assert experiment is not None
    inspect_push(installation, str(experiment))
    return experiment


def trained(
    installation: Installation, experiment: Experiment, number: int, accuracy: float | None, text: str = ""
) -> Path:
    """Leave what a container would have left, and judge it; returns the trial's folder."""
    request = prepare_training(str(experiment), number)
    write_spec(request.trial_dir, request.spec)
    result: dict[str, object] = {"status": "finished", "accuracy": accuracy, "seconds": 1.0}
    if text:
        (request.trial_dir / "work" / "accuracy.txt").write_text(text)
        result |= {"accuracy_source": "accuracy.txt", "accuracy_text": text.strip()}
    (request.trial_dir / "out" / "result.json").write_text(json.dumps(result))
    ending = EndingKind.FINISHED if accuracy is not None else EndingKind.OUT_OF_MEMORY
    record_outcome(request.trial_dir, Ended(ending, "done", f"container-{number}"))
    judge_trial(installation, str(experiment), number)
    return request.trial_dir


def following(installation: Installation, experiment: Experiment, trial: int) -> NextTrial:
    found = next_trial(installation, str(experiment), trial)
    assert isinstance(found, NextTrial), found
    return found


def ended(installation: Installation, experiment: Experiment, trial: int = 1) -> NoMoreTrials:
    found = next_trial(installation, str(experiment), trial)
    assert isinstance(found, NoMoreTrials), found
    return found


def stepped(installation: Installation, push: Push, goals: Goals, tweak: str, **files: str) -> Experiment:
    """An experiment with this tweak script whose first trial was judged."""
    named = {name.replace("_", "."): text for name, text in files.items()}
    experiment = claim(installation, push, goals, {**SEED, **named, "tweak.py": tweak})
    trained(installation, experiment, 1, 0.5, "0.5")
    return experiment


def test_a_script_of_the_seeds_kind_decides_on_trial_after_trial(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = claim(installation, push, goals, SEED)
    for number, accuracy in ((1, 0.5), (2, 0.6), (3, 0.55)):
        trained(installation, experiment, number, accuracy, str(accuracy))
        following(installation, experiment, number)
    assert [trial.values["conv1.filters"] for trial in experiment.trials()] == [32, 64, 128, 3]
    assert [trial.reason for trial in experiment.trials()] == [
        "your own values",
        "filters of conv 1: 32 → 64, by tweak.py",
        "filters of conv 1: 64 → 128, by tweak.py",
        "filters of conv 1: 128 → 3, by tweak.py",
    ]


def test_a_trial_is_launched_with_what_the_script_wrote_on_standard_input(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = stepped(installation, push, goals, DOUBLES)
    following(installation, experiment, 1)
    folder = prepare_training(str(experiment), 2).trial_dir
    launch = json.loads((folder / "in" / "launch.json").read_text())
    assert launch["stdin"] == (folder / "work" / "input.txt").read_text() == "1\n64\n2\n2\n0\n"
    assert json.loads((folder / "hyperparameters.json").read_text())["conv1.filters"] == 64


def test_an_input_file_of_a_form_of_its_own_is_on_standard_input_too(
    installation: Installation, push: Push, goals: Goals
) -> None:
    tweak = "open('input.txt', 'w').write('filters=3')"
    experiment = stepped(installation, push, goals, tweak, input_txt="filters=2")
    assert (
        following(installation, experiment, 1).reason == "tweak.py changed input.txt: filters=2 → filters=3"
    )
    launches = [prepare_training(str(experiment), n).trial_dir / "in" / "launch.json" for n in (1, 2)]
    assert [json.loads(path.read_text())["stdin"] for path in launches] == ["filters=2", "filters=3"]


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


def test_the_same_step_again_returns_the_same_and_runs_nothing(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = stepped(installation, push, goals, "import uuid\nopen('x', 'w').write(str(uuid.uuid4()))\n")
    first = following(installation, experiment, 1)
    made = installation.settings.trial(str(experiment), 2) / "work" / "x"
    before = made.read_text()
    assert following(installation, experiment, 1) == first
    assert made.read_text() == before


def test_a_worker_that_dies_after_the_files_were_made_costs_no_second_step(
    installation: Installation, push: Push, goals: Goals, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = stepped(installation, push, goals, "import uuid\nopen('x', 'w').write(str(uuid.uuid4()))\n")
    made = installation.settings.trial(str(experiment), 2) / "work" / "x"

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Experiment, "propose", die)
        with pytest.raises(KeyboardInterrupt, match=r"^$"):
            next_trial(installation, str(experiment), 1)
    before = made.read_text()
    following(installation, experiment, 1)
    assert (made.read_text(), len(experiment.trials())) == (before, 2)


def test_every_try_starts_from_what_training_left(
    installation: Installation, push: Push, goals: Goals
) -> None:
    fails_once_it_wrote = "open('input.txt', 'a').write('7')\nraise SystemExit('no')"
    experiment = stepped(installation, push, goals, fails_once_it_wrote)
    ended(installation, experiment)
    ended(installation, experiment)
    folder = installation.settings.trial(str(experiment), 1)
    assert (folder / "work" / "input.txt").read_text() == SEED["input.txt"]
    assert sorted(p.name for p in folder.parent.iterdir()) == ["1"]


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


def test_a_worker_that_is_killed_in_the_middle_leaves_a_step_that_the_next_one_takes_again(
    installation: Installation, push: Push, goals: Goals
) -> None:
    sleeps_once = (
        "import os, time\nopen('input.txt', 'w').write('1 64 2 2 0')\n"
        "print('sleeping', flush=True)\ntime.sleep(8)"
    )
    experiment = stepped(installation, push, goals, sleeps_once)
    engine = Engine.connect(installation.settings.stack)
    labels: dict[str, str | list[str] | bool] = {"label": f"{STEP_EXPERIMENT}={experiment}"}
    call = (
        "from include.experiments.installation import Installation as I\n"
        "from include.experiments.tuning import next_trial as n\n"
        f"n(I.from_environment(), {str(experiment)!r}, 1)"
    )
    worker = subprocess.Popen([sys.executable, "-c", call], cwd=PROJECT_ROOT)
    while not [c for c in engine.client.containers.list(filters=labels) if b"sleeping" in c.logs()]:
        time.sleep(0.1)
    worker.kill()
    worker.wait()
    assert len(engine.client.containers.list(filters=labels)) == 1
    assert len(experiment.trials()) == 1
    following(installation, experiment, 1)
    assert experiment.trial(2).values["conv1.filters"] == 64
    assert engine.client.containers.list(all=True, filters=labels) == []


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


@pytest.mark.parametrize(
    ("strategy", "configured", "script"),
    [
        ("auto", "", "tweak.py"),
        ("tweak.py", "", "tweak.py"),
        ("hill_climb", "", None),
        ("auto", ", tweak_script: null", None),
        ("auto", ", tweak_script: tools/next.py", "tools/next.py"),
        ("auto", ", tweak_script: mycode.py", None),
    ],
)
def test_it_decides_unless_another_strategy_was_asked_for(
    installation: Installation, push: Push, goals: Goals, strategy: str, configured: str, script: str | None
) -> None:
    installation.settings.repositories_file.write_text(f"repositories: [{{name: admin/mnist{configured}}}]")
    files = {**SEED, "tools/next.py": DOUBLES}
    experiment = claim(installation, push, replace(goals, strategy=strategy), files)
    assert tweak_script(installation, experiment) == script


def test_a_strategy_of_ours_climbs_although_there_is_a_script(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = claim(installation, push, replace(goals, strategy="hill_climb"), SEED)
    trained(installation, experiment, 1, 0.5, "0.5")
    assert "tweak.py" not in following(installation, experiment, 1).reason


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
