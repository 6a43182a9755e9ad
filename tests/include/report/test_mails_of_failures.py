"""What the mails say of pushes that were not trained, failed or were given up."""

from pathlib import Path

import pytest

from include.detector.verdict import Evidence, Kind, Verdict
from include.report import mails
from include.report._context import verdict_lines
from tests.include.report.samples import (
    ADA,
    TRACEBACK,
    Page,
    make_push,
    make_report,
    make_verdict,
)


def test_not_a_cnn_comes_with_its_evidence() -> None:
    mail = mails.not_a_cnn(make_push(), make_verdict(), ADA)
    for said in (mail.text, Page(mail.html).text):
        assert "It has only Dense layers." in said
        assert "The model has dense layers only." in said
        assert "model.add(Dense(512))" in said
        assert "train.py, line 14" in said
        assert "data.bin, line" not in said


@pytest.mark.parametrize(
    ("kind", "what", "told"),
    [
        (Kind.CNN, "convolutional network", "A CNN, not trained: Keras 3 is not in the training image"),
        (Kind.UNREADABLE, "a notebook named .py", "Not trained: a notebook named .py"),
    ],
)
def test_what_can_not_be_trained_says_why(kind: Kind, what: str, told: str) -> None:
    mail = mails.cannot_train(make_push(), make_verdict(kind, what=what), ADA)
    assert mail.subject.startswith(told)


def test_script_error_shows_the_failing_line_among_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "mycode.py").write_text(
        "import keras\nx = x.reshape((60000, 28))\nmodel = keras.Sequential()\n"
    )
    mail = mails.script_error(make_report(trials=(), best=None), TRACEBACK, ADA, tree=tmp_path)
    assert ">    2  x = x.reshape((60000, 28))\n" in mail.text
    assert "     1  import keras\n" in mail.text
    page = Page(mail.html)
    assert "model = keras.Sequential()" in page.text
    assert "cannot reshape array of size 5" in page.text
    assert [(file.name, file.data) for file in mail.attachments] == [("traceback.txt", TRACEBACK.encode())]


def test_script_error_without_a_traceback_shows_the_last_output() -> None:
    mail = mails.script_error(make_report(trials=(), best=None), "segmentation fault", ADA)
    assert mail.subject == "The script failed · admin/mnist@abc1234"
    assert "segmentation fault" in mail.text


def test_a_failing_tweak_script_is_told_with_its_output_its_contract_and_the_trials_so_far() -> None:
    why, output = "was still running after its limit of 60 s", "Epoch 1/500\nEpoch 2/500\n"
    mail = mails.tweak_error(make_report(), ADA, script="tweak.py", why=why, output=output, seconds=60)
    assert mail.subject == "tweak.py failed · admin/mnist@abc1234"
    for said in (" ".join(mail.text.split()), Page(mail.html).text):
        assert "Your own tweak.py decides on the next trial of this push. It was still running after" in said
        assert "Epoch 2/500" in said
        assert "It must not train, nor loop over trainings" in said
        assert "ends within 60 s" in said
        assert "0.981" in said
    assert (mail.attachments[0].name, mail.attachments[0].data) == ("tweak-output.txt", output.encode())


def test_a_tweak_script_that_is_done_is_told_as_such() -> None:
    report = make_report(pushed_values={}, winning_values={})
    mail = mails.tuning_exhausted(report, ADA, why="tweak.py printed 'done': it has nothing more to try")
    for said in (mail.text, Page(mail.html).text):
        assert "your own tweak script ended the search: tweak.py printed 'done'" in said
        assert "no hyper-parameter that could be changed" not in said


def test_a_stop_by_a_person_is_told_as_no_crash() -> None:
    mail = mails.stopped(make_report(), ADA, trial=3, reason="A person ended its task.")
    for said in (mail.text, Page(mail.html).text):
        assert "Trial 3 was stopped, and the search with it: A person ended its task." in said
        assert "crashed" not in said.replace("crashed and relaunched 2 ×", "")


@pytest.mark.parametrize(("told", "said"), [(True, "has been told"), (False, "Please tell its operator")])
def test_a_push_that_was_not_fetched_is_blamed_on_the_system(told: bool, said: str) -> None:
    report = make_report(trials=(), best=None, relaunched=())
    mail = mails.system_failed(report, ADA, operator_told=told)
    assert mail.subject == "Not trained: the training system failed · admin/mnist@abc1234"
    for form in (mail.text, Page(mail.html).text):
        assert "could not fetch or inspect your push" in form
        assert said in form
        assert "Nothing is known to be wrong with your code" in form


def test_a_failure_in_a_later_trial_also_shows_the_best_one_so_far() -> None:
    mail = mails.crashed(make_report(), ADA, relaunches=5, reason="x", log_lines=["Killed"])
    assert "0.981" in mail.text
    assert [file.name for file in mail.attachments][:2] == ["log.txt", "hyperparameters.json"]


def test_what_can_not_be_read_says_so_once_and_names_no_framework() -> None:
    reason = "mycode.py is Python 2 code (line 3). Port it to Python 3."
    evidence = Evidence("mycode.py", 0, "", "mycode.py is Python 2 code (line 3).")
    lines = verdict_lines(
        Verdict(Kind.UNREADABLE, "Python 2 code", "none", False, None, reason, evidence=(evidence,))
    )
    assert lines.evidence == ()
    assert [label for label, _, _ in lines.facts] == ["found"]
