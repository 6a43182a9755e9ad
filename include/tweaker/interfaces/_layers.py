"""The Keras calls of a push in source order, and how each layer is put into its model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from include.tweaker.interfaces._keras import OPTIMIZERS, SIGNATURES, Signature, arguments, callee
from include.tweaker.interfaces._syntax import CallSite, Module, dotted


@dataclass(frozen=True)
class Place:
    """How a layer is put into a model.

    Args:
        style: ``add`` (``model.add(layer)``), ``list`` (``Sequential([layer])``) or ``functional``
            (``y = layer(x)``).
        owner: Tells models apart: layers of one model have equal owners.
        node: The statement or list element to which new layers are neighbours; None where there is no room.
        target: The model of ``add``, or the variable that a functional layer is assigned to.
        source: The variable that goes into a functional layer.
    """

    style: str
    owner: object
    node: cst.CSTNode | None
    target: str = ""
    source: str = ""


@dataclass(frozen=True)
class LayerCall:
    """One layer: its kind as in `SIGNATURES` (``other`` for what isn't there), and its arguments by name."""

    kind: str
    site: CallSite
    arguments: dict[str, cst.Arg]
    place: Place | None

    @property
    def where(self) -> str:
        """Return file and line, as ``train.py line 7``."""
        module = self.site.module
        return f"{module.source.path} line {module.line(self.site.node)}"


@dataclass(frozen=True)
class OptimizerCall:
    """``Adam(…)``, or the string ``"adam"`` of ``compile(optimizer="adam")`` (`string` then)."""

    optimizer: str
    site: CallSite
    arguments: dict[str, cst.Arg]
    string: cst.SimpleString | None = None


def optimizer_calls(modules: Sequence[Module]) -> Iterator[OptimizerCall]:
    """Yield what sets a learning rate."""
    for site in _sites(modules):
        name = callee(site.node, site.module)
        if name.lower() in OPTIMIZERS and name == OPTIMIZERS[name.lower()]:
            yield OptimizerCall(name, site, arguments(site.node, ("learning_rate",)))
        elif name == "compile":
            given = arguments(site.node, ("optimizer",)).get("optimizer")
            value = given.value if given else None
            text = value.evaluated_value if isinstance(value, cst.SimpleString) else None
            if isinstance(value, cst.SimpleString) and isinstance(text, str) and text.lower() in OPTIMIZERS:
                yield OptimizerCall(OPTIMIZERS[text.lower()], site, {}, value)


def fit_calls(modules: Sequence[Module]) -> Iterator[tuple[CallSite, dict[str, cst.Arg]]]:
    """Yield each ``model.fit(…)`` with its arguments."""
    positions = {"fit": ("x", "y", "batch_size", "epochs"), "fit_generator": ("x", "steps", "epochs")}
    for site in _sites(modules):
        name = site.node.func.attr.value if isinstance(site.node.func, cst.Attribute) else ""
        if name in positions:
            yield site, arguments(site.node, positions[name])


def layer_calls(modules: Sequence[Module]) -> list[LayerCall]:
    """Return the layers of every model in source order."""
    places = {id(node): place for site in _sites(modules) for node, place in _placed(site)}
    found = []
    for site in _sites(modules):
        signature = SIGNATURES.get(callee(site.node, site.module))
        place = places.get(id(site.node))
        if signature is None and place is None:
            continue
        known = signature or Signature("other")
        found.append(LayerCall(known.kind, site, arguments(site.node, known.positions), place))
    return found


def _sites(modules: Sequence[Module]) -> Iterator[CallSite]:
    for module in modules:
        yield from sorted(
            module.calls, key=lambda site: module.span(site.node)[0] + module.spans[site.node].length
        )


def _placed(site: CallSite) -> Iterator[tuple[cst.Call, Place]]:
    """Yield the layers that this call puts into a model."""
    call = site.node
    name = callee(call, site.module)
    if name == "add" and isinstance(call.func, cst.Attribute) and len(call.args) == 1:
        inner = call.args[0].value
        if isinstance(inner, cst.Call):
            receiver = dotted(call.func.value)
            room = site.statement if receiver and _is_whole(site.statement, call) else None
            yield inner, Place("add", (id(site.scope), receiver), room, receiver)
    elif name == "Sequential" and call.args and isinstance(call.args[0].value, cst.List):
        layers = call.args[0].value
        for element in layers.elements:
            if isinstance(element.value, cst.Call):
                yield element.value, Place("list", id(layers), element)
    elif isinstance(call.func, cst.Call):
        yield call.func, _functional(site)


def _functional(site: CallSite) -> Place:
    statement, call = site.statement, site.node
    source = dotted(call.args[0].value) if len(call.args) == 1 else ""
    small = statement.body[0] if statement is not None else None
    target = ""
    if isinstance(small, cst.Assign) and small.value is call and len(small.targets) == 1:
        target = dotted(small.targets[0].target)
    room = statement if target and source else None
    return Place("functional", id(site.scope), room, target, source)


def _is_whole(statement: cst.SimpleStatementLine | None, call: cst.Call) -> bool:
    small = statement.body[0] if statement is not None else None
    return isinstance(small, cst.Expr) and small.value is call
