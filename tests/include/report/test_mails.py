"""What every mail says, in both of its forms."""

import json
import re
from pathlib import Path

import pytest

from include.detector.verdict import Evidence, Kind, Verdict
from include.report import MailKind, Relaunched, TrialLine, mails
from include.report._context import verdict_lines
from tests.include.report.samples import (
    PATCH,
    PUSHED,
    TRACEBACK,
    Page,
    make_mail,
    make_push,
    make_report,
    make_verdict,
)

ADA = ("ada@example.org",)
_HEADLINES = {
    MailKind.TARGET_MET: "0.981 ≥ 0.970 after 4 trials · admin/mnist@abc1234",
    MailKind.BUDGET_SPENT: "0.981 ≥ 0.970 after 4 trials, budget spent · admin/mnist@abc1234",
    MailKind.TUNING_EXHAUSTED: "0.981 ≥ 0.970 after 4 trials, nothing left to try · admin/mnist@abc1234",
    MailKind.NOT_A_CNN: "Not a CNN: dense network · admin/mnist@abc1234",
    MailKind.CANNOT_TRAIN: "A CNN, not trained: PyTorch is not in the training image · admin/mnist@abc1234",
    MailKind.SCRIPT_ERROR: "ValueError in mycode.py line 2 · admin/mnist@abc1234",
    MailKind.TWEAK_ERROR: "tweak.py failed: ValueError in line 2 · admin/mnist@abc1234",
    MailKind.CRASHED: "Training crashed 6 times, given up · admin/mnist@abc1234",
    MailKind.STOPPED: "Stopped in trial 3 · admin/mnist@abc1234",
    MailKind.SYSTEM_FAILED: "Not trained: the training system failed in trial 3 · admin/mnist@abc1234",
}
_OF_RESULTS = (MailKind.TARGET_MET, MailKind.BUDGET_SPENT, MailKind.TUNING_EXHAUSTED)


@pytest.mark.parametrize(("kind", "headline"), _HEADLINES.items())
def test_first_line_of_every_form_says_what_happened(kind: MailKind, headline: str) -> None:
    mail = make_mail(kind)
    assert mail.subject == headline
    assert mail.text.splitlines()[0] == headline
    page = Page(mail.html)
    assert page.text.startswith(headline)
    assert page.text.count(headline) == 2  # title and heading


@pytest.mark.parametrize("kind", MailKind)
def test_the_list_of_a_mailbox_says_more_than_the_subject(kind: MailKind) -> None:
    mail = make_mail(kind)
    message = "Try it" if kind in (MailKind.NOT_A_CNN, MailKind.CANNOT_TRAIN) else "Train a small CNN"
    body = mail.html.partition("<body")[2]
    preview = body.partition("<div")[2].partition(">")[2].partition("</div>")[0]
    assert preview.startswith(f"{message} · ")
    assert mail.subject not in preview
    assert "<" not in preview


def test_backticks_of_our_sentences_become_code_in_the_page_and_stay_in_the_text() -> None:
    verdict = make_verdict(reason="`Dense` in line 14 and `<b>`.")
    mail = mails.not_a_cnn(make_push(), verdict, ADA)
    assert "`Dense` in line 14 and `<b>`." in mail.text
    page = Page(mail.html)
    assert len(page.all("code")) == 2
    assert "Dense in line 14 and <b>." in page.text
    odd = mails.not_a_cnn(make_push(), make_verdict(reason="It has a ` alone."), ADA)
    assert "It has a ` alone." in Page(odd.html).text


@pytest.mark.parametrize("kind", MailKind)
def test_page_loads_nothing_and_fits_a_phone(kind: MailKind) -> None:
    page = Page(make_mail(kind).html)
    for tag, attributes in page.tags:
        assert tag not in {"script", "link", "iframe", "object", "form", "base", "svg"}
        assert not attributes.get("src") or attributes["src"].startswith("cid:")
        style = attributes.get("style", "")
        assert "url(" not in style
        assert not [w for w in re.findall(r"(?<!max-)width:(\d+)px", style) if int(w) > 320], style
        assert not re.search(r"min-width:\d{3,}px", style), style
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.all("meta")
    assert {"name": "color-scheme", "content": "light dark"} in page.all("meta")


@pytest.mark.parametrize("kind", MailKind)
def test_every_colour_class_of_the_page_has_a_dark_form(kind: MailKind) -> None:
    html = make_mail(kind).html
    dark = html[html.index("prefers-color-scheme: dark") : html.index("</style>")]
    layout = {"gutter", "outside", "large", "stat", ""}
    used = {name for _, a in Page(html).tags for name in a.get("class", "").split()} - layout
    assert used
    assert [name for name in used if f".{name} " not in dark] == []


@pytest.mark.parametrize("kind", _OF_RESULTS)
def test_both_forms_tell_every_trial_and_every_value(kind: MailKind) -> None:
    mail = make_mail(kind)
    for said in (mail.text, Page(mail.html).text):
        for part in ("0.742", "0.914", "0.981", "21 s", "4 min 07 s", "failed", "killed for memory"):
            assert part in said
        for reason in ("The values as pushed.", "as a first try.", "More helped.", "Half way back."):
            assert reason.lower() in said.lower()
        for name in PUSHED:
            assert name in said
        assert "crashed and relaunched 2 ×" in said
        assert "/srv/models/admin/mnist/model.keras" in said
        assert "9f" * 32 in said
        assert "2026-11-23 09:31 UTC" in said
        assert "+0.239" in said


@pytest.mark.parametrize("kind", MailKind)
def test_text_names_every_link_of_the_page(kind: MailKind) -> None:
    mail = make_mail(kind)
    links = {a["href"] for a in Page(mail.html).all("a")}
    assert links
    assert [link for link in links if link not in mail.text] == []


def test_changed_values_stand_first_and_are_marked() -> None:
    mail = mails.target_met(make_report(), ADA)
    assert "* filters: 8 → 32\n  kernel: 3\n" in mail.text
    marked = [text for text in re.findall(r"<strong[^>]*>([^<]*)</strong>", mail.html) if text in PUSHED]
    assert marked == ["filters"]


def test_a_trial_shows_what_differs_from_the_best_one_before_it() -> None:
    text = mails.target_met(make_report(), ADA).text
    third = text[text.index("#3") : text.index("#4")]
    fourth = text[text.index("#4") : text.index("Patch")]
    assert "filters: 16 → 64" in third
    assert "filters: 16 → 32" in fourth  # not 64: that trial failed
    assert "← best" in fourth


def test_values_equal_at_six_digits_are_told_apart() -> None:
    report = make_report(pushed_values={"rate": 0.0010000001}, winning_values={"rate": 0.0010000002})
    assert "* rate: 0.0010000001 → 0.0010000002" in mails.target_met(report, ADA).text


@pytest.mark.parametrize(
    ("accuracy", "target", "told"),
    [
        (0.981, 0.97, "0.981 ≥ 0.970 "),
        (0.97, 0.97, "0.970 ≥ 0.970 "),
        (0.96996, 0.97, "0.96996 < 0.97000 "),
        (0.9, 0.97, "0.900 < 0.970 "),
        (1.0, 0.9999, "1.0000 ≥ 0.9999 "),
    ],
)
def test_headline_never_shows_a_missed_target_as_met(accuracy: float, target: float, told: str) -> None:
    report = make_report(trials=(TrialLine(1, PUSHED, accuracy, 1.0, "x"),), best=1, target=target)
    assert mails.budget_spent(report, ADA).subject.startswith(told + "after 1 trial, ")


def test_a_budget_spent_without_any_accuracy_says_so() -> None:
    trial = TrialLine(1, PUSHED, None, 2.0, "As pushed.", "failed", error="too slow")
    mail = mails.budget_spent(make_report(trials=(trial,), best=None, winning_values={}), ADA)
    assert mail.subject.startswith("No accuracy after 1 trial, budget spent")
    assert mail.images == ()
    assert mail.attachments == ()
    assert "too slow" in Page(mail.html).text
    assert "too slow" in mail.text


def test_winning_values_patch_and_chart_are_attached() -> None:
    mail = mails.target_met(make_report(), ADA)
    files = {file.name: file.data for file in mail.attachments}
    assert list(files) == ["hyperparameters.json", "winning.patch", "chart.png"]
    assert json.loads(files["hyperparameters.json"]) == {**PUSHED, "filters": 32}
    assert files["winning.patch"] == PATCH.encode()
    assert files["chart.png"] == mail.images[0].png


def test_winning_input_file_is_attached_byte_for_byte() -> None:
    mail = mails.target_met(make_report(input_text="1\r\n32\r\n\udcff", patch=""), ADA)
    files = {file.name: file.data for file in mail.attachments}
    assert files["input.txt"] == b"1\r\n32\r\n\xff"
    assert "winning.patch" not in files
    assert "hyperparameters.json" not in files


def test_a_patch_too_large_for_a_mail_is_named_and_not_cut() -> None:
    mail = mails.target_met(make_report(patch="+x\n" * 300_000), ADA)
    assert "winning.patch" not in [file.name for file in mail.attachments]
    assert "too large for a mail" in mail.text
    assert "too large for a mail" in Page(mail.html).text


def test_a_target_met_as_pushed_changes_nothing() -> None:
    trial = TrialLine(1, PUSHED, 0.99, 2.0, "The values as pushed.")
    mail = mails.target_met(make_report(trials=(trial,), best=1, winning_values=PUSHED, patch=""), ADA)
    assert "Nothing had to change." in mail.text
    assert "gained" not in mail.text


def test_an_empty_search_space_is_told_with_what_could_not_be_touched() -> None:
    report = make_report(pushed_values={}, winning_values={}, patch="")
    mail = mails.tuning_exhausted(report, ADA, untouchable=["The layers come from a file."])
    for said in (mail.text, Page(mail.html).text):
        assert "no hyper-parameter that could be changed" in said
        assert "The layers come from a file." in said


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


def test_crash_tells_relaunches_reason_and_last_log_lines() -> None:
    lines = [f"step {number}\n" for number in range(200)]
    report = make_report(trials=(), best=None)
    mail = mails.crashed(report, ADA, relaunches=5, reason="killed by signal 9.", log_lines=lines)
    for said in (mail.text, Page(mail.html).text):
        assert "died 6 times and was relaunched with the same configuration 5 times" in said
        assert "killed by signal 9." in said
        assert "step 199" in said
        assert "step 160" in said
        assert "step 159" not in said
    assert mail.attachments[0].data.startswith(b"step 0\n")


def test_relaunches_are_told_with_trial_time_and_reason() -> None:
    mail = mails.target_met(make_report(), ADA)
    for said in (mail.text, Page(mail.html).text):
        for part in ("2026-11-23 09:32 UTC", "killed by signal 9 (SIGKILL)", "its heartbeat fell silent"):
            assert part in said
    assert "Relaunches" not in mails.target_met(make_report(relaunched=()), ADA).text


def test_a_training_that_only_crashed_tells_its_relaunches_too() -> None:
    trial = TrialLine(1, PUSHED, None, 2.0, "As pushed.", "failed", error="killed by signal 9", relaunches=2)
    report = make_report(trials=(trial,), best=None)
    mail = mails.crashed(report, ADA, relaunches=2, reason="killed by signal 9.", log_lines=["Killed"])
    for said in (mail.text, Page(mail.html).text):
        assert "2026-11-23 09:33 UTC" in said
        assert "its heartbeat fell silent" in said


def test_a_trial_is_told_by_what_makes_it_another_than_the_pushed_one() -> None:
    text = mails.target_met(
        make_report(
            trials=(
                TrialLine(1, PUSHED, 0.7, 2.0, "your own values"),
                TrialLine(2, {**PUSHED, "filters": 16}, 0.8, 2.0, "filters: 8 → 16, as a try."),
                TrialLine(3, {**PUSHED, "filters": 16, "kernel": 5}, 0.98, 2.0, "kernel: 3 → 5, as a try."),
            ),
            best=3,
        ),
        ADA,
    ).text
    assert "#1  0.700  2.0 s\n    your own values\n#2" in text
    assert "kernel: 3 → 5, as a try.\n    with filters = 16\n" in text
    assert "optimizer =" not in text


def test_a_reason_that_lists_all_changes_is_told_without_saying_them_twice() -> None:
    reason = "two values are unusual: filters: 8 → 16, kernel: 3 → 5"
    trials = (
        TrialLine(1, PUSHED, 0.7, 2.0, "your own values"),
        TrialLine(2, {**PUSHED, "filters": 16, "kernel": 5}, 0.98, 2.0, reason),
    )
    mail = mails.target_met(make_report(trials=trials, best=2, patch=""), ADA)
    assert mail.text.count("filters: 8 → 16") == 1
    page = Page(mail.html).text
    assert "Two values are unusual" in page
    assert "Two values are unusual:" not in page


def test_of_many_relaunches_the_last_are_told() -> None:
    rows = tuple(Relaunched(n, "2026-11-23T09:32:10Z", f"end {n}.") for n in range(1, 41))
    mail = mails.target_met(make_report(relaunched=rows), ADA)
    for said in (mail.text, Page(mail.html).text):
        assert "30 earlier ones not shown" in said
        assert "end 31." in said
        assert "end 30." not in said


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


def test_of_a_thousand_trials_the_first_the_best_and_the_last_are_shown() -> None:
    trials = tuple(TrialLine(n, PUSHED, 0.9 if n == 500 else 0.5, 1.0, f"try {n}") for n in range(1, 1001))
    mail = mails.budget_spent(make_report(trials=trials, best=500), ADA)
    shown = [int(n) for n in re.findall(r"^#(\d+) ", mail.text, re.MULTILINE)]
    assert shown[:2] == [1, 500]
    assert shown[-1] == 1000
    assert len(shown) == 30
    assert "… 970 trials are not shown" in mail.text


def test_the_page_stays_below_the_size_at_which_mailboxes_cut_it() -> None:
    values = {f"parameter {n} {'x' * 60}": "v" * 90 for n in range(60)}
    other = dict.fromkeys(values, "w" * 90)
    trials = tuple(TrialLine(n, other if n % 2 else values, 0.5, 1.0, "r" * 900) for n in range(1, 400))
    report = make_report(
        trials=trials, best=3, pushed_values=values, winning_values=other, message="m" * 5000
    )
    mail = mails.budget_spent(report, ADA)
    assert len(mail.html.encode()) < 102_000


def test_an_operators_template_replaces_ours_of_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "target_met.html.j2").write_text("<p>Well done, {{ push.author }}</p>")
    mail = mails.target_met(make_report(author_name="<Ada>"), ADA, templates=tmp_path)
    assert mail.html == "<p>Well done, &lt;Ada&gt;</p>"
    assert mail.text.startswith("0.981 ≥ 0.970")


def test_a_broken_template_is_named_with_its_remedy(tmp_path: Path) -> None:
    (tmp_path / "target_met.html.j2").write_text("{{ no_such_name }}")
    with pytest.raises(
        RuntimeError, match=r"target_met\.html\.j2 .*'no_such_name' is undefined; correct the"
    ):
        mails.target_met(make_report(), ADA, templates=tmp_path)


def test_what_can_not_be_read_says_so_once_and_names_no_framework() -> None:
    reason = "mycode.py is Python 2 code (line 3). Port it to Python 3."
    evidence = Evidence("mycode.py", 0, "", "mycode.py is Python 2 code (line 3).")
    lines = verdict_lines(
        Verdict(Kind.UNREADABLE, "Python 2 code", "none", False, None, reason, evidence=(evidence,))
    )
    assert lines.evidence == ()
    assert [label for label, _, _ in lines.facts] == ["found"]
