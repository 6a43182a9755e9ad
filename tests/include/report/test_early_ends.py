"""What a mail says of trials that were ended early."""

from dataclasses import replace

from include.report import TrialLine, mails
from tests.include.report.samples import PUSHED, make_report


def test_a_pruned_trial_is_shown_as_such_with_its_accuracy_and_its_reason() -> None:
    report = make_report()
    remark = "pruned after epoch 3 of 9: its accuracy was behind"
    pruned = TrialLine(5, PUSHED, 0.41, 9.0, "Try less.", "pruned", remarks=(remark,))
    mail = mails.target_met(replace(report, trials=(*report.trials, pruned)), ["ada@example.com"])
    for text in (mail.text, mail.html):
        assert "pruned at 0.410" in text
        assert remark in text
