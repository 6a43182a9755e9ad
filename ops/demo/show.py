"""The demo on the terminal: one line as each thing happens, and a bar while a trial trains."""

import time

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from include.containers.result import Epoch
from include.experiments.records import TrialRecord
from ops.demo.follow import Ended, Event, Judged, Seen, TrialEnded, TrialStarted, TrialTrains


class Show:
    """Prints events; a bar appears where the output is a terminal.

    Args:
        target: Accuracy to reach, a fraction 0-1.
    """

    def __init__(self, target: float) -> None:
        self._console = Console(highlight=False)
        self._target = target
        self._began = time.monotonic()
        self._progress: Progress | None = None
        self._bar: TaskID | None = None

    def say(self, text: str) -> None:
        """Print one line with the seconds since the beginning."""
        self._console.print(f"[dim]{time.monotonic() - self._began:6.1f} s[/]  {text}")

    def headline(self, text: str) -> None:
        """Print a line that stands out."""
        self._console.print()
        self._console.rule(f"[bold]{text}", align="left")

    def plain(self, text: str) -> None:
        """Print what came from elsewhere, without any markup in it."""
        self._console.print(f"{time.monotonic() - self._began:6.1f} s  {text}", markup=False, style="dim")

    def event(self, event: Event) -> None:
        """Print one event."""
        match event:
            case Seen(experiment):
                self.say(f"[bold]push seen[/]: {experiment.identity.short} by {experiment.push.author_name}")
            case Judged(verdict):
                self.say(f"[bold]verdict[/]: {verdict.kind.value} — {verdict.reason}")
                for evidence in verdict.evidence[:2]:
                    self.plain(f"         {evidence.file}:{evidence.line}  {evidence.source.strip()}")
            case TrialStarted(trial):
                self._start(trial)
            case TrialTrains(_, epochs):
                self._advance(epochs)
            case TrialEnded(trial):
                self._end(trial)
            case Ended(experiment):
                self.say(f"[bold]experiment ended[/]: {experiment.state.value.replace('_', ' ')}")

    def _start(self, trial: TrialRecord) -> None:
        self.say(f"[bold]trial {trial.number}[/]: {trial.reason}")
        if self._console.is_terminal:
            columns = (TextColumn("            "), BarColumn(40), TextColumn("{task.description}"))
            self._progress = Progress(*columns, console=self._console, transient=True)
            self._progress.start()
            self._bar = self._progress.add_task("starting the container", total=None)

    def _advance(self, epochs: tuple[Epoch, ...]) -> None:
        if self._progress is None or self._bar is None:
            return
        newest = epochs[-1]
        accuracy = newest.val_accuracy if newest.val_accuracy is not None else newest.accuracy
        text = f"epoch {newest.epoch}" + ("" if accuracy is None else f", accuracy {accuracy:.3f}")
        self._progress.update(self._bar, description=text, completed=accuracy or 0, total=1.0)

    def _end(self, trial: TrialRecord) -> None:
        if self._progress is not None:
            self._progress.stop()
            self._progress = self._bar = None
        if trial.pruned is not None:
            self.say(f"         [yellow]ended early[/]: {trial.pruned}")
            return
        if trial.accuracy is None:
            self.say(f"         [red]no accuracy[/]: {trial.error}")
            return
        filled = round(trial.accuracy * 30)
        colour = "green" if trial.accuracy >= self._target else "yellow"
        bar = f"[{colour}]{'━' * filled}[/][dim]{'━' * (30 - filled)}[/]"
        values = "  ".join(f"{name}={value}" for name, value in trial.values.items())
        seconds = "" if trial.seconds is None else f"  {trial.seconds:.1f} s"
        sign = "≥" if trial.accuracy >= self._target else "<"
        self.say(f"         {bar} [bold]{trial.accuracy:.3f}[/] {sign} {self._target:g}{seconds}")
        self._console.print(f"                  {values}", style="dim", markup=False, soft_wrap=True)
