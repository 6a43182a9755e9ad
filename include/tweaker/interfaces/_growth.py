"""How a network can grow: which of its layers new ones repeat, and where they go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from include.tweaker.interfaces._anchor import Anchor, before, behind
from include.tweaker.interfaces._copying import callee_is_known
from include.tweaker.interfaces._imports import Spelling, spelling
from include.tweaker.interfaces._layers import LayerCall
from include.tweaker.interfaces._structure import block_end, is_chain
from include.tweaker.interfaces._syntax import dotted


@dataclass(frozen=True)
class Growth:
    """Where and how layers can be added; without a place this kind of growth isn't possible.

    Args:
        conv: Layers of the last conv block that a new block repeats, the convolution first.
        conv_at: Where new conv blocks go.
        before_that: They go in front of that place, not behind it.
        padded: New convolutions have to pad their border: what the image has become there isn't known.
        pool: The pooling layer that a new block repeats, if it has one.
        pool_callee: How a pooling layer can be called there; None if it can't.
        dense: The dense layer, and an activation of its own, that a new dense layer repeats.
        dense_at: In front of which new dense layers go.
        head: The output layer.
        named: Layers have names of the developer's own.
    """

    conv: tuple[LayerCall, ...] = ()
    conv_at: Anchor | None = None
    before_that: bool = False
    padded: bool = False
    pool: LayerCall | None = None
    pool_callee: Spelling | None = None
    dense: tuple[LayerCall, ...] = ()
    dense_at: Anchor | None = None
    head: LayerCall | None = None
    named: bool = False


def plan(layers: Sequence[LayerCall], group: list[int], outputs: set[int]) -> Growth:
    """Return how the model of the layers in `group` can grow."""
    chain = is_chain(layers, group)
    block = _block(layers, group, "conv", ("norm", "activation"), outputs)
    at, in_front = (_behind_block(layers, group), False) if chain else (_before_flat(layers, group), True)
    if any(layers[index].kind == "conv" for index in outputs.intersection(group)):
        at = None  # behind an output that is an image nothing may follow
    if at is None or not block or not _can_repeat(block, at) or _repeated(layers, group, at, block):
        block, at = (), None
    pools = [layers[index] for index in group if layers[index].kind == "pool" and chain]
    pool = pools[-1] if pools and at and callee_is_known(pools[-1], at.module, at.scope) else None
    heads = [index for index in group if index in outputs and layers[index].kind == "dense"]
    head = layers[heads[-1]] if len(heads) == 1 and len(layers[heads[-1]].inputs or ()) == 1 else None
    dense_at = before(head) if head is not None and not _is_twice(layers, head) else None
    hidden = _block(layers, group, "dense", ("activation",), outputs)
    dense = hidden if dense_at and hidden and _can_repeat(hidden, dense_at) else (head,) if head else ()
    return Growth(
        conv=block,
        conv_at=at,
        before_that=in_front,
        padded=not chain,
        pool=pool,
        pool_callee=_pool_callee(block[0], pool, at) if at is not None and chain else None,
        dense=tuple(one for one in dense if one is not None) if dense_at else (),
        dense_at=dense_at,
        head=head,
        named=any("name" in layers[index].arguments for index in group),
    )


def _block(
    layers: Sequence[LayerCall], group: list[int], kind: str, followers: tuple[str, ...], outputs: set[int]
) -> tuple[LayerCall, ...]:
    """Return the last hidden layer of a kind with what directly follows it."""
    found = [
        position
        for position, index in enumerate(group)
        if layers[index].kind == kind and index not in outputs
    ]
    if not found:
        return ()
    block = [layers[group[found[-1]]]]
    for previous, index in zip(group[found[-1] :], group[found[-1] + 1 :], strict=False):
        if layers[index].kind not in followers or layers[index].inputs != (previous,):
            break
        block.append(layers[index])
    return tuple(block)


def _behind_block(layers: Sequence[LayerCall], group: list[int]) -> Anchor | None:
    end = block_end(layers, group)
    following = layers[group[end + 1]] if end + 1 < len(group) else None
    return behind(layers[group[end]], following)


def _before_flat(layers: Sequence[LayerCall], group: list[int]) -> Anchor | None:
    """Return the place in front of the only flattening: behind all branches of a network."""
    flat = [index for index in group if layers[index].kind in ("flatten", "global")]
    if len(flat) != 1 or len(layers[flat[0]].inputs or ()) != 1 or _is_twice(layers, layers[flat[0]]):
        return None
    return before(layers[flat[0]])


def _can_repeat(block: Sequence[LayerCall], at: Anchor) -> bool:
    home = at.made is not None
    return all(callee_is_known(one, at.module, one.site.scope if home else at.scope) for one in block)


def _repeated(layers: Sequence[LayerCall], group: list[int], at: Anchor, block: Sequence[LayerCall]) -> bool:
    """Return whether the function that holds a place runs more than once in this model."""
    frames = {
        here.variables
        for index in group
        if at.scope.kind == "function" and (here := layers[index].runs_in[1].of(at.scope)) is not None
    }
    return len(frames) > 1


def _is_twice(layers: Sequence[LayerCall], layer: LayerCall) -> bool:
    return sum(one.site.node is layer.site.node and one.applied > 0 for one in layers) > 1


def _pool_callee(conv: LayerCall, pool: LayerCall | None, at: Anchor) -> Spelling | None:
    if pool is not None:
        return Spelling(pool.site.module.text(pool.site.node.func))
    name = conv.name[-2:] if conv.name[-2:] in ("1D", "2D", "3D") else "2D"
    written = dotted(conv.site.node.func)
    if "." in written and conv.site.module is at.module:
        return Spelling(f"{written.rpartition('.')[0]}.MaxPooling{name}")
    return spelling(at.module, f"MaxPooling{name}", "layers")
