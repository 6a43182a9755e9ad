"""How a trial's training ended for good: judged from container, result and stop; kept beside the trial."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from include.containers.ending import Ending, EndingKind, classify
from include.containers.errors import ResultRefusedError
from include.containers.files import read_json, write_json
from include.containers.result import read_result
from include.containers.spec import Limits
from include.containers.state import ContainerState
from include.containers.stopping import read_stop

_FILE = "ending.json"


@dataclass(frozen=True)
class Outcome:
    """The final ending of a trial's training.

    Args:
        ending: How it ended.
        reason: One sentence that says why.
        container_id: The last container, None when it was gone.
        seconds: Seconds that the last container ran.
        exit_code: Exit code of the last container.
        relaunches: How often it was relaunched.
        config: Hash of the configuration it ran with.
    """

    ending: EndingKind
    reason: str
    container_id: str | None = None
    seconds: float = 0.0
    exit_code: int | None = None
    relaunches: int = 0
    config: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the outcome as JSON types."""
        return {**asdict(self), "ending": self.ending.value}


def judge(state: ContainerState, limits: Limits, trial_dir: Path, now: float) -> Ending:
    """Say how a trial's training stands, from the container's state and the trial's files."""
    result, refused = None, None
    if not state.alive:
        try:
            result = read_result(trial_dir / "out")
        except ResultRefusedError as error:
            refused = error.why
    return classify(state, result, limits, now, read_stop(trial_dir), refused)


def outcome_of(ending: Ending, state: ContainerState, config: str) -> Outcome:
    """Return the outcome that a final ending of a container amounts to."""
    started, finished = state.started_at, state.finished_at
    return Outcome(
        ending=ending.kind,
        reason=ending.reason,
        container_id=state.id,
        seconds=max(0.0, round(finished - started, 3)) if started and finished else 0.0,
        exit_code=state.exit_code,
        relaunches=state.relaunch,
        config=config,
    )


def record_outcome(trial_dir: Path, outcome: Outcome) -> None:
    """Put a trial's outcome on record; from then on nobody relaunches it."""
    write_json(trial_dir / _FILE, outcome.to_json())


def read_outcome(trial_dir: Path) -> Outcome | None:
    """Return a trial's outcome, None while it has none."""
    document = read_json(trial_dir / _FILE)
    if document is None:
        return None
    return Outcome(**{**document, "ending": EndingKind(document["ending"])})


def forget_outcome(trial_dir: Path) -> None:
    """Forget a trial's outcome, because it is launched anew."""
    (trial_dir / _FILE).unlink(missing_ok=True)
