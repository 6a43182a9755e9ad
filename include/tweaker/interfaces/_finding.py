"""Finds the tunable literals behind the Keras calls of a push."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import libcst as cst

from include.tweaker.interfaces._keras import (
    DEFAULT_LEARNING_RATE,
    OPTIMIZERS,
    optimizer_prefix,
)
from include.tweaker.interfaces._layers import (
    LayerCall,
    OptimizerCall,
    fit_calls,
    optimizer_calls,
)
from include.tweaker.interfaces._resolve import Literal, Resolver, Token, Unresolved
from include.tweaker.interfaces._syntax import CallSite, Module


@dataclass(frozen=True)
class Finding:
    """One tunable value.

    Args:
        name: Of its parameter, as ``conv1.filters``.
        label: In words, as ``filters of conv 1``.
        kind: As `include.tweaker.kinds.kind_of` names it.
        default: The pushed value.
        tokens: Every place where it stands: two for a kernel of ``(3, 3)``.
        template: What is written into each, around ``{value}``.
        optimizer: Lower-case name of the optimizer, of a learning rate.
    """

    name: str
    label: str
    kind: str
    default: int | float
    tokens: tuple[Token, ...]
    template: str = "{value}"
    optimizer: str = ""


@dataclass(frozen=True)
class Untouchable:
    """A value that was seen and can't be tweaked, as a sentence."""

    sentence: str


Found = Finding | Untouchable
_TUNED = {
    "conv": (("filters", "filters"), ("kernel_size", "kernel size")),
    "pool": (("pool_size", "pool size"),),
    "dense": (("units", "units"),),
    "dropout": (("rate", "rate"),),
}


def findings(modules: Sequence[Module], layers: Sequence[LayerCall], outputs: set[int]) -> list[Found]:
    """Return every value of layers, optimizer and fit, each place of the source at most once.

    Args:
        modules: The script and its local modules.
        layers: Of every model, in source order.
        outputs: Indices of the output layers, whose units are given by the task.
    """
    resolver = Resolver(modules)
    protected = {token for index in outputs for token in _units(resolver, layers[index])}
    found = [*_of_layers(resolver, layers, outputs), *_of_optimizers(resolver, modules)]
    found += _of_fits(resolver, modules)
    return list(_unshared(found, protected))


def _units(resolver: Resolver, layer: LayerCall) -> Iterator[Token]:
    given = layer.arguments.get("units")
    literal = resolver.literal(given.value, layer.site.scope) if given else None
    if isinstance(literal, Literal):
        yield literal.token


def _of_layers(resolver: Resolver, layers: Sequence[LayerCall], outputs: set[int]) -> Iterator[Found]:
    counts = dict.fromkeys(_TUNED, 0)
    for index, layer in enumerate(layers):
        if index in outputs or layer.kind not in _TUNED:
            continue
        counts[layer.kind] += 1
        number = counts[layer.kind]
        for argument, words in _TUNED[layer.kind]:
            name, label = f"{layer.kind}{number}.{argument}", f"{words} of {layer.kind} {number}"
            nodes = _nodes(layer, argument)
            if nodes:
                kind = "dropout" if argument == "rate" else argument
                yield _finding(resolver, nodes, layer.site, Finding(name, label, kind, 0, ()))


def _nodes(layer: LayerCall, argument: str) -> list[cst.BaseExpression]:
    if argument == "kernel_size" and "rows" in layer.arguments:  # Keras 1
        return [layer.arguments[side].value for side in ("rows", "columns") if side in layer.arguments]
    given = layer.arguments.get(argument)
    return [given.value] if given else []


def _finding(resolver: Resolver, nodes: list[cst.BaseExpression], site: CallSite, draft: Finding) -> Found:
    literals: list[Literal] = []
    for node in nodes:
        expression, scope = resolver.expression(node, site.scope)
        parts = [node]
        home = site.scope
        if isinstance(expression, (cst.Tuple, cst.List)):
            parts, home = [element.value for element in expression.elements], scope
        for part in parts:
            literal = resolver.literal(part, home)
            if isinstance(literal, Unresolved):
                return Untouchable(f"{draft.label}: `{_short(nodes[0])}` is {literal.why}")
            literals.append(literal)
    values = {literal.value for literal in literals}
    value = literals[0].value if literals else ""
    if len(values) != 1 or isinstance(value, (str, bool)):
        return Untouchable(f"{draft.label}: `{_short(nodes[0])}` isn't one number")
    return replace(draft, default=value, tokens=tuple(dict.fromkeys(one.token for one in literals)))


def _short(node: cst.BaseExpression) -> str:
    return " ".join(cst.Module([]).code_for_node(node).split())[:60]


def _of_optimizers(resolver: Resolver, modules: Sequence[Module]) -> Iterator[Found]:
    for number, call in enumerate(optimizer_calls(modules), start=1):
        prefix = "optimizer" if number == 1 else f"optimizer{number}"
        draft = Finding(
            name=f"{prefix}.learning_rate",
            label=f"learning rate of {call.optimizer}",
            kind="learning_rate",
            default=DEFAULT_LEARNING_RATE.get(call.optimizer.lower(), 1e-3),
            tokens=(),
            optimizer=call.optimizer.lower(),
        )
        given = call.arguments.get("learning_rate")
        if given is not None:
            yield _finding(resolver, [given.value], call.site, draft)
        else:
            yield _unwritten_rate(call, draft)


def _unwritten_rate(call: OptimizerCall, draft: Finding) -> Found:
    """Return where a learning rate can be written that the developer left to Keras."""
    module = call.site.module
    end = module.span(call.site.node)[1]
    if call.string is not None:
        spelled = optimizer_prefix(module, OPTIMIZERS[draft.optimizer])
        if spelled is None:
            advice = f"write `{call.optimizer}(learning_rate={draft.default})` to have it tweaked"
            return Untouchable(
                f"{draft.label}: {module.text(call.string)} is only a name in this file; {advice}"
            )
        token = Token(module.source.path, *module.span(call.string))
        return replace(draft, tokens=(token,), template=f"{spelled}(learning_rate={{value}})")
    if any(argument.star for argument in call.site.node.args):
        return Untouchable(f"{draft.label}: its arguments are computed at run time")
    if call.site.node.args:
        place = module.span(call.site.node.args[0])[0]
        return replace(
            draft, tokens=(Token(module.source.path, place, place),), template="learning_rate={value}, "
        )
    token = Token(module.source.path, end - 1, end - 1)
    return replace(draft, tokens=(token,), template="learning_rate={value}")


def _of_fits(resolver: Resolver, modules: Sequence[Module]) -> Iterator[Found]:
    number = 0
    for site, given in fit_calls(modules):
        tuned = [argument for argument in ("epochs", "batch_size") if argument in given]
        number += bool(tuned)
        prefix = "fit" if number == 1 else f"fit{number}"
        for argument in tuned:
            node = given[argument].value
            if isinstance(node, cst.Name) and node.value == "None":
                continue
            label = argument.replace("_", " ") + (f" of fit {number}" if number > 1 else "")
            yield _finding(resolver, [node], site, Finding(f"{prefix}.{argument}", label, argument, 0, ()))


def _unshared(found: list[Found], protected: set[Token]) -> Iterator[Found]:
    """Merge values that one constant gives to several layers, and leave out what the output layer shares."""
    taken: dict[Token, Finding] = {}
    merged: dict[str, Finding] = {}
    rest: list[Found] = []
    for one in found:
        if isinstance(one, Untouchable):
            rest.append(one)
        elif protected.intersection(one.tokens):
            rest.append(Untouchable(f"{one.label}: the output layer has the same constant"))
        elif (first := next((taken[t] for t in one.tokens if t in taken), None)) is None:
            merged[one.name] = one
            taken.update(dict.fromkeys(one.tokens, one))
        elif first.kind == one.kind and first.tokens == one.tokens:
            label = f"{merged[first.name].label} and {one.label.rpartition(' of ')[2]}"
            merged[first.name] = replace(merged[first.name], label=label)
        else:
            rest.append(Untouchable(f"{one.label}: it shares a constant with {first.label}"))
    yield from merged.values()
    yield from rest
