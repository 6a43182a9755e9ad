"""One look at the pushed code: what stands in it, what is tunable, how it can grow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from include.detector.verdict import OLD_KERAS
from include.tweaker.interfaces._calls import is_classic
from include.tweaker.interfaces._finding import Finding, Found, Untouchable, unshared
from include.tweaker.interfaces._fits import of_fits
from include.tweaker.interfaces._flow import Flow
from include.tweaker.interfaces._growth import Growth, plan
from include.tweaker.interfaces._layer_findings import numbered, of_activations, of_layers, widths
from include.tweaker.interfaces._network import Reader
from include.tweaker.interfaces._optimizers import Optimizer, optimizers
from include.tweaker.interfaces._resolve import Resolver
from include.tweaker.interfaces._source import UnreadableSourceError, read_source
from include.tweaker.interfaces._spots import Token
from include.tweaker.interfaces._structure import conv_model, outputs
from include.tweaker.interfaces._syntax import Module, parse
from include.tweaker.interfaces._unused import used
from include.tweaker.interfaces.base import python_files
from include.tweaker.network import Network

if TYPE_CHECKING:
    from include.detector.verdict import Verdict


@dataclass(frozen=True)
class Reading:
    """What one look at the pushed code found."""

    modules: tuple[Module, ...]
    resolver: Resolver
    found: tuple[Found, ...]
    optimizers: tuple[Optimizer, ...]
    growth: Growth | None
    network: Network | None
    untouchable: tuple[str, ...]

    def findings(self) -> dict[str, Finding]:
        """Return what is tunable by its parameter's name."""
        return {one.name: one for one in self.found if isinstance(one, Finding)}


def parsed(tree: Path, verdict: Verdict) -> tuple[list[Module], list[str]]:
    """Return the script and its modules, and a sentence for each that can't be read."""
    modules, sentences = [], []
    for path in python_files(verdict):
        try:
            modules.append(parse(read_source(tree, path)))
        except UnreadableSourceError as error:
            sentences.append(str(error))
    return modules, sentences


def read(tree: Path, verdict: Verdict) -> Reading:
    """Read a push for its tunable literals."""
    modules, sentences = parsed(tree, verdict)
    classic = any(is_classic(site.node) for module in modules for site in module.calls)
    resolver = Resolver(modules, classic=classic, old=verdict.framework == OLD_KERAS)
    layers = used(Flow(modules, resolver).layers, modules)
    heads = outputs(layers, resolver)
    numbers = numbered(layers, heads)
    found_optimizers = tuple(optimizers(resolver, modules))

    def everything() -> Iterator[Found]:
        yield from of_layers(resolver, layers, heads, numbers)
        for optimizer in found_optimizers:
            yield from optimizer.findings(resolver)
        yield from of_fits(resolver, modules)
        yield from of_activations(resolver, layers, heads)

    found = unshared(everything(), widths(resolver, layers, heads))
    sentences += [one.sentence for one in found if isinstance(one, Untouchable)]
    group = conv_model(layers)
    growth = plan(layers, group, heads) if group else None
    known = Reader(layers, resolver, _names(found), numbers, heads).network(group) if group else None
    return Reading(
        tuple(modules), resolver, tuple(found), found_optimizers, growth, _valid(known), tuple(sentences)
    )


def _valid(network: Network | None) -> Network | None:
    """Return a network, or None where the pushed values don't fit it: then it was misread."""
    return network if network is not None and network.fits({}) else None


def _names(found: Sequence[Found]) -> dict[Token, str]:
    return {token: one.name for one in found if isinstance(one, Finding) for token in one.tokens}
