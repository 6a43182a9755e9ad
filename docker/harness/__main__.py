"""``python3 -m harness``: train once, report, and end with an exit code that says how.

Exit codes: 0 the script ran to its end; 1 the script failed; 70 the harness could not begin; 74 the disk of
the host is full; 75 it waited for a trial that never came. Anything else, or no result document, means that
it was killed: SIGTERM keeps its default action, so that a stop is immediate whatever the script does.
"""

from __future__ import annotations

import atexit
import errno
import os
import sys
import time
from pathlib import Path

from harness import preallocation
from harness.accuracy import accuracy_in_files, choose_accuracy
from harness.checkpoint import Folder, Kept, State
from harness.ending import EndsWhenAsked
from harness.fitting import Observer
from harness.heartbeat import beat
from harness.launch import Launch, read_launch
from harness.loading import load, preload
from harness.models import keep_model
from harness.offline import let_mails_be_lost
from harness.pictures import draw_into_files, open_no_windows
from harness.recording import Recording
from harness.report import is_full, peak_memory_bytes, versions, write_result
from harness.resuming import Checkpoints
from harness.running import Ended, leave_no_trace, run_script
from harness.waiting import wait
from harness.warm_start import WarmStart, keep
from harness.watching import watch

FINISHED, SCRIPT_FAILED, HARNESS_FAILED, DISK_FULL, NEVER_CALLED = 0, 1, 70, 74, 75
TRIAL = Path("/trial")


def main(trial: Path = TRIAL) -> int:
    """Train once, when called, and return the exit code.

    Args:
        trial: Folder with ``in/launch.json`` and the writable ``out/``.
    """
    out = trial / "out"
    _forbid_preallocation()
    try:
        if not wait(trial / "in", preload, say):
            return NEVER_CALLED
        began = time.time()  # what lies in the working directory by now is none of the training's own
        launch = read_launch(trial / "in" / "launch.json")
        recording = Recording(out / "metrics.jsonl")
        folder = Folder(out / "checkpoint")
        state = _go_on(folder, recording, again=(out / "heartbeat").exists())
        _empty(out)
        beat(out / "heartbeat")
        kept = Kept(launch.working_directory, folder)
        checkpoints = Checkpoints(folder, kept, recording, state, say)
        _load_keras(recording, checkpoints, trial / "in", launch)
    except (OSError, ValueError, KeyError) as error:
        say(f"could not begin: {type(error).__name__}: {error}")
        return HARNESS_FAILED
    ready = time.time() - began
    say(f"ready after {ready:.1f} s; running {launch.script}")
    let_mails_be_lost(launch.working_directory / launch.script, say)
    open_no_windows(launch.working_directory / launch.script, say)
    draw_into_files(say)
    leave_no_trace()
    ended = run_script(launch)
    if ended.traceback is not None:
        sys.stderr.write(ended.traceback)
    if ended.error is not None and is_full(out):
        say(f"the disk of the host is full, which is no fault of the script: {ended.error}")
        return DISK_FULL
    try:
        document = report(launch, recording, ended, out, began)
        write_result(out / "result.json", {**document, "startup_seconds": round(ready, 3)})
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT) and not is_full(out):
            raise
        say(f"the result could not be written: {error}")
        return DISK_FULL
    folder.clear()
    say(_summary(document))
    return FINISHED if document["error"] is None else SCRIPT_FAILED


def _forbid_preallocation() -> None:
    """Before any thread begins: the filter holds for what is started after it."""
    try:
        preallocation.forbid()
    except OSError as error:
        say(f"files can be allocated ahead of being written: {error}")


def report(launch: Launch, recording: Recording, ended: Ended, out: Path, began: float) -> dict[str, object]:
    """Return the result document of a training that has ended."""
    seconds = time.time() - began
    folders = tuple({launch.working_directory: None, (launch.working_directory / launch.script).parent: None})
    written = accuracy_in_files(launch.accuracy_files, folders, began)
    accuracy = choose_accuracy(written, recording.evaluations, recording.history)
    notes, model_file = [*accuracy.notes, *recording.notes], None
    if ended.offline and (written.value is not None or recording.evaluations):
        notes.append(f"The script ended early, because it has no network: {ended.error}"[:500])
        ended = Ended()
    if ended.error is None:
        try:
            model_file = keep_model(recording, launch.model_files, launch.working_directory, out, began)
        except (OSError, ValueError, TypeError, LookupError, AttributeError, RuntimeError) as error:
            if isinstance(error, OSError) and is_full(out):
                raise
            notes.append(f"The model could not be kept: {type(error).__name__}: {error}")
        _keep_weights(recording, out)
    return {
        "status": "finished" if ended.error is None else "failed",
        "accuracy": accuracy.value,
        "accuracy_source": accuracy.source,
        "accuracy_text": accuracy.text,
        "history": recording.history,
        "model_file": model_file,
        "seconds": round(seconds, 3),
        "versions": versions(),
        "error": ended.error,
        "traceback": ended.traceback,
        "peak_memory_bytes": peak_memory_bytes(),
        "notes": notes,
        "pruned_after": recording.pruned_after,
        "warm_started": recording.warm_started,
        "resumed": recording.resumed,
    }


def _keep_weights(recording: Recording, out: Path) -> None:
    try:
        keep(recording, out)
    except (OSError, ValueError, AttributeError, NotImplementedError) as error:
        say(f"no later trial can start from these weights: {type(error).__name__}: {error}")


def say(text: str) -> None:
    """Print a line of the harness's own, told apart from the script's by its prefix."""
    print(f"[harness] {text}", flush=True)  # noqa: T201 - the container's log is its output


def _empty(out: Path) -> None:
    """Remove what an earlier launch of the same trial left and this one makes anew."""
    for path in (out / "result.json", out / "warm.npz", *out.glob("model.*")):
        path.unlink(missing_ok=True)


def _go_on(folder: Folder, recording: Recording, *, again: bool) -> State | None:
    """Return the state that an earlier launch left; say what comes of it."""
    state = folder.read() if again else None
    recording.restore(state.history if state else ())
    if state is not None:
        recording.pruned_after, recording.warm_started = state.pruned_after, state.warm_started
        recording.resumed = True
        say(f"launched again: it goes on after epoch {len(state.history)}")
        return state
    if again:
        why = folder.why_never()
        say(f"launched again: it starts over, because {why or 'it had come to no checkpoint'}")
    folder.clear()
    return None


def _load_keras(recording: Recording, checkpoints: Checkpoints, given: Path, launch: Launch) -> None:
    keras, when_watched = load(launch)  # here, so that the heart beats while it loads, which takes seconds

    ends = EndsWhenAsked(given / "prune.json", recording)
    warm = WarmStart(given, recording, lambda: checkpoints.data, say)
    # Checkpoints come last: what the others do is part of the state.
    observers: tuple[Observer, ...] = (ends, warm, checkpoints)
    if getattr(keras, "needs_graph", False):
        checkpoints.give_up("it works on TensorFlow 1's graph, whose state only its session knows")
        observers = (ends,)
    watch(keras, recording, checkpoints, observers)
    when_watched()
    if launch.seed is not None:
        keras.utils.set_random_seed(launch.seed)


def _summary(document: dict[str, object]) -> str:
    if document["error"] is not None:
        return f"the script failed: {document['error']}"
    accuracy, source = document["accuracy"], document["accuracy_source"]
    told = f"accuracy {accuracy:.4f} from {source}" if isinstance(accuracy, float) else "no accuracy found"
    return f"finished after {document['seconds']} s: {told}"


if __name__ == "__main__":
    code = main()
    atexit._run_exitfuncs()  # the script's own; the rest of Python's end costs a second for nothing
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
