"""Samples of reports, and a reader for the pages made of them."""

from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path

from include.detector.verdict import Evidence, Kind, Verdict
from include.report import ExperimentReport, Mail, MailKind, Relaunched, TrialLine, mails
from include.source.push import Push

ADA = ("ada@example.org",)
SHA = "abc1234" + "d" * 33
PUSHED: dict[str, int | float | str] = {
    "filters": 8,
    "kernel": 3,
    "learning rate": 0.001,
    "optimizer": "adam",
}
PATCH = """--- a/mycode.py
+++ b/mycode.py
@@ -1,2 +1,2 @@
-model.add(Conv2D(8, (3, 3)))
+model.add(Conv2D(32, (3, 3)))
 model.fit(x, y)
"""
TRACEBACK = """Traceback (most recent call last):
  File "/usr/local/lib/harness/run.py", line 88, in main
    runpy.run_path(script)
  File "/mlops/mycode.py", line 2, in <module>
    x = x.reshape((60000, 28))
ValueError: cannot reshape array of size 5 into shape (60000,28)
"""


def _trials() -> tuple[TrialLine, ...]:
    return (
        TrialLine(1, PUSHED, 0.742, 21.4, "The values as pushed.", "complete", "accuracy.txt"),
        TrialLine(
            2, {**PUSHED, "filters": 16}, 0.9137, 24.0, "filters: 8 → 16, as a first try.", relaunches=2
        ),
        TrialLine(
            3, {**PUSHED, "filters": 64}, None, 3.0, "More helped.", "failed", error="killed for memory"
        ),
        TrialLine(4, {**PUSHED, "filters": 32}, 0.981, 247.0, "Half way back.", "complete", "accuracy.txt"),
    )


def make_report(**changes: object) -> ExperimentReport:
    """An experiment whose fourth trial reached its target."""
    report = ExperimentReport(
        repository="admin/mnist",
        branch="main",
        sha=SHA,
        author_name="Ada Lovelace",
        message="Train a small CNN\n\nwith a body",
        target=0.97,
        trials=_trials(),
        best=4,
        pushed_values=PUSHED,
        winning_values={**PUSHED, "filters": 32},
        patch=PATCH,
        model_location="/srv/models/admin/mnist/model.keras",
        model_sha256="9f" * 32,
        started_at="2026-11-23T09:31:00Z",
        seconds=252.0,
        relaunched=(
            Relaunched(2, "2026-11-23T09:32:10Z", "killed by signal 9 (SIGKILL)"),
            Relaunched(2, "2026-11-23T09:33:05Z", "its heartbeat fell silent"),
        ),
        commit_url=f"https://github.com/admin/mnist/commit/{SHA}",
        experiment_url="http://127.0.0.1:8080/experiments/1",
        run_url="http://127.0.0.1:8080/runs/4",
    )
    return replace(report, **changes)  # type: ignore[arg-type]


def make_push(**changes: str) -> Push:
    """A push of Ada's."""
    push = Push(
        "admin/mnist", "main", SHA, "Ada", "ada@example.org", "Try it", "2026-11-23", "https://e.org/c"
    )
    return replace(push, **changes)


def make_verdict(kind: Kind = Kind.NOT_CNN, **changes: object) -> Verdict:
    """A verdict with two lines of evidence."""
    evidence = (
        Evidence("train.py", 14, "model.add(Dense(512))", "The model has dense layers only."),
        Evidence("data.bin", 0, "", "This file is no text."),
    )
    verdict = Verdict(
        kind, "dense network", "keras 3", False, "train.py", "It has only Dense layers.", evidence
    )
    return replace(verdict, **changes)  # type: ignore[arg-type]


def make_mail(kind: MailKind, text: str | None = None, templates: Path | None = None) -> Mail:
    """A mail of any kind; with `text`, everything in it that can come from a push says just that.

    Args:
        kind: Which mail.
        text: Stands in every field.
        templates: An operator's templates.
    """
    to = ("ada@example.org",)
    report, push, verdict = make_report(), make_push(), make_verdict()
    traceback, lines, reason = TRACEBACK, ["Epoch 1/2", "Epoch 2/2", "Killed"], "killed by signal 9."
    if text is not None:
        report, push, verdict = _report_of(text), _push_of(text), _verdict_of(text)
        traceback, lines, reason = (
            f'  File "/mlops/{text}", line 1, in x\n{text}\nX: {text}',
            [text] * 3,
            text,
        )
    match kind:
        case MailKind.TARGET_MET:
            return mails.target_met(report, to, templates=templates)
        case MailKind.BUDGET_SPENT:
            return mails.budget_spent(report, to, templates=templates)
        case MailKind.TUNING_EXHAUSTED:
            sentences = (text or "mycode.py reads its layers from a file.",)
            return mails.tuning_exhausted(report, to, untouchable=sentences, templates=templates)
        case MailKind.NOT_A_CNN:
            return mails.not_a_cnn(
                push, verdict, to, run_url=text or "http://127.0.0.1/r", templates=templates
            )
        case MailKind.CANNOT_TRAIN:
            torch = replace(verdict, kind=Kind.CNN, framework=text or "pytorch")
            return mails.cannot_train(push, torch, to, templates=templates)
        case MailKind.SCRIPT_ERROR:
            return mails.script_error(report, traceback, to, templates=templates)
        case MailKind.TWEAK_ERROR:
            return mails.tweak_error(
                report,
                to,
                script=text or "tweak.py",
                why=text or "ended with exit code 1",
                output=traceback.replace("mycode.py", "tweak.py"),
                seconds=60,
                templates=templates,
            )
        case MailKind.CRASHED:
            return mails.crashed(
                report, to, relaunches=5, reason=reason, log_lines=lines, templates=templates
            )
        case MailKind.STOPPED:
            return mails.stopped(
                report, to, trial=3, reason=text or "A person ended its task.", templates=templates
            )
        case MailKind.SYSTEM_FAILED:
            return mails.system_failed(report, to, trial=3, templates=templates)


def _report_of(text: str) -> ExperimentReport:
    trial = TrialLine(1, {text: text}, 0.5, 1.0, text, "complete", text, 1, text)
    names = ("repository", "branch", "sha", "author_name", "message", "started_at", "patch", "input_text")
    links = ("commit_url", "experiment_url", "run_url", "pull_request_url", "model_location", "model_sha256")
    values = {"pushed_values": {text: text}, "winning_values": {text: text + "2"}}
    again = Relaunched(1, text, text)
    return make_report(
        trials=(trial,), best=1, relaunched=(again,), **values, **dict.fromkeys([*names, *links], text)
    )


def _push_of(text: str) -> Push:
    return Push(text, text, text, text, text, text, text, text)


def _verdict_of(text: str) -> Verdict:
    return Verdict(Kind.NOT_CNN, text, text, False, text, text, (Evidence(text, 1, text, text),))


_VOID = frozenset({"meta", "img", "br"})


@dataclass
class Page(HTMLParser):
    """An HTML page taken apart; fails where a tag is not closed in its place."""

    source: str
    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    text: str = ""
    _open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.source)
        self.close()
        assert self._open == [], f"never closed: {self._open}"
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember a tag."""
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Check that it closes what was opened last."""
        assert self._open, f"</{tag}> closes nothing"
        assert self._open.pop() == tag, f"</{tag}> at {self.getpos()}"

    def handle_data(self, data: str) -> None:
        """Collect the text that is shown."""
        if "style" not in self._open[-1:]:
            self.text += data

    def all(self, tag: str) -> list[dict[str, str]]:
        """The attributes of every such tag."""
        return [attributes for name, attributes in self.tags if name == tag]
