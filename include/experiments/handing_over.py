"""What a developer's tweak script is given (docs/tweak-script.md): `accuracy.txt`, the history, variables."""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from include.containers.errors import ResultRefusedError
from include.containers.result import read_result
from include.containers.tweak_spec import IN
from include.detector.verdict import Verdict
from include.experiments.experiment import Experiment
from include.experiments.records import TrialRecord

ACCURACY_FILE, HISTORY_FILE, VALUES_FILE = "accuracy.txt", "history.json", "values.json"
STATE_FILE = "data.txt"
_FAILED = "0\n"  # the one way to tell a script of the seed's kind that it was not better
_NOT_IN_NAMES = re.compile(r"[^A-Z0-9]+")


def hand_over(
    place: Path, last: TrialRecord, history: Iterable[TrialRecord], out: Path, names: set[str]
) -> None:
    """Write the files of one step.

    Args:
        place: The step's folder, with `work/` as the training left it.
        last: The trial that was judged last.
        history: All trials that were judged, in their order.
        out: What the training reported.
        names: Files in which the repository keeps its accuracy, from `accuracy_files`.
    """
    for name, text in _accuracy_texts(place / "work", last, out, names).items():
        target = place / "work" / name
        if not target.is_dir():
            target.write_text(text, encoding="utf-8")
    given = place / "in"
    given.mkdir()
    _write(given / VALUES_FILE, last.values)
    _write(given / HISTORY_FILE, [_told(trial) for trial in history])


def variables(experiment: Experiment, last: TrialRecord, best: float | None) -> dict[str, str]:
    """The environment of one step.

    Args:
        experiment: The experiment.
        last: The trial that was judged last.
        best: The best accuracy so far, a fraction.
    """
    goals = experiment.goals
    values = {
        f"CNN_VALUE_{_NOT_IN_NAMES.sub('_', name.upper())}": str(value)
        for name, value in last.values.items()
        if "\0" not in str(value)
    }
    return {
        **values,
        "CNN_TRIAL": str(last.number),
        "CNN_ACCURACY": _number(last.accuracy),
        "CNN_BEST": _number(best),
        "CNN_ENDING": last.ending or "",
        "CNN_TARGET": repr(goals.target),
        "CNN_MAX_TRIALS": str(goals.max_trials),
        "CNN_HISTORY": f"{IN}/{HISTORY_FILE}",
        "CNN_VALUES": f"{IN}/{VALUES_FILE}",
    }


def accuracy_files(verdict: Verdict, mount_point: str) -> set[str]:
    """Where a repository keeps its accuracy: `accuracy.txt`, and what its code writes, in its root."""
    names = {ACCURACY_FILE}
    for name in verdict.accuracy_files:
        path = PurePosixPath(name)
        if path.is_absolute():
            if not path.is_relative_to(mount_point):
                continue
            path = path.relative_to(mount_point)
        if path.parts and ".." not in path.parts:
            names.add(str(path))
    return names


def _accuracy_texts(work: Path, last: TrialRecord, out: Path, names: set[str]) -> Mapping[str, str]:
    """The accuracy by file: `accuracy.txt` always, others where a failed training left an old one."""
    if last.accuracy is None:
        return {name: _FAILED for name in names if name == ACCURACY_FILE or (work / name).is_file()}
    try:
        result = read_result(out)
    except ResultRefusedError:
        result = None
    if result is None or result.accuracy_text is None:
        return {ACCURACY_FILE: f"{last.accuracy!r}\n"}
    if result.accuracy_source == ACCURACY_FILE and (work / ACCURACY_FILE).is_file():
        return {}  # as the training script itself wrote it
    return {ACCURACY_FILE: f"{result.accuracy_text}\n"}


def _told(trial: TrialRecord) -> dict[str, object]:
    return {
        "trial": trial.number,
        "accuracy": trial.accuracy,
        "values": trial.values,
        "reason": trial.reason,
        "ending": trial.ending,
        "error": trial.error,
        "seconds": trial.seconds,
    }


def _number(accuracy: float | None) -> str:
    return "" if accuracy is None else repr(accuracy)


def _write(path: Path, document: object) -> None:
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
