"""Finds convolutions that do not count, and says why: dead code, unused imports, comments."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from include.detector.bindings import Definition, Scope
from include.detector.layers import Family, match_layer
from include.detector.program import Module
from include.detector.reached import Trace
from include.detector.verdict import Evidence

_WORD = re.compile(r"\b(?:Separable|Depthwise)?Conv(?:olution)?[123][dD]\w*|\bconv[123]d\b")
_NOT_NETWORKS = re.compile(
    r"(?:numpy|scipy(?:\.\w+)*|cupy)\.(?:fft)?convolve\w*|cv2\.\w*[fF]ilter2D|scipy\.signal\.\w+"
)
_MOST = 3


def find_near_misses(traced: Trace) -> tuple[Evidence, ...]:
    """At most three lines that look like a convolution and are none, the most telling first."""
    found: dict[tuple[str, int], Evidence] = {}
    for search in (_unreached_calls, _filters, _unused_imports, _words):
        for one in search(traced):
            found.setdefault((one.file, one.line), one)
            if len(found) == _MOST:
                return tuple(found.values())
    return tuple(found.values())


def _unreached_calls(traced: Trace) -> Iterator[Evidence]:
    reached = {node for node, _, _ in traced.nodes}
    for module in traced.modules:
        for node, scope, around in _calls(module):
            if node not in reached and _is_convolution(traced, node, scope):
                yield _evidence(module, node.lineno, _why_unreached(traced, around))


def _calls(module: Module) -> Iterator[tuple[ast.Call, Scope, ast.AST | None]]:
    """Every call with its scope and the definition around it."""
    stack: list[tuple[ast.AST, Scope, ast.AST | None]] = [(module.tree, module.scope, None)]
    while stack:
        node, scope, around = stack.pop()
        if isinstance(node, ast.Call):
            yield node, scope, around
        if isinstance(node, Definition | ast.Lambda):
            scope, around = module.scopes[node], node
        stack.extend((child, scope, around) for child in reversed(list(ast.iter_child_nodes(node))))


def _is_convolution(traced: Trace, node: ast.Call, scope: Scope) -> bool:
    matches = (match_layer(path) for path in traced.resolver.paths(node.func, scope))
    return any(match is not None and match[0].family is Family.CONVOLUTION for match in matches)


def _why_unreached(traced: Trace, around: ast.AST | None) -> str:
    if isinstance(around, Definition) and around not in traced.reached:
        kind = "class" if isinstance(around, ast.ClassDef) else "function"
        return f"This convolution does not count: nothing that runs uses the {kind} `{around.name}`."
    return "This convolution does not count: this code never runs."


def _filters(traced: Trace) -> Iterator[Evidence]:
    for use in traced.uses:
        if any(_NOT_NETWORKS.fullmatch(path) for path in use.paths) and use.call is not None:
            yield _evidence(
                use.module, use.node.lineno, "This is a filter of signal processing, not a layer that learns."
            )


def _unused_imports(traced: Trace) -> Iterator[Evidence]:
    for node, module, _ in traced.nodes:
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if _WORD.fullmatch(alias.name):
                    yield _evidence(
                        module, node.lineno, f"`{alias.name}` is imported but nothing that runs uses it."
                    )


def _words(traced: Trace) -> Iterator[Evidence]:
    for module in traced.modules:
        for number, line in enumerate(module.source.text.split("\n"), 1):
            if match := _WORD.search(line):
                where = "a comment" if "#" in line[: match.start()] else "text or unused code"
                yield _evidence(module, number, f"`{match.group()}` stands only in {where}.")


def _evidence(module: Module, line: int, sentence: str) -> Evidence:
    return Evidence(module.file, line, module.source.line(line), sentence)
