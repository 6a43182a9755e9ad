"""The harness with real Keras, in the training image.

All scripts run in one container: Keras is imported once, and each script runs in a fork of that process.
"""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from include.containers import DEFAULT_IMAGE
from tests.docker.harness.scripts_of_today import FILES, LAUNCH, SCRIPTS

pytestmark = pytest.mark.docker

HARNESS = Path(__file__).resolve().parents[3] / "docker" / "harness"

FORKS = """
import os, sys, traceback
from pathlib import Path
import keras
import harness.__main__ as harness

for case in sorted(Path("/cases").iterdir()):
    if not (child := os.fork()):
        log = os.open(case / "log", os.O_WRONLY | os.O_CREAT)
        os.dup2(log, 1), os.dup2(log, 2)
        try:
            code = harness.main(case)
        except BaseException:
            traceback.print_exc()
            code = 99
        sys.stdout.flush()
        os._exit(code)
    (case / "code").write_text(str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])))
"""


@dataclass(frozen=True)
class Case:
    """What one script left."""

    folder: Path

    @property
    def code(self) -> int:
        return int((self.folder / "code").read_text())

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    @property
    def said(self) -> str:
        return self.log.partition("SAID ")[2].partition("\n")[0]

    @property
    def result(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.folder / "out" / "result.json").read_text())
        return document

    @property
    def left(self) -> set[str]:
        return {path.name for path in (self.folder / "out").iterdir()}


def lay_out(folder: Path, name: str) -> None:
    for part in ("in", "out", "work"):
        (folder / part).mkdir(parents=True)
    (folder / "work" / "train.py").write_text(SCRIPTS[name])
    for file, text in FILES.get(name, {}).items():
        (folder / "work" / file).write_text(text)
        os.utime(folder / "work" / file, (1000, 1000))
    launch = {"script": "train.py", "working_directory": f"/cases/{name}/work", **LAUNCH.get(name, {})}
    (folder / "in" / "launch.json").write_text(json.dumps(launch))


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run every script and give the folder of what they left."""
    folder = tmp_path_factory.mktemp("cases")
    for name in SCRIPTS:
        lay_out(folder / name, name)
    command = ["docker", "run", "--rm", "--network", "none", "--user", f"{os.getuid()}:{os.getgid()}"]
    command += ["--security-opt", "no-new-privileges"]
    command += ["-v", f"{folder}:/cases", "-v", f"{HARNESS}:/opt/harness:ro", DEFAULT_IMAGE]
    subprocess.run([*command, "python3", "-P", "-c", FORKS], check=True, timeout=300)
    return folder


@pytest.fixture
def case(cases: Path, request: pytest.FixtureRequest) -> Case:
    return Case(cases / str(request.param))


def of(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", [name], indirect=True)


@pytest.mark.parametrize(
    ("case", "source", "epochs", "model"),
    [
        ("evaluates", "evaluate", 2, "model.keras"),
        ("validates", "val_accuracy", 3, "model.keras"),
        ("trains_only", "accuracy", 2, "model.keras"),
        ("has_its_own_callbacks", "val_accuracy", 5, "model.keras"),
        ("writes_its_accuracy", "accuracy.txt", 1, "model.keras"),
        ("leaves_the_old_accuracy", "val_accuracy", 1, "model.keras"),
        ("writes_nonsense", None, 0, None),
        ("saves_its_model", "accuracy", 1, "model.h5"),
        ("saves_by_function", None, 0, "model.keras"),
        ("saves_weights_only", "accuracy", 1, "model.keras"),
        ("uses_tf_keras", "evaluate", 1, "model.keras"),
        ("has_a_class_of_its_own", "accuracy", 1, "model.keras"),
        ("finishes_in_a_thread", "accuracy.txt", 0, None),
        ("mails_its_accuracy", "accuracy.txt", 0, None),
        ("posts_its_accuracy", "accuracy.txt", 0, None),
        ("leaves_a_pool_idle", None, 0, None),
        ("exits_0", None, 0, None),
        ("exits_none", None, 0, None),
    ],
    indirect=["case"],
)
def test_a_script_that_ends_is_finished(
    case: Case, source: str | None, epochs: int, model: str | None
) -> None:
    assert (case.code, case.result["status"], case.result["error"]) == (0, "finished", None), case.log
    assert case.result["accuracy_source"] == source
    assert [epoch["epoch"] for epoch in case.result["history"]] == list(range(1, epochs + 1))
    assert case.result["model_file"] == model
    assert model is None or model in case.left


@pytest.mark.parametrize(
    ("case", "error"),
    [
        ("raises", "ValueError: bad shape"),
        ("raises_inside_keras", "ValueError: "),
        ("has_a_syntax_error", "SyntaxError: invalid syntax"),
        ("is_missing", "FileNotFoundError: "),
        ("exits_3", "SystemExit: exit code 3"),
        ("exits_with_words", "SystemExit: no data"),
        ("runs_out_of_memory", "MemoryError"),
        ("downloads_its_data", "URLError: <urlopen error "),
        ("mails_to_itself", "ConnectionRefusedError: "),
    ],
    indirect=["case"],
)
def test_a_script_that_fails_is_failed(case: Case, error: str) -> None:
    assert (case.code, case.result["status"]) == (1, "failed"), case.log
    assert case.result["error"].startswith(error)
    assert "\n" not in case.result["error"]


def test_what_was_not_sent_for_want_of_a_network_is_told(cases: Path) -> None:
    mails, posts = Case(cases / "mails_its_accuracy"), Case(cases / "posts_its_accuracy")
    assert mails.log.count("[harness] no mail is sent, because there is no network") == 2
    (note,) = posts.result["notes"]
    assert note.startswith("The script ended early, because it has no network: URLError")


@pytest.mark.parametrize(
    ("case", "code"),
    [("kills_itself", -9), ("terminates_itself", -15), ("leaves_at_once", 5)],
    indirect=["case"],
)
def test_a_process_that_dies_leaves_no_result(case: Case, code: int) -> None:
    assert case.code == code
    assert "result.json" not in case.left


@of("uses_tf_keras")
def test_pictures_that_are_not_drawn_or_shown_are_told(case: Case) -> None:
    assert case.log.count("[harness] plot_model: no picture is drawn") == 2
    assert case.log.count("[harness] cv2.imshow: no window is opened") == 1
    assert case.log.count("[harness] matplotlib: no window is opened by TkAgg") == 1


@of("raises")
def test_a_traceback_shows_only_the_pushed_code_and_all_of_its_chain(case: Case) -> None:
    trace = case.result["traceback"]
    assert trace in case.log
    assert "KeyError: 'key'" in trace
    assert 'work/helper.py", line 1, in call' in trace
    assert "runpy" not in trace
    assert "/opt/" not in trace


@of("evaluates")
def test_the_last_evaluation_counts_and_the_validations_inside_fit_do_not(case: Case) -> None:
    assert case.result["accuracy"] == pytest.approx(float(case.said))
    assert len(case.result["history"]) == 2


@of("evaluates")
def test_the_report_is_complete(case: Case) -> None:
    assert {"python", "keras", "tensorflow", "numpy"} <= case.result["versions"].keys()
    assert case.result["peak_memory_bytes"] > 100 * 1024**2
    assert case.result["seconds"] > 0
    assert case.left == {"heartbeat", "metrics.jsonl", "model.keras", "result.json", "warm.npz"}
    lines = (case.folder / "out" / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == case.result["history"]
    assert case.result["history"][0]["val_accuracy"] is not None


@of("has_its_own_callbacks")
def test_the_scripts_own_callbacks_see_what_they_would(case: Case) -> None:
    assert case.said == "[0, 1, 0, 0] 1 ['accuracy', 'loss', 'val_accuracy', 'val_loss']"


@of("writes_its_accuracy")
def test_the_accuracy_file_wins(case: Case) -> None:
    assert (case.result["accuracy"], case.result["accuracy_text"]) == (0.9775, "97.75%")


@of("leaves_the_old_accuracy")
def test_a_stale_accuracy_file_does_not_count(case: Case) -> None:
    assert case.result["notes"] == ["accuracy.txt was not written by this training"]


@of("writes_nonsense")
def test_why_a_file_is_no_accuracy_is_recorded(case: Case) -> None:
    assert case.result["notes"] == ["accuracy.txt holds no accuracy: 'true' is not a number"]


@of("uses_names_of_numpy_2")
def test_the_names_of_both_numpys_are_known(case: Case) -> None:
    assert case.said == "True", case.log


@of("sees_itself")
def test_a_script_sees_itself_as_python_would_run_it(case: Case) -> None:
    work = "/cases/sees_itself/work"
    paths = [f"{work}/train.py", work, work]
    assert case.said == repr(["__main__", ["--filters", "32"], paths, "my own harness", False])


@of("reads_its_input")
def test_stdin_is_fed(case: Case) -> None:
    assert case.said == "two words 3"


@of("reads_its_input_in_a_child")
def test_stdin_reaches_the_scripts_children(case: Case) -> None:
    assert case.said == "from stdin"


def test_the_seed_makes_scripts_repeatable_and_their_own_wins(cases: Path) -> None:
    first, again = Case(cases / "is_seeded").said, Case(cases / "is_seeded_again").said
    assert first == again != ""
    assert Case(cases / "seeds_itself").said == "0.32383276483316237"


@of("evaluates")
def test_the_harness_says_little_and_marks_its_lines(case: Case) -> None:
    own = [line for line in case.log.splitlines() if line.startswith("[harness] ")]
    assert len(own) == 2
