"""Writes new layers in the style of the code around them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import libcst as cst

from include.tweaker.interfaces._anchor import Anchor
from include.tweaker.interfaces._copying import Copier
from include.tweaker.interfaces._growth import Growth
from include.tweaker.interfaces._keras import CLASSIC_SIDES
from include.tweaker.interfaces._source import Edit
from include.tweaker.interfaces._syntax import Module, Scope
from include.tweaker.space import Value

REST_OF_LINE = re.compile(rb"[ \t]*,[ \t]*(#[^\n]*)?\n")


@dataclass(frozen=True)
class New:
    """One new layer: the call that makes it, and a name where it needs one."""

    call: str
    name: str


def grow(growth: Growth, values: Mapping[str, Value], copier: Copier) -> Iterator[tuple[str, Edit]]:
    """Yield what to insert for these values, with the path of the file."""
    if growth.conv_at is not None and (new := list(_conv(growth, growth.conv_at, values, copier))):
        yield from _written(growth, growth.conv_at, new, in_front=growth.before_that)
        pooled = any(one.name.startswith("new_pool") for one in new)
        if pooled and growth.pool is None and growth.pool_callee is not None:
            yield from growth.pool_callee.edits
    if growth.dense_at is not None and (new := list(_dense(growth, growth.dense_at, values, copier))):
        yield from _written(growth, growth.dense_at, new, in_front=True)


def _conv(growth: Growth, at: Anchor, values: Mapping[str, Value], copier: Copier) -> Iterator[New]:
    for number in range(1, _count(values, "growth.conv_layers") + 1):
        name = f"new_conv{number}"
        kernel = values.get(f"{name}.kernel_size", 3)
        yield New(_conv_call(growth, values[f"{name}.filters"], kernel, copier, at.scope), name)
        for place, layer in enumerate(growth.conv[1:], start=2):
            yield New(copier.call(layer, {}, at.scope), f"{name}_{place}")
        size = values.get(f"{name}.pool_size", 1)
        if int(size) > 1:
            yield New(_pool_call(growth, size, copier, at.scope), f"new_pool{number}")


def _count(values: Mapping[str, Value], name: str) -> int:
    return int(values.get(name, 0))


def _conv_call(growth: Growth, filters: Value, kernel: Value, copier: Copier, scope: Scope) -> str:
    layer = growth.conv[0]
    sizes = {"filters": str(filters), **dict.fromkeys(CLASSIC_SIDES, str(kernel))}
    sizes["kernel_size"] = _like(layer.arguments.get("kernel_size"), kernel)
    strides = layer.arguments.get("strides")
    sizes["strides"] = _like(strides, 1) if strides is not None and strides.keyword is None else ""
    if growth.padded:
        sizes["padding"] = '"same"'
    call = copier.call(layer, sizes, scope)
    written = {id(argument) for argument in layer.site.node.args}
    wanted = {"kernel_size"} if "kernel_size" in layer.arguments else set()
    for name in sorted(wanted | ({"padding"} if growth.padded else set())):  # left to a partial, or to Keras
        given = layer.arguments.get(name)
        if given is None or id(given) not in written:
            call = f"{call[:-1]}, {name}={sizes[name]})"
    return call


def _pool_call(growth: Growth, size: Value, copier: Copier, scope: Scope) -> str:
    given = growth.pool.arguments.get("pool_size") if growth.pool else None
    if growth.pool is None or given is None:
        return f"{growth.pool_callee.text if growth.pool_callee else ''}({size})"
    strides = growth.pool.arguments.get("strides")
    step = _like(strides, size) if strides is not None and strides.keyword is None else ""
    return copier.call(growth.pool, {"pool_size": _like(given, size), "strides": step}, scope)


def _like(argument: cst.Arg | None, size: Value) -> str:
    """Write a size as the code around it does: ``(3, 3)`` or ``3``."""
    node = argument.value if argument else None
    if not isinstance(node, (cst.Tuple, cst.List)):
        return str(size)
    inside = ", ".join([str(size)] * len(node.elements))
    if isinstance(node, cst.List):
        return f"[{inside}]"
    return f"({inside},)" if len(node.elements) == 1 else f"({inside})"


def _dense(growth: Growth, at: Anchor, values: Mapping[str, Value], copier: Copier) -> Iterator[New]:
    for number in range(1, _count(values, "growth.dense_layers") + 1):
        first, units = growth.dense[0], values[f"new_dense{number}.units"]
        name = f"new_dense{number}"
        if first is growth.head:
            func = first.site.module.text(first.site.node.func)
            yield New(f"{func}({units}, activation={_activation(growth, copier, at.scope)})", name)
            continue
        yield New(copier.call(first, {"units": str(units)}, at.scope), name)
        for place, layer in enumerate(growth.dense[1:], start=2):
            yield New(copier.call(layer, {}, at.scope), f"{name}_{place}")


def _activation(growth: Growth, copier: Copier, scope: Scope) -> str:
    """Return the convolutions' activation as the developer spells it."""
    layer = growth.conv[0] if growth.conv else None
    given = layer.arguments.get("activation") if layer else None
    text = copier.value(given.value, layer, scope) if given is not None and layer is not None else ""
    return text or "'relu'"


def _written(growth: Growth, at: Anchor, new: list[New], *, in_front: bool) -> Iterator[tuple[str, Edit]]:
    path, module = at.module.source.path, at.module
    calls = [_named(module, one) if growth.named else one.call for one in new]
    if at.style == "list":
        yield path, _in_list(module, at.node, calls, in_front=in_front)
    elif at.style == "add":
        yield (
            path,
            _lines(module, at.node, [f"{at.variable}.add({call})" for call in calls], in_front=in_front),
        )
    elif at.style == "functional":
        lines = [f"{at.variable} = {call}({at.variable})" for call in calls]
        yield path, _lines(module, at.node, lines, in_front=in_front)
    elif at.style == "wrap":
        yield from _wrapped(module, at.node, calls)
    elif at.made is not None:
        names = [f"self.{_free(module, 'self.{}', one.name)}" for one in new]
        made = [f"{name} = {call}" for name, call in zip(names, calls, strict=True)]
        yield path, _lines(module, at.made, made, in_front=in_front)
        if at.variable:
            used = [f"{at.variable} = {name}({at.variable})" for name in names]
            yield path, _lines(module, at.node, used, in_front=in_front)
        else:
            yield from _wrapped(module, at.node, names)


def _named(module: Module, new: New) -> str:
    """Return the call with a name for Keras: the names that it gives may be those that the developer gave."""
    name = _free(module, "{}", new.name)
    separator = "" if new.call.endswith("()") else ", "
    return f'{new.call[:-1]}{separator}name="{name}")'


def _free(module: Module, use: str, name: str) -> str:
    """Return a name that the file doesn't use yet in this way, as the attribute ``self.{}``."""
    while use.format(name).encode() in module.source.normal:
        name += "_"
    return name


def _wrapped(module: Module, node: cst.CSTNode, calls: list[str]) -> Iterator[tuple[str, Edit]]:
    """Apply layers to an expression, the first one innermost."""
    start, end = module.span(node)
    yield module.source.path, Edit(start, start, "".join(f"{call}(" for call in reversed(calls)))
    yield module.source.path, Edit(end, end, ")" * len(calls))


def _lines(module: Module, node: cst.CSTNode, lines: list[str], *, in_front: bool) -> Edit:
    normal = module.source.normal
    start, end = module.span(node)
    line_start = normal.rfind(b"\n", 0, start) + 1
    indent = normal[line_start:start].decode()
    text = "".join(f"{indent}{line}\n" for line in lines)
    if in_front:
        above = _above_comments(normal, line_start)
        return Edit(above, above, text)
    line_end = normal.find(b"\n", end - 1 if normal[end - 1 : end] == b"\n" else end) + 1
    return Edit(line_end, line_end, text) if line_end else Edit(len(normal), len(normal), f"\n{text}"[:-1])


def _above_comments(normal: bytes, line_start: int) -> int:
    """Return the start of the comment lines directly above a line: they belong to it."""
    while line_start:
        previous = normal.rfind(b"\n", 0, line_start - 1) + 1
        if not normal[previous:line_start].lstrip().startswith(b"#"):
            break
        line_start = previous
    return line_start


def _in_list(module: Module, node: cst.CSTNode, calls: list[str], *, in_front: bool) -> Edit:
    normal = module.source.normal
    start, end = module.span(node)
    indent = normal[normal.rfind(b"\n", 0, start) + 1 : start].decode()
    own_line = not indent.strip()
    separator = f",\n{indent}" if own_line else ", "
    if in_front:
        return Edit(start, start, "".join(f"{call}{separator}" for call in calls))
    rest = REST_OF_LINE.match(normal, end)
    if own_line and rest:
        return Edit(rest.end(), rest.end(), "".join(f"{indent}{call},\n" for call in calls))
    return Edit(end, end, "".join(f"{separator}{call}" for call in calls))
