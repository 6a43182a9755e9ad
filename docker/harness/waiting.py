"""A container that was started before its trial is known: TensorFlow is imported while it waits to be called.

The host starts it with ``in/wait.json`` beside an empty working directory; ``in/go.json`` appears when
everything else is in its place. A container that is launched without ``wait.json`` never waits, and neither
does one that is launched again after it was called.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

WAIT_FILE, GO_FILE = "wait.json", "go.json"
_SECONDS = 0.02  # between looks: less than anybody notices, more than costs anything


def wait(given: Path, preload: Callable[[str | None], None], say: Callable[[str], None]) -> bool:
    """Wait to be called, if the host asks for that.

    Args:
        given: The folder that the host writes.
        preload: Imports the Keras of the script to come, meanwhile.
        say: Prints a line.

    Returns:
        Whether the training may begin; False where nobody called in time.

    Raises:
        OSError: The request can't be read.
        KeyError: It does not say how long to wait.
        ValueError: It is not JSON.
    """
    began, go = time.monotonic(), given / GO_FILE
    try:
        asked = json.loads((given / WAIT_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return True
    if go.exists():
        return True
    preload(asked.get("keras"))
    say(f"up after {time.monotonic() - began:.1f} s; waiting for its trial")
    while not go.exists():
        if time.monotonic() - began > asked["seconds"]:
            say(f"was not needed for {asked['seconds']:g} s")
            return False
        time.sleep(_SECONDS)
    return True
