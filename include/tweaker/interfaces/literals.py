"""Hyper-parameters that are literals in the pushed code: found, and rewritten for a trial."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from include.tweaker.errors import UnknownInterfaceError
from include.tweaker.patches import unified_patch
from include.tweaker.space import Launch, Parameter, SearchSpace, Value

if TYPE_CHECKING:  # LibCST is only needed where source is read, not where this module is imported.
    from include.detector.verdict import Verdict
    from include.tweaker.interfaces._reading import Reading
    from include.tweaker.interfaces._source import Edit


class Literals:
    """Keras calls with numbers in them, or constants that they name."""

    name = "literals"

    def discover(self, tree: Path, verdict: Verdict) -> SearchSpace | None:
        """Return the tunable literals of the script and its modules."""
        from include.tweaker.interfaces._parameters import parameters
        from include.tweaker.interfaces._reading import read

        reading = read(tree, verdict)
        found = parameters(reading.found, reading.growth, reading.network)
        if not found:
            return None
        return SearchSpace(
            self.name, found, (*reading.untouchable, *_enough(found, reading)), reading.network
        )

    def render(self, space: SearchSpace, values: Mapping[str, Value], tree: Path, verdict: Verdict) -> Launch:
        """Return the files with these values in place of the pushed ones."""
        from include.tweaker.interfaces._reading import read

        reading = read(tree, verdict)
        files = {module.source.path: module.source for module in reading.modules}
        edits: dict[str, list[Edit]] = {}
        for path, edit in _edits(space, values, reading):
            edits.setdefault(path, []).append(edit)
        changed = {path: files[path].spliced(found) for path, found in edits.items()}
        patch = "".join(unified_patch(path, files[path].data, data) for path, data in sorted(changed.items()))
        return Launch(files=changed, patch=patch)


def _enough(found: tuple[Parameter, ...], reading: Reading) -> Iterator[str]:
    """Yield a sentence for each value that stays because there is no other to try, as 200 epochs."""
    names = {parameter.name for parameter in found}
    for name, one in reading.findings().items():
        if name not in names:
            yield f"{one.label}: {one.default} stays; no more are tried"


def _edits(space: SearchSpace, values: Mapping[str, Value], reading: Reading) -> list[tuple[str, Edit]]:
    """Return what changes, with the path of its file; each insertion once."""
    from include.tweaker.interfaces._copying import Copier
    from include.tweaker.interfaces._growing import grow

    changed = list(dict.fromkeys(_changes(space, values, reading)))
    if reading.growth is None:
        return changed
    copier = Copier(reading.resolver, changed)
    return list(dict.fromkeys([*changed, *grow(reading.growth, values, copier)]))


def _changes(space: SearchSpace, values: Mapping[str, Value], reading: Reading) -> Iterator[tuple[str, Edit]]:
    places = reading.findings()
    files = {module.source.path: module.source for module in reading.modules}
    for parameter in space.parameters:
        place, value = places.get(parameter.name), values.get(parameter.name)
        if place is None and not _is_growth(parameter):
            raise UnknownInterfaceError(
                f"{parameter.name} isn't in the pushed code: the space is of another push"
            )
        if place is not None and value is not None and value != place.default:
            yield from place.edits(files, value)
    for optimizer in reading.optimizers:
        yield from optimizer.edits(values)


def _is_growth(parameter: Parameter) -> bool:
    return parameter.active_if is not None or parameter.name.startswith("growth.")
