"""Following one experiment from outside: what the store, the trials' folders and the mailbox say of it."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

from include.containers.result import Epoch, read_metrics
from include.detector import Verdict
from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.records import State, TrialRecord
from include.experiments.store import UnknownExperiment
from include.settings import Settings
from ops.errors import OpsError


class NeverHappenedError(OpsError):
    """Something that the demo waits for did not happen in time."""


@dataclass(frozen=True)
class Seen:
    """The push was claimed."""

    experiment: Experiment


@dataclass(frozen=True)
class Judged:
    """The detector spoke."""

    verdict: Verdict


@dataclass(frozen=True)
class TrialStarted:
    """A trial was proposed."""

    trial: TrialRecord


@dataclass(frozen=True)
class TrialTrains:
    """Epochs so far of the running trial."""

    trial: TrialRecord
    epochs: tuple[Epoch, ...]


@dataclass(frozen=True)
class TrialEnded:
    """A trial was judged."""

    trial: TrialRecord


@dataclass(frozen=True)
class Ended:
    """The experiment ended."""

    experiment: Experiment


Event = Seen | Judged | TrialStarted | TrialTrains | TrialEnded | Ended

_PAUSE, _ASK_SECONDS = 0.25, 5.0
_REMEDY = "look at the web UI (KEEP=1 keeps it up) and at the logs (`make logs`)"


class Patience:
    """How long to wait, and what ends the waiting early.

    Args:
        seconds: How long in all.
        broken: Says what broke, or None; asked now and then.
    """

    def __init__(self, seconds: float, broken: Callable[[], str | None] = lambda: None) -> None:
        self._deadline = time.monotonic() + seconds
        self._broken = broken
        self._asked = time.monotonic()

    def wait(self, what: str) -> None:
        """Wait a moment for something.

        Args:
            what: What has not happened yet, for the error.

        Raises:
            NeverHappenedError: the time is over, or something broke.
        """
        now = time.monotonic()
        if now - self._asked > _ASK_SECONDS:
            self._asked = now
            if (broken := self._broken()) is not None:
                raise NeverHappenedError(f"{what}: {broken}", _REMEDY)
        if now > self._deadline:
            raise NeverHappenedError(what, _REMEDY)
        time.sleep(_PAUSE)


def follow(settings: Settings, experiment: str, patience: Patience) -> Iterator[Event]:
    """Yield what happens to an experiment, in order, until it has ended.

    Args:
        settings: The stack's places.
        experiment: Id of the experiment; it need not exist yet.
        patience: How long to wait for its end.

    Raises:
        NeverHappenedError: it did not end in time.
    """
    found = _claimed(settings, experiment, patience)
    yield Seen(found)
    while (verdict := found.verdict) is None:
        patience.wait(f"no verdict on {experiment}")
    yield Judged(verdict)
    ended = 0
    while True:
        state = found.state  # before the trials: what ended is complete by then
        for trial in found.trials()[ended:]:
            yield from _trial(settings, found, trial.number, patience)
            ended = trial.number
        if state is not State.RUNNING:
            yield Ended(found)
            return
        patience.wait(f"{experiment} has not ended")


def _claimed(settings: Settings, experiment: str, patience: Patience) -> Experiment:
    store = Installation(settings).store
    while True:
        try:
            found = store.get(experiment)
        except UnknownExperiment:
            patience.wait(f"nobody noticed the push of {experiment}")
            continue
        if found.attribute("owner") is not None:
            return found
        patience.wait(f"nobody claimed {experiment}")


def _trial(settings: Settings, found: Experiment, number: int, patience: Patience) -> Iterator[Event]:
    yield TrialStarted(found.trial(number))
    epochs = 0
    while not (trial := found.trial(number)).finished and found.state is State.RUNNING:
        metrics = read_metrics(settings.trial(str(found), number) / "out")
        if len(metrics) > epochs:
            epochs = len(metrics)
            yield TrialTrains(trial, metrics)
        patience.wait(f"trial {number} of {found} has not ended")
    yield TrialEnded(found.trial(number))


def wait_for_mail(folder: Path, sha: str, known: frozenset[Path], patience: Patience) -> Path:
    """Wait for the mail about a push.

    Args:
        folder: The mailbox.
        sha: The push's SHA, of which the subject carries seven digits.
        known: Mails that were there before.
        patience: How long to wait.

    Raises:
        NeverHappenedError: no such mail came.
    """
    while True:
        for path in sorted(set(folder.glob("*.eml")) - known):
            subject = message_from_bytes(path.read_bytes(), policy=policy.default)["subject"]
            if sha[:7] in str(subject):
                return path
        patience.wait(f"no mail about {sha[:7]} arrived")
