"""What a script with options has in its source: no option sets it, so a trial rewrites it there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from include.tweaker.interfaces._option import Option
from include.tweaker.interfaces.literals import Literals
from include.tweaker.kinds import kind_of
from include.tweaker.space import Parameter, SearchSpace

if TYPE_CHECKING:
    from include.detector.verdict import Verdict

_WHOLE_NETWORK = re.compile(r"(fit|data|optimizer)\d*(\.|$)|activation$")
_QUOTED = re.compile(r"`([^`]*)`")


def beside(tree: Path, verdict: Verdict, options: Sequence[Option]) -> SearchSpace | None:
    """Return the literals that no option sets, or None where there are none.

    Args:
        tree: The pushed files.
        verdict: Names the script.
        options: All that the script has.
    """
    space = Literals().discover(tree, verdict)
    if space is None:
        return None
    shared = _shared(tree, verdict, options)
    kept = tuple(p for p in space.parameters if p.name not in shared and not _is_set(p, options))
    return replace(space, parameters=kept, untouchable=tuple(_sentences(space, options))) if kept else None


def _shared(tree: Path, verdict: Verdict, options: Sequence[Option]) -> set[str]:
    """Return the literals that are the default of an option: giving the option would undo the change."""
    from include.tweaker.interfaces._reading import read

    defaults = {option.token for option in options if option.token is not None}
    found = read(tree, verdict).findings()
    return {name for name, one in found.items() if defaults.intersection(one.tokens)}


def _is_set(parameter: Parameter, options: Sequence[Option]) -> bool:
    """Return whether an option is for the same thing, where a network has only one of it."""
    if any(option.name == parameter.name for option in options):
        return True
    if not _WHOLE_NETWORK.match(parameter.name):
        return False
    kind = kind_of(parameter.name) or parameter.name
    return any(kind_of(option.name) == kind or kind in option.name for option in options)


def _sentences(space: SearchSpace, options: Sequence[Option]) -> Iterator[str]:
    """Yield what can't be tweaked, without what an option gives."""
    names = {option.name for option in options}
    for sentence in space.untouchable:
        quoted = _QUOTED.search(sentence)
        if quoted is None or not names.intersection(re.findall(r"\w+", quoted.group(1))):
            yield sentence
