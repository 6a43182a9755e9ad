"""Whatever a push says is shown as text: by a GitHub-flavoured parser, and by what GitHub searches for."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from include.detector.verdict import Evidence, Kind, Verdict
from include.experiments.records import State
from include.feedback.markdown import block, code, plain, text
from include.feedback.news import News
from include.feedback.pages import pull_request_body, summary
from tests.include.report.samples import _report_of, make_report

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</code></table></details><!-- ",
    "``` \n# heading\n- item | cell | cell",
    "a | b | c \\| d",
    "`code` **bold** _it_ ~~gone~~ [link](https://evil.example)",
    "![image](https://evil.example/x.png)",
    "@octocat and @org/team",
    "fixes #1, closes admin/mnist#2, GH-3",
    "https://evil.example www.evil.example me@evil.example",
    "--> ]]> <![CDATA[",
    "&lt;b&gt; &#60;",
    ":tada: :+1:",
    "\u202e evil \x1b[31m red \x00",
    "{{ 7*7 }} {% raw %} ${x} #{x}",
    "| --- | --- |",
    "=== \n --- \n 1. one",
]
# What GitHub's filters would turn into mentions, references, links and emoji.
LINKED = re.compile(r"(?<!\w)@\w|(?<!\w)\w*#\d|\bGH-\d|https?://|www\.\w|\w@\w|:[\w+-]+:", re.IGNORECASE)
PARSER = MarkdownIt("gfm-like", {"html": True})


class Page(HTMLParser):
    """Tags and text of a rendered page."""

    def __init__(self, markdown: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.comments: list[str] = []
        self.feed(PARSER.render(markdown))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember it."""
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        """Remember it."""
        self.text += data

    def handle_comment(self, data: str) -> None:
        """Remember it."""
        self.comments.append(data)

    @property
    def shown(self) -> str:
        """The text without what keeps GitHub's filters off."""
        return self.text.replace("\u200b", "")


def shape(page: Page) -> list[str]:
    return [tag for tag, _ in page.tags]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_is_one_paragraph_of_text(hostile: str) -> None:
    page = Page(f"before {text(hostile)} after")
    assert shape(page) == ["p"]
    assert not LINKED.search(page.text)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_stays_in_its_cell_and_at_the_start_of_a_line(hostile: str) -> None:
    table = f"| a | b |\n|--|--|\n| {text(hostile)} | {code(hostile)} |"
    assert shape(Page(table)).count("td") == 2
    assert shape(Page(table)).count("tr") == 2
    assert shape(Page(text(hostile))) == ["p"]


SHOWN = st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Zl", "Zp", "Zs", "Cs"))


@given(st.text(SHOWN, min_size=1))
def test_any_text_is_shown_letter_by_letter(content: str) -> None:
    page = Page(f"x{text(content, 10_000)}x")
    assert page.shown == f"x{content}x\n"
    assert shape(page) == ["p"]


@given(st.text(SHOWN, min_size=1))
def test_any_text_is_a_paragraph_at_the_start_of_a_line_too(content: str) -> None:
    page = Page(text(content, 10_000))
    assert page.shown == f"{content}\n"
    assert shape(page) == ["p"]


@pytest.mark.parametrize("start", ["1. ", "12) ", "- ", "+ ", "# ", "> ", "=== ", "~~~ ", "    ", "[x]: /y "])
def test_a_line_never_begins_a_list_heading_quote_or_block(start: str) -> None:
    assert shape(Page(text(f"{start}one"))) == ["p"]
    assert shape(Page(f"before\n{text(start + 'one')}")) == ["p"]


def test_plain_sentences_stay_readable_in_the_source() -> None:
    sentence = (
        "Accuracy 0.981 after 6 trials (best so far), 50 % of it; why? more/less, 'quoted' or \"quoted\"."
    )
    assert text(sentence) == sentence


@pytest.mark.parametrize("hostile", HOSTILE)
def test_titles_and_commit_messages_call_and_link_nobody(hostile: str) -> None:
    line = plain(hostile)
    assert not LINKED.search(line)
    assert "\n" not in line


@given(st.text(max_size=300))
def test_nothing_ends_a_block_from_within(content: str) -> None:
    page = Page(block(content, "diff"))
    assert shape(page) == ["pre", "code"]


def test_a_long_block_says_how_much_is_missing() -> None:
    assert "… 5 lines more" in block("x\n" * 205)


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("state", list(State))
def test_pages_have_the_same_shape_whatever_a_push_says(hostile: str, state: State) -> None:
    pages = [_pages(said, state) for said in (hostile, "harmless")]
    for made, harmless in zip(*pages, strict=True):
        assert shape(made) == shape(harmless)
        assert made.comments == []
        links = [attributes["href"] for tag, attributes in made.tags if tag == "a"]
        assert links == []
        assert not LINKED.search(made.text)


def _pages(said: str, state: State) -> tuple[Page, Page]:
    evidence = (Evidence(said, 1, said, said),)
    verdict = Verdict(Kind.NOT_CNN, said, said, False, said, said, evidence)
    news = News(
        experiment=said,
        state=state,
        report=_report_of(said),
        max_trials=3,
        tree=Path(),
        verdict=verdict if state is State.NOT_TRAINABLE else None,
    )
    return Page(summary(news, said)), Page(pull_request_body(news))


def test_links_of_ours_are_links() -> None:
    report = make_report()
    news = News(experiment="x", state=State.TARGET_MET, report=report, max_trials=9, tree=Path())
    page = Page(summary(news, "https://github.com/admin/mnist/pull/1"))
    links = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    assert links == ["https://github.com/admin/mnist/pull/1", report.experiment_url, report.run_url]


@pytest.mark.parametrize("accuracy", [float("nan"), float("inf"), -1.0, 98.0])
def test_an_accuracy_that_is_none_is_shown_and_not_drawn(accuracy: float) -> None:
    trials = tuple(replace(trial, accuracy=accuracy) for trial in make_report().trials)
    news = News(
        experiment="x",
        state=State.BUDGET_SPENT,
        report=make_report(trials=trials),
        max_trials=9,
        tree=Path(),
    )
    page = Page(summary(news))
    assert shape(page).count("tr") == 1 + len(trials)
    assert shape(Page(pull_request_body(news))).count("h3") == 0


def test_the_table_shows_every_trial_with_its_change_and_reason() -> None:
    news = News(experiment="x", state=State.TARGET_MET, report=make_report(), max_trials=9, tree=Path())
    page = Page(summary(news))
    assert shape(page).count("tr") == 1 + len(news.report.trials)
    for said in ("0.742", "0.981", "4 min 07 s", "filters: 8 → 16", "killed for memory", "relaunched 2 ×"):
        assert said in page.shown


def test_a_stop_by_a_person_is_told_as_no_failure() -> None:
    news = News(
        experiment="x",
        state=State.CRASHED,
        report=make_report(),
        max_trials=9,
        tree=Path(),
        stopped="A person ended its task.",
    )
    assert news.headline == "Stopped: A person ended its task."
    assert "Given up" not in Page(summary(news)).shown
