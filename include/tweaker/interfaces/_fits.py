"""Epochs and batch size: written in ``fit``, or left to Keras and written there by a trial."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import libcst as cst

from include.tweaker.interfaces._finding import Finding, Found, Untouchable, number_at
from include.tweaker.interfaces._growing import REST_OF_LINE
from include.tweaker.interfaces._keras import ALIASES
from include.tweaker.interfaces._resolve import Resolver
from include.tweaker.interfaces._spots import NOWHERE, Spot, Token
from include.tweaker.interfaces._syntax import CallSite, Module, dotted

_POSITIONS = {"fit": ("x", "y", "batch_size", "epochs"), "fit_generator": ("x", "steps", "epochs")}
_TUNED = ("epochs", "batch_size")
_UNWRITTEN = {"epochs": 1, "batch_size": 32}  # what Keras takes
_ONLY_KERAS = {"epochs", "batch_size", "validation_data", "validation_split", "callbacks", "steps_per_epoch"}
_FEEDS: dict[str, tuple[str, ...]] = {  # with their positional arguments, as far as they count here
    **dict.fromkeys(("flow", "flow_from_directory", "flow_from_dataframe"), ()),
    "image_dataset_from_directory": (),
    "batch": ("batch_size",),  # of tf.data
}


def of_fits(resolver: Resolver, modules: Sequence[Module]) -> Iterator[Found]:
    """Yield epochs and batch size of every ``fit``, then the batch size of the first generator."""
    fits = list(_fit_calls(modules))
    for number, (site, given) in enumerate(fits, start=1):
        prefix = "fit" if number == 1 else f"fit{number}"
        places = (f"fit {number}",) if number > 1 else ()
        for argument in _TUNED:
            draft = Finding(f"{prefix}.{argument}", argument.replace("_", " "), argument, places=places)
            found = _of_fit(resolver, site, given, draft)
            if found is not None:
                yield found
    if not fits or any(_feeds_itself(given) for _, given in fits):
        yield from _of_feeds(resolver, modules)


def _of_fit(resolver: Resolver, site: CallSite, given: dict[str, cst.Arg], draft: Finding) -> Found | None:
    if draft.kind in given:
        node = given[draft.kind].value
        if dotted(node) == "None":
            return None
        return number_at(resolver, [Spot(node, site.scope, NOWHERE)], draft)
    if any(argument.star for argument in site.node.args):
        return Untouchable(f"{draft.label}: the arguments of `fit` are computed at run time")
    arrays = "y" in given and "steps_per_epoch" not in given  # what feeds itself takes no batch size
    if draft.kind == "batch_size" and not arrays:
        return None
    return inserted(
        site, replace(draft, default=_UNWRITTEN[draft.kind], secondary=draft.kind == "batch_size")
    )


def _feeds_itself(given: dict[str, cst.Arg]) -> bool:
    """Return whether what is fitted comes in batches already; arrays come with their labels."""
    return "y" not in given and "batch_size" not in given


def inserted(site: CallSite, draft: Finding, keyword: str = "") -> Finding:
    """Return a finding that writes an argument behind a call's last one, in a line of its own if that is."""
    module, call = site.module, site.node
    keyword = keyword or draft.kind
    if not call.args:
        end = module.span(call)[1] - 1
        return replace(draft, tokens=(Token(module.source.path, end, end),), template=f"{keyword}={{value}}")
    last = call.args[-1]
    start, end = module.span(last)  # with the parentheses that an argument may have of its own
    normal = module.source.normal
    indent = normal[normal.rfind(b"\n", 0, start) + 1 : start].decode()
    rest = REST_OF_LINE.match(normal, end)
    if rest and not indent.strip():  # a line of its own behind the comma and its comment
        tokens = (Token(module.source.path, rest.end(), rest.end()),)
        return replace(draft, tokens=tokens, template=f"{indent}{keyword}={{value}},\n")
    separator = ", " if indent.strip() else f",\n{indent}"
    tokens = (Token(module.source.path, end, end),)
    return replace(draft, tokens=tokens, template=f"{separator}{keyword}={{value}}")


def _fit_calls(modules: Sequence[Module]) -> Iterator[tuple[CallSite, dict[str, cst.Arg]]]:
    """Yield each ``fit`` of Keras with its arguments; a scaler has one, too."""
    compiled = {_receiver(site) for module in modules for site in module.calls if _method(site) == "compile"}
    for module in modules:
        for site in sorted(module.calls, key=lambda one: module.span(one.node)[1]):
            if (name := _method(site)) in _POSITIONS:
                given = dict(_named(site.node.args, _POSITIONS[name]))
                if given.keys() & _ONLY_KERAS or _receiver(site) in compiled:
                    yield site, given


def _of_feeds(resolver: Resolver, modules: Sequence[Module]) -> Iterator[Found]:
    for module in modules:
        for site in sorted(module.calls, key=lambda one: module.span(one.node)[1]):
            name = _method(site) or dotted(site.node.func)
            given = dict(_named(site.node.args, _FEEDS.get(name, ())))
            if name in _FEEDS and "batch_size" in given:
                draft = Finding("data.batch_size", "batch size of the data", "batch_size", secondary=True)
                yield number_at(resolver, [Spot(given["batch_size"].value, site.scope, NOWHERE)], draft)
                return


def _named(given: Sequence[cst.Arg], positions: tuple[str, ...]) -> Iterator[tuple[str, cst.Arg]]:
    for index, argument in enumerate(given):
        if argument.star:
            return
        if argument.keyword is not None:
            yield ALIASES.get(argument.keyword.value, argument.keyword.value), argument
        elif index < len(positions):
            yield positions[index], argument


def _method(site: CallSite) -> str:
    return site.node.func.attr.value if isinstance(site.node.func, cst.Attribute) else ""


def _receiver(site: CallSite) -> str:
    return dotted(site.node.func).rpartition(".")[0] or "?"
