"""Where new layers can be written beside those of a push."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst

from include.tweaker.interfaces._frames import Frame
from include.tweaker.interfaces._layers import LayerCall, assigned, is_whole
from include.tweaker.interfaces._spots import passed
from include.tweaker.interfaces._syntax import CallSite, Loop, Module, Scope, dotted


@dataclass(frozen=True)
class Anchor:
    """A place in the source beside which layers can be written.

    Args:
        style: ``add``, ``list``, ``functional`` (a statement of its own), ``wrap`` (inside an expression) or
            ``attribute`` (made in the constructor, used in ``call``).
        module: The file.
        scope: The function or module that holds it.
        node: The statement or list element beside it; of ``wrap`` the expression to wrap.
        variable: The model of ``add``, or the tensor that layers are applied to.
        made: Of ``attribute``: the statement that makes the neighbour.
    """

    style: str
    module: Module
    scope: Scope
    node: cst.CSTNode
    variable: str = ""
    made: cst.CSTNode | None = None


def behind(layer: LayerCall, following: LayerCall | None) -> Anchor | None:
    """Return the place between a layer and the one that follows it; None where there is no room."""
    place = layer.place
    if place is None:
        return None
    site, frame = layer.runs_in
    if place.style == "list":
        return Anchor("list", site.module, site.scope, place.node) if place.node is not None else None
    site, frame, climbed = _common(site, frame, following)
    node = _statement(site, following)
    if place.style == "add":
        variable = _model(layer, frame) if climbed else place.target
        whole = climbed or bool(site.loops) or is_whole(site.statement, site.node)
        return Anchor("add", site.module, site.scope, node, variable) if node and variable and whole else None
    made = place.node if place.style == "attribute" else None
    if place.style == "attribute" and (climbed or site.loops or made is None):
        return None
    style = "attribute" if made is not None else "functional"
    variable = assigned(site)
    if node is not None and variable and "." not in variable:
        return Anchor(style, site.module, site.scope, node, variable, made)
    if site.loops or climbed:
        return None
    return Anchor("attribute" if made is not None else "wrap", site.module, site.scope, site.node, "", made)


def before(layer: LayerCall) -> Anchor | None:
    """Return the place in front of a layer; None where there is no room."""
    place = layer.place
    if place is None or layer.site.loops:
        return None
    site, _ = layer.runs_in
    if place.style in ("add", "list"):
        if place.node is None:
            return None
        return Anchor(place.style, site.module, site.scope, place.node, place.target)
    given = site.node.args[0].value if site.node.args else None
    if given is None:
        return None
    if place.style == "attribute":
        return Anchor("attribute", site.module, site.scope, given, "", place.node) if place.node else None
    if site.statement is not None and assigned(site) and isinstance(given, cst.Name):
        return Anchor("functional", site.module, site.scope, site.statement, given.value)
    return Anchor("wrap", site.module, site.scope, given)


def _common(site: CallSite, frame: Frame, following: LayerCall | None) -> tuple[CallSite, Frame, bool]:
    """Climb from a helper function to the one in which the following layer is, too."""
    shared = {one.variables for one in following.runs_in[1].chain()} if following is not None else None
    climbed = False
    while shared is not None and frame.variables not in shared and frame.call and frame.parent:
        site, frame, climbed = frame.call, frame.parent, True
    return site, frame, climbed


def _statement(site: CallSite, following: LayerCall | None) -> cst.CSTNode | None:
    """Return the line of a call, or the whole loop that it stands in."""
    shared = set(following.runs_in[0].loops) if following is not None else set()
    loops: Sequence[Loop] = [loop for loop in site.loops if loop not in shared]
    if not loops:
        return site.statement
    return loops[0].node if isinstance(loops[0].node, cst.For) else None


def _model(layer: LayerCall, frame: Frame) -> str:
    """Return what the model that a helper was given is called by its caller."""
    name, here = layer.place.target if layer.place else "", layer.frame
    scope = layer.site.scope
    while here.variables is not frame.variables:
        inner = here.of(scope)
        if name not in scope.parameters or inner is None or inner.call is None or inner.parent is None:
            return ""
        given = passed(name, scope, inner.call)
        name, scope, here = dotted(given) if given is not None else "", inner.call.scope, inner.parent
    return name
