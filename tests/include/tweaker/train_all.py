"""Run inside the training image: trains every script of a folder for real, and prints what failed as JSON.

Each script runs in a process of its own, forked from this one, which has loaded TensorFlow once. With
`--era` they run as the harness runs scripts of Keras 1 and 2.
"""

import json
import os
import re
import runpy
import sys
import traceback
from pathlib import Path

SAMPLES, CLASSES = 48, 10


def main(folder: Path, *, era: bool) -> None:
    """Train each ``*.py`` of a folder on tiny random images, two at a time."""
    _load(era=era)
    waiting = sorted(folder.glob("*.py"))
    results: dict[str, str] = {}
    while waiting:
        pair, waiting = waiting[:2], waiting[2:]
        started = [(script.name, _started(script, era=era)) for script in pair]
        results.update((name, _ended(*child)) for name, child in started)
    print(json.dumps(results))  # noqa: T201


def _load(*, era: bool) -> None:
    """Import, once for every child, what all of them need."""
    if era:
        os.environ["TF_USE_LEGACY_KERAS"] = "1"
        sys.path.insert(0, "/opt")
    import tensorflow

    tensorflow.config.run_functions_eagerly(True)  # a graph costs more than it saves for two steps
    if era:
        import tf_keras as keras
    else:
        import keras
    keras.utils.disable_interactive_logging()


def _data(script: Path) -> dict[str, object]:
    import numpy

    images = numpy.random.default_rng(0).random((SAMPLES, 28, 28, 1), dtype="float32")
    labels = numpy.arange(SAMPLES) % CLASSES
    wants_vectors = re.search(r"['\"]categorical_crossentropy", script.read_text())
    wanted = numpy.eye(CLASSES)[labels] if wants_vectors else labels
    return {"x_train": images, "y_train": wanted, "x_test": images, "y_test": wanted}


def _started(script: Path, *, era: bool) -> tuple[int, int]:
    """Return the process that runs a script, and where it tells its error."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    with os.fdopen(writing, "w") as out:
        try:
            if era:
                from harness.era import install

                _, ready = install(script)
                ready()
            runpy.run_path(str(script), init_globals=_data(script), run_name="__main__")
        except BaseException:  # noqa: BLE001 - whatever a script raises is its result
            out.write(traceback.format_exc()[-1500:])
    os._exit(0)


def _ended(child: int, reading: int) -> str:
    """Return the end of the traceback of a script, or an empty string where it ran to its end."""
    with os.fdopen(reading) as told:
        text = told.read()
    status = os.waitpid(child, 0)[1]
    return text or ("" if status == 0 else f"ended with status {status}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), era="--era" in sys.argv)
