"""Hyper-parameters that are literals in the pushed code: found, and rewritten for a trial."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from include.tweaker.errors import UnknownInterfaceError
from include.tweaker.interfaces.base import python_files
from include.tweaker.patches import unified_patch
from include.tweaker.space import Launch, Parameter, SearchSpace, Value

if TYPE_CHECKING:  # LibCST is only needed where source is read, not where this module is imported.
    from include.detector.verdict import Verdict
    from include.tweaker.interfaces._finding import Found
    from include.tweaker.interfaces._growth import Growth
    from include.tweaker.interfaces._source import Edit
    from include.tweaker.interfaces._syntax import Module
    from include.tweaker.network import Network


@dataclass(frozen=True)
class _Reading:
    """What one look at the pushed code found."""

    modules: tuple[Module, ...]
    found: tuple[Found, ...]
    growth: Growth | None
    network: Network | None
    untouchable: tuple[str, ...]


class Literals:
    """Keras calls with numbers in them, or constants that they name."""

    name = "literals"

    def discover(self, tree: Path, verdict: Verdict) -> SearchSpace | None:
        """Return the tunable literals of the script and its modules."""
        from include.tweaker.interfaces._parameters import parameters

        reading = _read(tree, verdict)
        found = parameters(reading.found, reading.growth, reading.network)
        if not found:
            return None
        return SearchSpace(self.name, found, reading.untouchable, reading.network)

    def render(self, space: SearchSpace, values: Mapping[str, Value], tree: Path, verdict: Verdict) -> Launch:
        """Return the files with these values in place of the pushed ones."""
        reading = _read(tree, verdict)
        files = {module.source.path: module.source for module in reading.modules}
        edits: dict[str, list[Edit]] = {}
        for path, edit in _edits(space, values, reading):
            edits.setdefault(path, []).append(edit)
        changed = {path: files[path].spliced(found) for path, found in edits.items()}
        patch = "".join(unified_patch(path, files[path].data, data) for path, data in sorted(changed.items()))
        return Launch(files=changed, patch=patch)


def _read(tree: Path, verdict: Verdict) -> _Reading:
    from include.tweaker.interfaces._finding import Untouchable, findings
    from include.tweaker.interfaces._growth import plan
    from include.tweaker.interfaces._layers import layer_calls
    from include.tweaker.interfaces._resolve import Resolver
    from include.tweaker.interfaces._source import UnreadableSourceError, read_source
    from include.tweaker.interfaces._structure import conv_chain, network, outputs
    from include.tweaker.interfaces._syntax import parse

    modules, sentences = [], []
    for path in python_files(verdict):
        try:
            modules.append(parse(read_source(tree, path)))
        except UnreadableSourceError as error:
            sentences.append(str(error))
    layers = layer_calls(modules)
    heads = outputs(layers)
    found = findings(modules, layers, heads)
    sentences += [one.sentence for one in found if isinstance(one, Untouchable)]
    group = conv_chain(layers)
    growth = plan(layers, group, heads) if group else None
    known = network(layers, group, Resolver(modules)) if group else None
    if known is not None and any(side < 1 for side in known.sides({})):
        known = None  # the pushed network trains, so this reading of it is wrong
    return _Reading(tuple(modules), tuple(found), growth, known, tuple(sentences))


def _edits(space: SearchSpace, values: Mapping[str, Value], reading: _Reading) -> Iterator[tuple[str, Edit]]:
    """Yield what changes, with the path of its file."""
    from include.tweaker.interfaces._finding import Finding
    from include.tweaker.interfaces._growth import edits
    from include.tweaker.interfaces._source import Edit

    places = {one.name: one for one in reading.found if isinstance(one, Finding)}
    for parameter in space.parameters:
        place, value = places.get(parameter.name), values.get(parameter.name)
        if place is None and not _is_growth(parameter):
            raise UnknownInterfaceError(
                f"{parameter.name} isn't in the pushed code: the space is of another push"
            )
        if place is not None and value is not None and value != place.default:
            for token in place.tokens:
                yield token.path, Edit(token.start, token.end, place.template.format(value=repr(value)))
    if reading.growth is not None:
        yield from edits(reading.growth, values)


def _is_growth(parameter: Parameter) -> bool:
    return parameter.active_if is not None or parameter.name.startswith("growth.")
