"""How a mail shows trials: every value, what changed, what counts, and few of very many."""

import re

import pytest

from include.report import MailKind, Relaunched, TrialLine, mails
from tests.include.report.samples import (
    ADA,
    PUSHED,
    Page,
    make_mail,
    make_report,
)

_OF_RESULTS = (MailKind.TARGET_MET, MailKind.BUDGET_SPENT, MailKind.TUNING_EXHAUSTED)


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
