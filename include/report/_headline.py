"""The first line of every mail: what happened, to which push."""

from dataclasses import dataclass

from include.detector.verdict import Kind, Verdict
from include.report import _numbers as shown
from include.report._text import one_line
from include.report.failing_source import FailingSource, Raised
from include.report.report import ExperimentReport


@dataclass(frozen=True)
class Headline:
    """One sentence in two parts: the few words that are shown large, and the rest after a joint."""

    large: str
    rest: str
    joint: str = " "

    def __str__(self) -> str:
        return f"{self.large}{self.joint}{self.rest}"


def name_of_push(repository: str, sha: str) -> str:
    """`admin/mnist@abc1234`."""
    return f"{one_line(repository, 100)}@{one_line(sha, 60)[:7]}"


def of_experiment(report: ExperimentReport, ending: str = "") -> Headline:
    """`0.981 ≥ 0.970 after 6 trials · admin/mnist@abc1234`."""
    best = report.best_trial
    accuracy = None if best is None else best.accuracy
    large = "No accuracy" if accuracy is None else shown.against(accuracy, report.target)
    after = f"after {shown.count(report.finished_trials, 'trial')}{ending}"
    return Headline(large, f"{after} · {name_of_push(report.repository, report.sha)}")


def framework_name(verdict: Verdict) -> str:
    """The framework as developers spell it."""
    return _FRAMEWORKS.get(verdict.framework, one_line(verdict.framework, 40))


_FRAMEWORKS = {
    "keras 3": "Keras 3",
    "keras 1/2 era": "Keras 1 or 2",
    "tensorflow": "TensorFlow without Keras",
    "pytorch": "PyTorch",
    "other": "Its framework",
}


def of_verdict(verdict: Verdict, push: str) -> Headline:
    """`Not a CNN: dense network · …`, or why a CNN can't be trained here."""
    if verdict.kind is Kind.CNN:
        rest = f"{framework_name(verdict)} is not in the training image"
        return Headline("A CNN, not trained", f"{rest} · {push}", ": ")
    large = "Not a CNN" if verdict.kind is Kind.NOT_CNN else "Not trained"
    return Headline(large, f"{one_line(verdict.what, 80)} · {push}", ": ")


def of_error(error: Raised | None, source: FailingSource | None, push: str) -> Headline:
    """`ValueError in mycode.py line 12 · …`."""
    if error is None:
        return Headline("The script failed", push, " · ")
    where = f"in {one_line(source.file, 80)} line {source.line}" if source else "raised by the script"
    return Headline(one_line(error.name, 40), f"{where} · {push}")


def of_tweak_error(script: str, error: Raised | None, source: FailingSource | None, push: str) -> Headline:
    """`tweak.py failed: KeyError in line 3 · …`."""
    what = "" if error is None else one_line(error.name, 40) + (f" in line {source.line}" if source else "")
    return Headline(f"{script} failed", f"{what} · {push}" if what else push, ": " if what else " · ")


def of_crash(relaunches: int, push: str) -> Headline:
    """`Training crashed 6 times, given up · …`."""
    return Headline("Training crashed", f"{shown.count(relaunches + 1, 'time')}, given up · {push}")


def of_stop(trial: int, push: str) -> Headline:
    """`Stopped in trial 3 · …`."""
    return Headline("Stopped", f"in trial {trial} · {push}")


def of_system_failure(trial: int | None, push: str) -> Headline:
    """`Not trained: the training system failed · …`, or the trial in which that happened."""
    where = "" if trial is None else f" in trial {trial}"
    return Headline("Not trained", f"the training system failed{where} · {push}", ": ")
