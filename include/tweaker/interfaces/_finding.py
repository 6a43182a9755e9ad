"""The tunable literals of a push: one `Finding` each, or a sentence that says why not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import libcst as cst

from include.tweaker.interfaces._resolve import Resolver
from include.tweaker.interfaces._source import Edit, SourceFile
from include.tweaker.interfaces._spots import Literal, Spot, Token, Unresolved
from include.tweaker.space import Value

_MOST_NAMED = 3


@dataclass(frozen=True)
class Finding:
    """One tunable value.

    Args:
        name: Of its parameter, as ``conv1.filters``.
        words: In words, as ``filters``.
        kind: As `include.tweaker.kinds.kind_of` names it.
        default: The pushed value.
        tokens: Every place where it stands: two for a kernel of ``(3, 3)``.
        places: The layers that it belongs to, as ``conv 1``; empty where it belongs to the whole network.
        template: What is written into each token, around ``{value}``.
        optimizer: Lower-case name of the optimizer, of a learning rate.
        choices: The only values it may take; empty for a number.
        secondary: As `Parameter.secondary`.
    """

    name: str
    words: str
    kind: str
    default: Value = 0
    tokens: tuple[Token, ...] = ()
    places: tuple[str, ...] = ()
    template: str = "{value}"
    optimizer: str = ""
    choices: tuple[Value, ...] = ()
    secondary: bool = False

    @property
    def label(self) -> str:
        """Return the whole in a developer's words, as ``filters of conv 1``."""
        if not self.places:
            return self.words
        if len(self.places) > _MOST_NAMED:
            return f"{self.words} of {self.places[0]} to {self.places[-1]}"
        *front, last = self.places
        return f"{self.words} of {', '.join(front)} and {last}" if front else f"{self.words} of {last}"

    def edits(self, files: dict[str, SourceFile], value: Value) -> Iterator[tuple[str, Edit]]:
        """Yield what to write for a value, with the path of the file."""
        for token in self.tokens:
            pushed = files[token.path].normal[token.start : token.end].decode()
            text = self.template.format(value=spelled(value, pushed))
            yield token.path, Edit(token.start, token.end, text)


@dataclass(frozen=True)
class Untouchable:
    """A value that was seen and can't be tweaked, as a sentence."""

    sentence: str


Found = Finding | Untouchable


def spelled(value: Value, pushed: str) -> str:
    """Write a value, a string with the quotes that the developer uses."""
    if not isinstance(value, str):
        return repr(value)
    quote = next((sign for sign in ('"""', "'''", '"', "'") if pushed.endswith(sign)), '"')
    return f"{quote}{value}{quote}"


def number_at(resolver: Resolver, spots: Sequence[Spot], draft: Finding) -> Found:
    """Return the one number that stands behind some expressions, as 3 behind ``(3, 3)``."""
    literals: list[Literal] = []
    for spot in spots:
        for part in resolver.parts(spot.node, spot.scope, spot.frame):
            literal = resolver.literal(part.node, part.scope, part.frame)
            if isinstance(literal, Unresolved):
                return Untouchable(f"{draft.label}: `{short(spots[0].node)}` is {literal.why}")
            literals.append(literal)
    values = {literal.value for literal in literals}
    value = literals[0].value if literals else ""
    if len(values) != 1 or isinstance(value, (str, bool)):
        return Untouchable(f"{draft.label}: `{short(spots[0].node)}` isn't one number")
    return replace(draft, default=value, tokens=tuple(dict.fromkeys(one.token for one in literals)))


def short(node: cst.BaseExpression) -> str:
    """Return an expression in one line."""
    return " ".join(cst.Module([]).code_for_node(node).split())[:60]


def unshared(found: Iterable[Found], protected: set[Token]) -> list[Found]:
    """Merge values that one constant gives to several layers, and leave out what the output layer shares."""
    taken: dict[Token, str] = {}
    merged: dict[str, Finding] = {}
    rest: dict[Untouchable, None] = {}
    for one in found:
        if isinstance(one, Untouchable):
            rest[one] = None
        elif all(token.start == token.end for token in one.tokens):  # nothing is written there yet
            merged[one.name] = one
        elif protected.intersection(one.tokens):
            rest[Untouchable(f"{one.label}: the output layer has the same constant")] = None
        elif (first := next((taken[t] for t in one.tokens if t in taken), None)) is None:
            merged[one.name] = one
            taken.update(dict.fromkeys(one.tokens, one.name))
        elif merged[first].kind == one.kind and merged[first].tokens == one.tokens:
            places = tuple(dict.fromkeys((*merged[first].places, *one.places)))
            merged[first] = replace(merged[first], places=places)
        else:
            rest[Untouchable(f"{one.label}: it shares a constant with {merged[first].label}")] = None
    return [*merged.values(), *rest]
