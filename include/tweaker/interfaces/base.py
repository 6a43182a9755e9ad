"""The contract of every way in which a trial hands hyper-parameters to a pushed script."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from include.tweaker.space import Launch, SearchSpace, Value

if TYPE_CHECKING:
    from include.detector.verdict import Verdict


class Interface(Protocol):
    """One way from values to a training and back.

    Both methods only read the pushed tree and never run its code. For every space that `discover` returns:
    the developer's own values leave every file as it was; others change their own tokens and nothing else.
    """

    name: str

    def discover(self, tree: Path, verdict: Verdict) -> SearchSpace | None:
        """Return what this interface can tweak, or None where the push doesn't speak it."""

    def render(self, space: SearchSpace, values: Mapping[str, Value], tree: Path, verdict: Verdict) -> Launch:
        """Return the launch with these values; `values` has one for each active parameter, checked."""


def python_files(verdict: Verdict) -> tuple[str, ...]:
    """Return the script and the local modules that it imports, script first."""
    script = (verdict.script,) if verdict.script else ()
    return script + tuple(path for path in verdict.modules if path != verdict.script)
