"""Reports turned into rows of short, bounded text, the same for HTML, plain text and whatever comes next."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from math import isnan

from include.report import _numbers as shown
from include.report._text import one_line
from include.report.report import ExperimentReport, TrialLine, Value

_MOST_TRIALS, _MOST_VALUES, _MOST_CHANGES, _MOST_OTHERS = 30, 40, 5, 8


@dataclass(frozen=True)
class Change:
    """One hyper-parameter before and after; `before` is a dash where it is new, `after` where it is gone."""

    name: str
    before: str
    after: str

    @property
    def changed(self) -> bool:
        """Whether the two differ."""
        return self.before != self.after


@dataclass(frozen=True)
class TrialRow:
    """One trial, ready to be shown.

    Args:
        number: From 1.
        changes: What differs from the best trial before it; empty for trial 1.
        more_changes: How many further changes are not listed.
        others: Further values that are not the pushed ones, `name = value`; of trial 1 all of them, where
            no table of the best trial's values shows them.
        reason: Why these values.
        because: The same without a first part that only repeats the change.
        accuracy: Three decimals, or a dash.
        bar: Cells of a bar from 0 to 1: width in percent, and "fill", "track" or "mark" (the target).
        seconds: How long it took.
        state: "complete", "failed", "pruned" or "running".
        best: Whether it is the best one.
        meets: Whether its accuracy meets the target.
        notes: Relaunches, error, remarks, source of the accuracy: short phrases.
    """

    number: int
    changes: tuple[Change, ...]
    more_changes: int
    others: tuple[str, ...]
    reason: str
    because: str
    accuracy: str
    bar: tuple[tuple[int, str], ...]
    seconds: str
    state: str
    best: bool
    meets: bool
    notes: tuple[str, ...]


def compare(before: Mapping[str, Value], after: Mapping[str, Value]) -> tuple[Change, ...]:
    """Every hyper-parameter of two configurations, in the order in which they first come."""
    names = list(dict.fromkeys([*before, *after]))
    return tuple(_change(name, before.get(name), after.get(name)) for name in names)


def _change(name: str, before: Value | None, after: Value | None) -> Change:
    left, right = shown.value(before), shown.value(after)
    if left == right and before != after:
        # Two values that look alike at six digits differ all the same.
        left, right = one_line(repr(before), 60), one_line(repr(after), 60)
    return Change(one_line(name, 60), left, right)


def value_rows(report: ExperimentReport) -> tuple[Change, ...]:
    """The winning values against the pushed ones: changed ones first, bounded."""
    rows = compare(report.pushed_values, report.winning_values)
    return tuple(sorted(rows, key=lambda row: not row.changed)[:_MOST_VALUES])


def trial_rows(report: ExperimentReport) -> tuple[TrialRow, ...]:
    """The trials worth a row: all, or of very many the first, the best and the last ones."""
    trials = report.trials
    if len(trials) > _MOST_TRIALS:
        last = set(range(len(trials) - _MOST_TRIALS + 2, len(trials)))
        trials = tuple(t for i, t in enumerate(trials) if i == 0 or i in last or t.number == report.best)
    return tuple(_row(trial, _incumbent(report, trial), report) for trial in trials)


def _incumbent(report: ExperimentReport, trial: TrialLine) -> Mapping[str, Value] | None:
    """The values that a trial set out from: those of the best trial before it."""
    earlier = [t for t in report.trials if t.number < trial.number]
    judged = [t for t in earlier if t.accuracy is not None]
    if judged:
        return max(judged, key=lambda t: (t.accuracy or 0.0, -t.number)).values
    return earlier[0].values if earlier else None


def _row(trial: TrialLine, before: Mapping[str, Value] | None, report: ExperimentReport) -> TrialRow:
    compared = compare(trial.values if before is None else before, trial.values)
    changes = tuple(row for row in compared if row.changed)
    others = _others(trial, {row.name for row in changes}, report)
    reason = one_line(trial.reason, 300)
    return TrialRow(
        number=trial.number,
        changes=changes[:_MOST_CHANGES],
        more_changes=max(len(changes) - _MOST_CHANGES, 0),
        others=others
        if len(others) <= _MOST_OTHERS
        else (*others[:_MOST_OTHERS], f"{len(others) - _MOST_OTHERS} more"),
        reason=reason,
        because=_without_change(reason, changes),
        accuracy=shown.accuracy(trial.accuracy),
        bar=bar(trial.accuracy, report.target),
        seconds=shown.duration(trial.seconds),
        state=trial.state,
        best=trial.number == report.best,
        meets=trial.accuracy is not None and trial.accuracy >= report.target,
        notes=_notes(trial, usual_source(report)),
    )


def _others(trial: TrialLine, changed: set[str], report: ExperimentReport) -> tuple[str, ...]:
    # The pushed values stand in a table already; a trial is told by what makes it another one.
    known = report.pushed_values if report.best_trial is not None or trial.number > 1 else {}
    rows = [row for row in compare(known, trial.values) if row.changed and row.name not in changed]
    return tuple(f"{row.name} = {row.after}" for row in rows)


def _without_change(reason: str, changes: tuple[Change, ...]) -> str:
    """The reason without what only repeats the changes: the first of them in front, or all of them behind."""
    sentences = [f"{row.name}: {row.before} → {row.after}" for row in changes]
    rest = reason.removesuffix(f": {', '.join(sentences)}") if sentences else reason
    if sentences and rest == reason:
        rest = reason.removeprefix(sentences[0]).lstrip(" ,;:.")
        if not rest or rest == reason:
            return reason  # it may begin with a name
    return rest[:1].upper() + rest[1:]


def bar(accuracy: float | None, target: float) -> tuple[tuple[int, str], ...]:
    """Cells of a bar from 0 to 1, with the target marked; their widths add up to 100."""
    done, mark = _percent(accuracy), min(max(_percent(target), 1), 99)
    kinds = ["fill" if at < done else "track" for at in range(100)]
    kinds[mark] = "mark"
    return tuple((len(list(cells)), kind) for kind, cells in groupby(kinds))


def _percent(fraction: float | None) -> int:
    return 0 if fraction is None or isnan(fraction) else round(100 * min(max(fraction, 0.0), 1.0))


def usual_source(report: ExperimentReport) -> str | None:
    """Where the best trial's accuracy came from; the others' is only worth a word where it differs."""
    return report.best_trial.accuracy_source if report.best_trial else None


def _notes(trial: TrialLine, usual: str | None) -> tuple[str, ...]:
    notes = []
    if trial.relaunches:
        notes.append(f"crashed and relaunched {trial.relaunches} ×")
    if trial.accuracy is not None and trial.accuracy_source and trial.accuracy_source != usual:
        notes.append(f"accuracy from {one_line(trial.accuracy_source, 60)}")
    if trial.error:
        notes.append(one_line(trial.error, 200))
    notes += [one_line(remark, 200) for remark in trial.remarks]
    return tuple(notes)
