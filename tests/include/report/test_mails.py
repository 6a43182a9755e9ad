"""Every kind of mail in both of its forms: first line, page, links, attachments, templates."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from include.report import MailKind, TrialLine, mails
from include.report.payload import Event
from include.report.slack import slack_message
from tests.include.report.samples import (
    ADA,
    PATCH,
    PUSHED,
    Page,
    make_mail,
    make_push,
    make_report,
    make_verdict,
)

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


@pytest.mark.parametrize("kind", MailKind)
def test_text_names_every_link_of_the_page(kind: MailKind) -> None:
    mail = make_mail(kind)
    links = {a["href"] for a in Page(mail.html).all("a")}
    assert links
    assert [link for link in links if link not in mail.text] == []


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


def test_values_as_pushed_that_were_ended_early_are_no_measure_of_the_gain() -> None:
    first, *others = make_report().trials
    report = make_report(trials=(replace(first, state="pruned"), *others))
    mail = mails.target_met(report, ADA)
    for said in (mail.text, Page(mail.html).text, str(slack_message(Event("e", "target_met", "x"), report))):
        assert "as pushed, ended early" in said
        assert "gained" not in said


def test_an_empty_search_space_is_told_with_what_could_not_be_touched() -> None:
    report = make_report(pushed_values={}, winning_values={}, patch="")
    mail = mails.tuning_exhausted(report, ADA, untouchable=["The layers come from a file."])
    for said in (mail.text, Page(mail.html).text):
        assert "no hyper-parameter that could be changed" in said
        assert "The layers come from a file." in said


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
