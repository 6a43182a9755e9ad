"""Follows tensors through a push: which layer's output goes into which layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from include.tweaker.interfaces._calls import Known, callee, signature
from include.tweaker.interfaces._frames import Frame
from include.tweaker.interfaces._layers import LayerCall, Place, assigned, is_whole
from include.tweaker.interfaces._resolve import Resolver
from include.tweaker.interfaces._spots import NOWHERE, Spot, passed
from include.tweaker.interfaces._syntax import CallSite, Copied, Module, Scope, dotted
from include.tweaker.interfaces._variables import Tensor, Value, Variables, Waiting
from include.tweaker.interfaces._walk import Step, Walk

_PASS_ON = {
    *("relu", "relu6", "elu", "gelu", "selu", "swish", "silu", "mish", "softplus", "tanh", "sigmoid"),
    *("softmax", "log_softmax", "leaky_relu", "leakyrelu", "hard_sigmoid", "identity"),
}
_MERGES = {"add": "add", "concatenate": "concat", "multiply": "add", "average": "add", "maximum": "add"}


class Flow:
    """The layers of a push, in the order in which they run.

    Args:
        modules: The script and its local modules.
        resolver: Of the same modules.
    """

    def __init__(self, modules: Sequence[Module], resolver: Resolver) -> None:
        self.layers: list[LayerCall] = []
        self.order: list[Step] = []
        self._resolver = resolver
        self._variables = Variables()
        self._latest: dict[object, int] = {}
        self._elements: dict[int, tuple[CallSite, cst.BaseElement]] = {}
        for module in modules:
            for site in module.calls:
                self._elements.update(_elements(site, resolver))
        for step in Walk(modules, resolver).steps():
            self.order.append(step)
            self._take(step)

    def _take(self, step: Step) -> None:
        event = step.event
        if isinstance(event, Copied):
            value = self._variables.value(event.source, event.scope, step.frame)
            self._variables.assign(event.target, event.scope, step.frame, value)
            return
        result = self._call(event, step)
        if id(event.node) in self._elements:
            self._listed(result, event, step.frame)
        self._variables.results[id(event.node), step.frame] = result
        if target := assigned(event):
            self._variables.assign(target, event.scope, step.frame, result)

    def _call(self, site: CallSite, step: Step) -> Value:
        frame = step.frame
        known = signature(site, self._resolver)
        if known is not None:
            return self._made(site, frame, known)
        if isinstance(site.node.func, cst.Call):
            inner = self._variables.results.get((id(site.node.func), frame))
            if inner is None and dotted(site.node.func.func):
                inner = self._unknown(site.node.func, site, frame)
            return self._applied(inner, site, frame)
        name = callee(site.node, site.module)
        if name == "add" and isinstance(site.node.func, cst.Attribute) and len(site.node.args) == 1:
            inner = self._variables.results.get((id(site.node.args[0].value), frame))
            if inner is not None or _is_layer_expression(site.node.args[0].value):
                self._add(inner, site, frame)
                return None
        if step.entered is not None:
            return self._variables.returned(site, step.entered)
        stored = self._variables.value(site.node.func, site.scope, frame)
        if isinstance(stored, Waiting):
            return self._applied(stored, site, frame, stored=True)
        return self._function(name.lower(), site, frame)

    def _made(self, site: CallSite, frame: Frame, known: Known) -> Value:
        kind = known.signature.kind
        layer = LayerCall(kind, known.name, site, known.arguments, frame)
        self.layers.append(layer)
        target = assigned(site)
        if target.startswith("self."):
            layer.place = Place("attribute", id(site.scope.parent), site.statement, target, site=site)
        index = len(self.layers) - 1
        return Tensor((index,)) if kind == "input" and id(site.node) not in self._elements else Waiting(index)

    def _listed(self, value: Value, site: CallSite, frame: Frame) -> None:
        """Put an element of ``Sequential([…])`` into its model."""
        owner, element = self._elements[id(site.node)]
        if not isinstance(value, Waiting):
            self.layers.append(LayerCall("other", callee(site.node, site.module), site, {}, frame))
            value = Waiting(len(self.layers) - 1)
        self._sequenced(int(value), Place("list", id(owner.node), element, site=site))

    def _unknown(self, node: cst.Call, site: CallSite, frame: Frame) -> Value:
        """Return a layer that nobody knows: what is called with tensors right after it is made."""
        inner = next((one for one in site.module.calls if one.node is node), None)
        if inner is None or self._resolver.functions.called(inner) is not None:
            return None
        self.layers.append(LayerCall("other", callee(node, site.module), inner, {}, frame))
        return Waiting(len(self.layers) - 1)

    def _sequenced(self, index: int, place: Place) -> None:
        layer, owner = self.layers[index], place.owner
        previous = self._latest.get(owner)
        layer.place, layer.applied = place, layer.applied + 1
        layer.inputs = (previous,) if previous is not None else ()
        self._latest[owner] = index

    def _add(self, inner: Value, site: CallSite, frame: Frame) -> None:
        value = site.node.args[0].value
        if isinstance(inner, Tensor) and len(inner) == 1 and self.layers[inner[0]].kind == "input":
            inner = Waiting(inner[0])
        if inner is None and isinstance(value, cst.Call):
            inner = self._unknown(value, site, frame)
        if not isinstance(inner, Waiting):
            return
        receiver = dotted(site.node.func.value) if isinstance(site.node.func, cst.Attribute) else ""
        room = site.statement if receiver and is_whole(site.statement, site.node) else None
        owner = self._owner(receiver, site.scope, frame)
        self._sequenced(int(inner), Place("add", owner, room, receiver, site=site))

    def _owner(self, receiver: str, scope: Scope, frame: Frame) -> object:
        """Return what tells a model from others: a helper's parameter is its caller's model."""
        while (
            receiver in scope.parameters and (here := frame.of(scope)) is not None and here.call is not None
        ):
            given = passed(receiver, scope, here.call)
            if given is None or not dotted(given):
                break
            receiver, scope, frame = dotted(given), here.call.scope, here.parent or frame
        return self._variables.key(receiver, scope, frame)

    def _applied(self, inner: Value, site: CallSite, frame: Frame, *, stored: bool = False) -> Value:
        if not isinstance(inner, Waiting):
            return None
        layer = self.layers[inner]
        layer.inputs = self._inputs(site, frame)
        layer.applied += 1
        if stored:
            layer.application, layer.application_frame = site, frame
            if layer.place is None:
                layer.place = Place("variable", id(site.scope), None, site=site)
        else:
            layer.place = _functional(site)
        return Tensor((int(inner),))

    def _inputs(self, site: CallSite, frame: Frame) -> tuple[int, ...] | None:
        if not site.node.args:
            return None
        node = site.node.args[0].value
        value = self._variables.value(node, site.scope, frame)
        if value is None and dotted(node) in site.scope.parameters and not self._caller(site.scope, frame):
            return ()  # what Keras calls, as the ``call`` of a subclassed model, is given the input
        return tuple(value) if isinstance(value, Tensor) else None

    def _caller(self, scope: Scope, frame: Frame) -> CallSite | None:
        here = frame.of(scope)
        return here.call if here is not None else None

    def _function(self, name: str, site: CallSite, frame: Frame) -> Value:
        """Return what a function of Keras or TensorFlow makes of its first argument."""
        if not site.node.args or isinstance(site.node.func, cst.Call):
            return None
        first = self._variables.value(site.node.args[0].value, site.scope, frame)
        if name in _PASS_ON:
            return first
        if name in _MERGES and isinstance(first, Tensor):
            self.layers.append(
                LayerCall(_MERGES[name], name, site, {}, frame, inputs=tuple(first), applied=1)
            )
            return Tensor((len(self.layers) - 1,))
        return None


def _functional(site: CallSite) -> Place:
    source = dotted(site.node.args[0].value) if len(site.node.args) == 1 else ""
    target = assigned(site)
    room = site.statement if target and source else None
    return Place("functional", id(site.scope), room, target, source, site)


def _is_layer_expression(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Call) and dotted(node.func).rpartition(".")[2][:1].isupper()


def _elements(site: CallSite, resolver: Resolver) -> Iterator[tuple[int, tuple[CallSite, cst.BaseElement]]]:
    """Yield the calls that stand in the list of ``Sequential([…])``, also one in a variable."""
    if callee(site.node, site.module) != "Sequential" or not site.node.args:
        return
    spot = resolver.follow(Spot(site.node.args[0].value, site.scope, NOWHERE))
    if isinstance(spot, Spot) and isinstance(spot.node, (cst.List, cst.Tuple)):
        for element in spot.node.elements:
            if isinstance(element.value, cst.Call):
                yield id(element.value), (site, element)
