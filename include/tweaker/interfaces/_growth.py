"""Writes new layers in the style of the code around them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import libcst as cst

from include.tweaker.interfaces._layers import LayerCall, Place
from include.tweaker.interfaces._source import Edit
from include.tweaker.interfaces._structure import block_end
from include.tweaker.interfaces._syntax import dotted
from include.tweaker.space import Value

_FIRST_LAYER_ONLY = {"name", "input_shape", "batch_input_shape", "input_dim", "batch_size", "dtype"}
_REST_OF_LINE = re.compile(rb"[ \t]*,[ \t]*(#[^\n]*)?\n")


@dataclass(frozen=True)
class Growth:
    """Where and how layers can be added; an empty call means that this kind of growth isn't possible.

    Args:
        conv: Layers of the last conv block that a new block repeats, the convolution first.
        conv_after: The layer behind which new conv blocks go.
        pool: The pooling layer that a new block repeats, if it has one.
        pool_callee: What a pooling layer is called in this file; empty if it can't be called.
        dense: The dense layer, and an activation of its own, that a new dense layer repeats.
        dense_before: The output layer, before which new dense layers go.
    """

    conv: tuple[LayerCall, ...] = ()
    conv_after: LayerCall | None = None
    pool: LayerCall | None = None
    pool_callee: str = ""
    dense: tuple[LayerCall, ...] = ()
    dense_before: LayerCall | None = None


def plan(layers: Sequence[LayerCall], group: list[int], outputs: set[int]) -> Growth:
    """Return how the model in `group` can grow."""
    conv = _conv_block(layers, group)
    after = layers[group[block_end(layers, group)]]
    pools = [layers[index] for index in group if layers[index].kind == "pool"]
    heads = [index for index in group if index in outputs and _room(layers[index])]
    room = _room(after) and conv
    return Growth(
        conv=conv if room else (),
        conv_after=after if room else None,
        pool=pools[-1] if pools else None,
        pool_callee=_pool_callee(conv[0], pools) if conv else "",
        dense=_dense_block(layers, group, heads) if heads else (),
        dense_before=layers[heads[-1]] if heads else None,
    )


def _room(layer: LayerCall) -> bool:
    return layer.place is not None and layer.place.node is not None


def _conv_block(layers: Sequence[LayerCall], group: list[int]) -> tuple[LayerCall, ...]:
    """Return the last convolution with the normalisation and activation that follow it."""
    start = max(position for position, index in enumerate(group) if layers[index].kind == "conv")
    block = [layers[group[start]]]
    for index in group[start + 1 :]:
        if layers[index].kind not in ("norm", "activation"):
            break
        block.append(layers[index])
    return tuple(block)


def _dense_block(layers: Sequence[LayerCall], group: list[int], heads: list[int]) -> tuple[LayerCall, ...]:
    """Return the last hidden dense layer with the activation that follows it, else the output layer."""
    hidden = [i for i, index in enumerate(group) if layers[index].kind == "dense" and index < heads[-1]]
    if not hidden:
        return (layers[heads[-1]],)
    block = [layers[group[hidden[-1]]]]
    for index in group[hidden[-1] + 1 :]:
        if layers[index].kind != "activation":
            break
        block.append(layers[index])
    return tuple(block)


def _pool_callee(conv: LayerCall, pools: Sequence[LayerCall]) -> str:
    if pools:
        return pools[-1].site.module.text(pools[-1].site.node.func)
    module, name = conv.site.module, dotted(conv.site.node.func)
    dimension = name[-2:] if name[-2:] in ("1D", "2D", "3D") else "2D"
    if "." in name:
        return f"{name.rpartition('.')[0]}.MaxPooling{dimension}"
    known = (f"MaxPooling{dimension}", f"MaxPool{dimension}")
    return next((local for local, (_, origin) in module.imports.items() if origin in known), "")


def edits(growth: Growth, values: Mapping[str, Value]) -> Iterator[tuple[str, Edit]]:
    """Yield what to insert for these values, with the path of the file."""
    after, before = growth.conv_after, growth.dense_before
    if after is not None and (calls := list(_conv_calls(growth, values))):
        yield after.site.module.source.path, _inserted(after, calls, behind=True)
    if before is not None and (calls := list(_dense_calls(growth, values))):
        yield before.site.module.source.path, _inserted(before, calls, behind=False)


def _conv_calls(growth: Growth, values: Mapping[str, Value]) -> Iterator[str]:
    for number in range(1, int(values.get("growth.conv_layers", 0)) + 1):
        name = f"new_conv{number}"
        yield _conv_text(growth.conv[0], values[f"{name}.filters"], values[f"{name}.kernel_size"])
        for layer in growth.conv[1:]:
            yield _copied(layer, {}, _FIRST_LAYER_ONLY)
        if int(values.get(f"{name}.pool_size", 1)) > 1:
            yield _pool_text(growth, values[f"{name}.pool_size"])


def _conv_text(layer: LayerCall, filters: Value, kernel: Value) -> str:
    sizes = {"filters": str(filters), "rows": str(kernel), "columns": str(kernel)}
    sizes["kernel_size"] = _like(layer.arguments.get("kernel_size"), kernel, layer)
    return _copied(layer, sizes, _FIRST_LAYER_ONLY | {"strides"})


def _pool_text(growth: Growth, size: Value) -> str:
    given = growth.pool.arguments.get("pool_size") if growth.pool else None
    if growth.pool is None or given is None:
        return f"{growth.pool_callee}({size})"
    return _copied(
        growth.pool, {"pool_size": _like(given, size, growth.pool)}, _FIRST_LAYER_ONLY | {"strides"}
    )


def _like(argument: cst.Arg | None, size: Value, layer: LayerCall) -> str:
    """Write a size as the code around it does: ``(3, 3)`` or ``3``."""
    node = argument.value if argument else None
    if not isinstance(node, (cst.Tuple, cst.List)):
        return str(size)
    inside = ", ".join([str(size)] * len(node.elements))
    return f"[{inside}]" if isinstance(node, cst.List) else f"({inside})"


def _dense_calls(growth: Growth, values: Mapping[str, Value]) -> Iterator[str]:
    for number in range(1, int(values.get("growth.dense_layers", 0)) + 1):
        first = growth.dense[0]
        units = values[f"new_dense{number}.units"]
        if first is growth.dense_before:
            yield f"{first.site.module.text(first.site.node.func)}({units}, activation={_activation(growth)})"
            continue
        yield _copied(first, {"units": str(units)}, _FIRST_LAYER_ONLY)
        for layer in growth.dense[1:]:
            yield _copied(layer, {}, _FIRST_LAYER_ONLY)


def _activation(growth: Growth) -> str:
    """Return the convolutions' activation as the developer spells it."""
    given = growth.conv[0].arguments.get("activation") if growth.conv else None
    return _code(given.value) if given else "'relu'"


def _copied(layer: LayerCall, replaced: Mapping[str, str], dropped: set[str]) -> str:
    """Return a layer's call with other values, each argument spelled as it was."""
    module = layer.site.module
    names = {id(argument): name for name, argument in layer.arguments.items()}
    parts = []
    for argument in layer.site.node.args:
        name = names.get(id(argument), "")
        if name not in dropped:
            keyword = _keyword(argument)
            parts.append(keyword + replaced.get(name, _code(argument.value)))
    return f"{module.text(layer.site.node.func)}({', '.join(parts)})"


def _keyword(argument: cst.Arg) -> str:
    """Return ``padding = `` with the developer's own spaces."""
    if argument.keyword is None or not isinstance(argument.equal, cst.AssignEqual):
        return ""
    return argument.keyword.value + _code(argument.equal)


def _code(node: cst.CSTNode) -> str:
    return cst.Module([]).code_for_node(node)


def _inserted(layer: LayerCall, calls: list[str], *, behind: bool) -> Edit:
    place, module = layer.place, layer.site.module
    if place is None or place.node is None:  # `plan` only keeps layers that have room
        raise ValueError(f"there is no room beside the layer at {layer.where}")
    start, end = module.span(place.node)
    normal = module.source.normal
    line_start = normal.rfind(b"\n", 0, start) + 1
    indent = normal[line_start:start].decode()
    if place.style == "list":
        return _in_list(normal, (start, end), indent, calls, behind=behind)
    text = "".join(f"{indent}{line}\n" for line in _statements(place, calls, behind=behind))
    if not behind:
        above = _above_comments(normal, line_start)
        return Edit(above, above, text)
    line_end = normal.find(b"\n", end) + 1
    return Edit(line_end, line_end, text) if line_end else Edit(len(normal), len(normal), f"\n{text}"[:-1])


def _above_comments(normal: bytes, line_start: int) -> int:
    """Return the start of the comment lines directly above a line: they belong to it."""
    while line_start:
        previous = normal.rfind(b"\n", 0, line_start - 1) + 1
        if not normal[previous:line_start].lstrip().startswith(b"#"):
            break
        line_start = previous
    return line_start


def _statements(place: Place, calls: list[str], *, behind: bool) -> Iterator[str]:
    variable = place.target if behind else place.source
    for call in calls:
        yield f"{place.target}.add({call})" if place.style == "add" else f"{variable} = {call}({variable})"


def _in_list(normal: bytes, span: tuple[int, int], indent: str, calls: list[str], *, behind: bool) -> Edit:
    start, end = span
    own_line = not indent.strip()
    if not behind:
        separator = f",\n{indent}" if own_line else ", "
        return Edit(start, start, "".join(f"{call}{separator}" for call in calls))
    rest = _REST_OF_LINE.match(normal, end)
    if own_line and rest:
        return Edit(rest.end(), rest.end(), "".join(f"{indent}{call},\n" for call in calls))
    separator = f",\n{indent}" if own_line else ", "
    return Edit(end, end, "".join(f"{separator}{call}" for call in calls))
