"""What the templates are given: small named values, all of them bounded and visible text."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from include.detector.verdict import Kind, Verdict
from include.report import _numbers as shown
from include.report._headline import framework_name
from include.report._text import one_line, paragraph, visible, web_link
from include.report._view import Change, TrialRow, trial_rows, usual_source, value_rows
from include.report.message import Attachment, InlineImage
from include.report.report import ExperimentReport
from include.source.push import Push

Fact = tuple[str, str, bool]  # label, text, whether it is to be read letter by letter
Stat = tuple[str, str, str]  # label, number, tone
_PATCH_LINES, _EVIDENCE, _RELAUNCHES = 60, 12, 10


@dataclass(frozen=True)
class PushLines:
    """The push a mail is about."""

    message: str
    author: str
    branch: str
    sha: str
    url: str | None


@dataclass(frozen=True)
class Chart:
    """The picture in the page, and what it says to those who can't see it."""

    content_id: str
    alt: str


@dataclass(frozen=True)
class RelaunchRow:
    """One relaunch: its trial, when, and why."""

    trial: int
    at: str
    reason: str


@dataclass(frozen=True)
class Results:
    """Everything there is to show of an experiment's trials."""

    stats: tuple[Stat, ...]
    chart: Chart | None
    values: tuple[Change, ...]
    trials: tuple[TrialRow, ...]
    left_out: int
    relaunches: tuple[RelaunchRow, ...]
    more_relaunches: int
    patch_lines: tuple[tuple[str, str], ...]
    patch_more: int
    facts: tuple[Fact, ...]
    first_meets: bool
    nothing_to_tweak: bool
    attached: str

    def shorter(self) -> "Results":
        """The same with half of the trials and of the patch; the first trial, the best and the last stay."""
        last = self.trials[-max(len(self.trials) // 2 - 2, 1) :]
        kept = tuple(row for row in self.trials if row is self.trials[0] or row.best or row in last)
        return replace(
            self,
            trials=kept,
            left_out=self.left_out + len(self.trials) - len(kept),
            patch_lines=self.patch_lines[: len(self.patch_lines) // 2],
            patch_more=self.patch_more + len(self.patch_lines) - len(self.patch_lines) // 2,
        )


@dataclass(frozen=True)
class EvidenceRow:
    """One line of code that speaks for the verdict."""

    sentence: str
    source: str
    place: str


@dataclass(frozen=True)
class VerdictLines:
    """What the detector said."""

    reason: str
    facts: tuple[Fact, ...]
    evidence: tuple[EvidenceRow, ...]
    next_step: str


def push_lines(push: Push | ExperimentReport) -> PushLines:
    """The push of a mail, from whatever knows it."""
    url = push.url if isinstance(push, Push) else push.commit_url
    return PushLines(
        message=one_line(push.message.strip().partition("\n")[0], 160) or "(no commit message)",
        author=one_line(push.author_name, 80) or "(no author)",
        branch=one_line(push.branch, 100),
        sha=one_line(push.sha, 64),
        url=web_link(url),
    )


def results(report: ExperimentReport, image: InlineImage | None, files: Sequence[Attachment]) -> Results:
    """The trials of an experiment, as its templates show them."""
    names = [file.name for file in files]
    rows = trial_rows(report)
    patch = _patch(report.patch) if "winning.patch" in names else ()
    first = report.trials[0].accuracy if report.trials else None
    return Results(
        stats=_stats(report),
        chart=None if image is None else Chart(image.content_id, _alt(report)),
        values=value_rows(report) if report.best_trial is not None else (),
        trials=rows,
        left_out=len(report.trials) - len(rows),
        relaunches=relaunch_rows(report),
        more_relaunches=len(report.relaunched) - len(relaunch_rows(report)),
        patch_lines=patch[:_PATCH_LINES],
        patch_more=max(len(patch) - _PATCH_LINES, 0),
        facts=_facts(report, names),
        first_meets=first is not None and first >= report.target,
        nothing_to_tweak=not report.pushed_values,
        attached=" and ".join(name for name in names if name != "chart.png"),
    )


def relaunch_rows(report: ExperimentReport) -> tuple[RelaunchRow, ...]:
    """The last relaunches, for a mail of any kind."""
    return tuple(
        RelaunchRow(row.trial, shown.moment(row.at), one_line(row.reason, 200))
        for row in report.relaunched[-_RELAUNCHES:]
    )


def _stats(report: ExperimentReport) -> tuple[Stat, ...]:
    best, first = report.best_trial, report.trials[0] if report.trials else None
    if best is None or best.accuracy is None:
        return ()
    cells = [("best", shown.accuracy(best.accuracy), "good" if best.accuracy >= report.target else "")]
    if first is not None and first.accuracy is not None and first.number != best.number:
        cells.insert(0, (shown.pushed(first.state), shown.accuracy(first.accuracy), ""))
        if first.state != "pruned":  # nobody knows what it would have come to
            cells.append(("gained", shown.gain(first.accuracy, best.accuracy), ""))
    return (*cells, ("wall time", shown.duration(report.seconds), ""))


def _alt(report: ExperimentReport) -> str:
    values = [f"{t.number}: {shown.accuracy(t.accuracy)}" for t in report.trials if t.accuracy is not None]
    listed = ", ".join(values[:30]) + (", …" if len(values) > 30 else "")
    return f"Accuracy over trials, target {shown.accuracy(report.target)}. {listed}"


def _patch(patch: str) -> tuple[tuple[str, str], ...]:
    rows = []
    for line in visible(patch[:50_000]).rstrip("\n").split("\n"):
        header = line.startswith(("+++", "---"))
        kind = line[0] if line[:1] in ("+", "-", "@") and not header else " "
        rows.append((kind, line if len(line) <= 160 else line[:159] + "…"))
    return tuple(rows)


_WARM = (
    "trial {} went on from the weights of trial {}, so the published model is what reached this accuracy; "
    "its values trained from nothing may come to another one"
)


def _facts(report: ExperimentReport, names: list[str]) -> tuple[Fact, ...]:
    facts: list[Fact] = []
    if report.model_location:
        facts.append(("model", one_line(report.model_location.removeprefix("file://"), 300), True))
    if report.model_sha256:
        facts.append(("sha-256", one_line(report.model_sha256, 80), True))
    if names:
        facts.append(("attached", ", ".join(names), False))
    if report.patch and "winning.patch" not in names and report.best_trial is not None:
        facts.append(("patch", "too large for a mail; it lies beside the model", False))
    source = usual_source(report)
    if source:
        facts.append(("accuracy", f"taken from {one_line(source, 80)}", False))
    if report.warm_started_from is not None:
        facts.append(("warm start", _WARM.format(report.best, report.warm_started_from), False))
    facts += [("not granted", one_line(wish, 200), False) for wish in report.refused_wishes]
    if report.relaunches and not report.relaunched:
        facts.append(("relaunches", f"{report.relaunches}, after crashes of the training container", False))
    facts.append(("began", shown.moment(report.started_at), False))
    return tuple(facts)


def verdict_lines(verdict: Verdict) -> VerdictLines:
    """A verdict, as its templates show it."""
    facts = [("found", one_line(verdict.what, 120), False)]
    if verdict.framework not in ("none", "other"):
        facts.append(("framework", framework_name(verdict), False))
    if verdict.script:
        facts.append(("script", one_line(verdict.script, 200), True))
    return VerdictLines(
        reason=paragraph(verdict.reason, 1500),
        facts=tuple(facts),
        evidence=tuple(
            EvidenceRow(
                one_line(row.sentence, 300),
                one_line(row.source, 200),
                one_line(row.file, 200) + (f", line {row.line}" if row.line else ""),
            )
            for row in verdict.evidence[:_EVIDENCE]
            if row.source or row.sentence not in verdict.reason
        ),
        next_step=_NEXT_STEPS[verdict.kind],
    )


_NEXT_STEPS = {
    Kind.NOT_CNN: "Nothing was run. If this is a CNN all the same, name its training script in the "
    "configuration of the repository, or push code with a convolution layer that the training script uses.",
    Kind.CNN: "Nothing was run. Ask the operator for a training image with this framework, "
    "or push a version for Keras on TensorFlow.",
    Kind.UNREADABLE: "Nothing was run.",  # the reason says what to do
}
