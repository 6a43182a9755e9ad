"""The optimizer and its learning rate: a call, or a string that a trial turns into a call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import libcst as cst

from include.tweaker.interfaces._calls import callee
from include.tweaker.interfaces._finding import Finding, Found, Untouchable, number_at, spelled
from include.tweaker.interfaces._imports import Spelling, spelling
from include.tweaker.interfaces._keras import DEFAULT_LEARNING_RATE, OLD_DEFAULT_LEARNING_RATE, OPTIMIZERS
from include.tweaker.interfaces._resolve import Resolver
from include.tweaker.interfaces._source import Edit
from include.tweaker.interfaces._spots import NOWHERE, Literal, Spot, Token
from include.tweaker.interfaces._syntax import CallSite, Module
from include.tweaker.space import Value

_OFFERED = ("adam", "nadam", "rmsprop", "sgd")
_COMMON = {"learning_rate", "lr", "clipnorm", "clipvalue"}  # what every optimizer takes


@dataclass(frozen=True)
class Optimizer:
    """One optimizer of a push.

    Args:
        prefix: Of its parameters: ``optimizer``, ``optimizer2``, …
        name: In lower case.
        site: Its own call, or the ``compile`` that names it.
        string: Where it is only named.
        quoted: That string as written.
        argument: What the ``compile`` is given: that string, or the constant that holds it; None where
            several models are given the same constant.
        rate: The learning rate as written, None where it is left to Keras.
        defaults: What Keras takes then, by the optimizer's name.
    """

    prefix: str
    name: str
    site: CallSite
    string: Token | None = None
    quoted: str = ""
    argument: Token | None = None
    rate: cst.BaseExpression | None = None
    defaults: Mapping[str, float] = field(default_factory=lambda: DEFAULT_LEARNING_RATE, compare=False)

    @property
    def module(self) -> Module:
        """Return the file that it stands in."""
        return self.site.module

    def spelling(self, name: str) -> Spelling | None:
        """Return how this file can call an optimizer's class."""
        return spelling(self.module, OPTIMIZERS[name])

    def findings(self, resolver: Resolver) -> Iterator[Found]:
        """Yield the learning rate, then the choice of the optimizer."""
        yield self._rate(resolver)
        others = {"optimizer": "optimizer"}.get(self.prefix, f"optimizer {self.prefix[9:]}")
        own = self._own_arguments()
        if own:
            yield Untouchable(f"{others}: `{own[0]}` isn't an argument of every optimizer")
        elif all(self._can_be(name) for name in _OFFERED):
            choices = _OFFERED if self.name in _OFFERED else (self.name, *_OFFERED)
            yield Finding(self.prefix, others, "optimizer", self.name, choices=choices, secondary=True)

    def _rate(self, resolver: Resolver) -> Found:
        words = f"learning rate of {OPTIMIZERS[self.name]}"
        name = f"{self.prefix}.learning_rate"
        draft = Finding(name, words, "learning_rate", self.defaults[self.name], optimizer=self.name)
        if self.rate is not None:
            return number_at(resolver, [Spot(self.rate, self.site.scope, NOWHERE)], draft)
        if self.string is None and any(argument.star for argument in self.site.node.args):
            return Untouchable(f"{words}: its arguments are computed at run time")
        if self.string is not None and (self.argument is None or self.spelling(self.name) is None):
            call = f"{OPTIMIZERS[self.name]}(learning_rate={self.defaults[self.name]})"
            return Untouchable(f"{words}: it is only named in this file; write `{call}` to have it tweaked")
        return draft

    def _own_arguments(self) -> list[str]:
        """Return the arguments that other optimizers may not take."""
        if self.string is not None:
            return []
        given = [(a.keyword.value if a.keyword else "", a) for a in self.site.node.args]
        odd = [a.star or name or "a second argument" for name, a in given[1:] if name not in _COMMON]
        first = [a.star or name for name, a in given[:1] if a.star or (name and name not in _COMMON)]
        return [*first, *odd]

    def _can_be(self, name: str) -> bool:
        if name == self.name or (self.string is not None):
            return True
        return isinstance(self.site.node.func, cst.Attribute) or self.spelling(name) is not None

    def edits(self, values: Mapping[str, Value]) -> Iterator[tuple[str, Edit]]:
        """Yield what makes it the optimizer of these values; a written rate is a token of its own."""
        name = str(values.get(self.prefix, self.name))
        rate = values.get(f"{self.prefix}.learning_rate", self.defaults[self.name])
        as_pushed = name == self.name and rate == self.defaults[self.name]
        if self.string is not None and not as_pushed:
            yield from self._named(self.string, name, rate, pinned=f"{self.prefix}.learning_rate" in values)
        elif self.string is None:
            yield from self._called(name, rate)

    def _named(self, string: Token, name: str, rate: Value, *, pinned: bool) -> Iterator[tuple[str, Edit]]:
        pushed = self.quoted
        if not pinned or rate == self.defaults[name]:
            yield string.path, Edit(string.start, string.end, spelled(name, pushed))
            return
        known, place = self.spelling(name), self.argument or string
        if known is not None:
            yield place.path, Edit(place.start, place.end, f"{known.text}(learning_rate={rate!r})")
            yield from known.edits

    def _called(self, name: str, rate: Value) -> Iterator[tuple[str, Edit]]:
        path, func = self.module.source.path, self.site.node.func
        if name != self.name and isinstance(func, cst.Attribute):
            yield path, Edit(*self.module.span(func.attr), OPTIMIZERS[name])
        elif name != self.name and (known := self.spelling(name)) is not None:
            yield path, Edit(*self.module.span(func), known.text)
            yield from known.edits
        if self.rate is None and rate != self.defaults[name]:
            given = self.site.node.args
            place = self.module.span(given[0])[0] if given else self.module.span(self.site.node)[1] - 1
            yield path, Edit(place, place, f"learning_rate={rate!r}{', ' if given else ''}")


def optimizers(resolver: Resolver, modules: Sequence[Module]) -> list[Optimizer]:
    """Return every optimizer of a push in source order."""
    found: list[Optimizer] = []
    seen: dict[Token, int] = {}
    for module in modules:
        for site in sorted(module.calls, key=lambda one: module.span(one.node)[1]):
            prefix = f"optimizer{len(found) + 1}" if found else "optimizer"
            one = _optimizer(prefix, site, resolver)
            if one is not None and one.string is not None and one.string in seen:
                first = seen[one.string]
                found[first] = replace(found[first], argument=None)
            elif one is not None:
                seen.update({one.string: len(found)} if one.string is not None else {})
                found.append(one)
    return found


def _optimizer(prefix: str, site: CallSite, resolver: Resolver) -> Optimizer | None:
    name = callee(site.node, site.module)
    defaults = OLD_DEFAULT_LEARNING_RATE if resolver.old else DEFAULT_LEARNING_RATE
    if OPTIMIZERS.get(name.lower()) == name and resolver.functions.called(site) is None:
        rate = next(
            (a.value for a in site.node.args if a.keyword and a.keyword.value in ("learning_rate", "lr")),
            None,
        )
        first = site.node.args[0] if site.node.args else None
        if first is not None and first.keyword is None and not first.star:
            rate = first.value
        return Optimizer(prefix, name.lower(), site, rate=rate, defaults=defaults)
    if name != "compile" or not isinstance(site.node.func, cst.Attribute):
        return None
    given = next((a.value for a in site.node.args if a.keyword and a.keyword.value == "optimizer"), None)
    if given is None and site.node.args and site.node.args[0].keyword is None and not site.node.args[0].star:
        given = site.node.args[0].value
    literal = resolver.literal(given, site.scope) if given is not None else None
    if given is None or not isinstance(literal, Literal) or str(literal.value).lower() not in OPTIMIZERS:
        return None
    argument = Token(site.module.source.path, *site.module.span(given))
    quoted = site.module.text(given) if argument == literal.token else repr(literal.value)
    return Optimizer(
        prefix, str(literal.value).lower(), site, literal.token, quoted, argument, defaults=defaults
    )
