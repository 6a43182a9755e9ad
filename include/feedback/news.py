"""What GitHub is to show of a push, and how that is said in one line."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from include.detector.verdict import Verdict
from include.experiments.records import State
from include.report import ExperimentReport
from include.report import _numbers as shown
from include.report._headline import of_verdict
from include.report._text import one_line

StatusState = Literal["pending", "success", "failure", "error"]


@dataclass(frozen=True, kw_only=True)
class News:
    """How a push stands; no text in it is trusted.

    Args:
        experiment: Id of the experiment, whose latest attempt this is.
        state: Where it stands.
        report: Its trials.
        max_trials: The budget.
        tree: Folder of the pushed files.
        verdict: What the detector said, once it did.
        stopped: The sentence that says that a person ended it, where one did.
    """

    experiment: str
    state: State
    report: ExperimentReport
    max_trials: int
    tree: Path
    verdict: Verdict | None = None
    stopped: str | None = None

    @property
    def ended(self) -> bool:
        """Whether the experiment has ended."""
        return self.state is not State.RUNNING

    @property
    def page(self) -> str | None:
        """The page that tells more."""
        return self.report.experiment_url or self.report.run_url

    @property
    def status(self) -> StatusState:
        """The state of a commit status."""
        return _STATUS[self.state]

    @property
    def headline(self) -> str:
        """What happened, in one line: `0.981 ≥ 0.970 after 6 trials`."""
        match self.state:
            case State.RUNNING:
                return _running(self)
            case State.NOT_TRAINABLE if self.verdict is not None:
                return str(of_verdict(self.verdict, "")).removesuffix(" · ")
            case State.SCRIPT_ERROR | State.TWEAK_ERROR | State.CRASHED:
                return _broken(self)
        return f"{_best(self)} after {_trials(self)}{_ENDINGS.get(self.state, '')}"


_STATUS: dict[State, StatusState] = {
    State.RUNNING: "pending",
    State.TARGET_MET: "success",
    State.BUDGET_SPENT: "failure",
    State.EXHAUSTED: "failure",
    State.NOT_TRAINABLE: "failure",
    State.SCRIPT_ERROR: "failure",
    State.TWEAK_ERROR: "failure",
    State.CRASHED: "error",
}
_ENDINGS = {State.BUDGET_SPENT: ", budget spent", State.EXHAUSTED: ", nothing left to try"}
_FAILURES = {
    State.SCRIPT_ERROR: "The script failed",
    State.TWEAK_ERROR: "The tweak script failed",
    State.CRASHED: "Given up",
}


def _running(news: News) -> str:
    trials = news.report.trials
    training = [trial.number for trial in trials if trial.state == "running"]
    if not training:
        return "Waiting for its first training" if not trials else f"{_best(news)} so far"
    now = f"trial {training[-1]} of at most {news.max_trials} in training"
    return f"{_best(news)} so far, {now}" if news.report.best_trial else now.capitalize()


def _best(news: News) -> str:
    best = news.report.best_trial
    if best is None or best.accuracy is None:
        return "No accuracy"
    return shown.against(best.accuracy, news.report.target)


def _trials(news: News) -> str:
    return shown.count(news.report.finished_trials, "trial")


def _broken(news: News) -> str:
    if news.state is State.CRASHED and news.stopped:
        return f"Stopped: {one_line(news.stopped, 160)}"
    last = news.report.trials[-1] if news.report.trials else None
    said = _FAILURES[news.state]
    return f"{said}: {one_line(last.error, 160)}" if last is not None and last.error else said
