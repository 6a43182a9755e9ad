"""Texts that a value is made from, however: `hub.KerasLayer(URLS.get(name))` or `"…/{}".format(name)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import islice

from include.detector.bindings import Assigned, Scope

_DEEPEST = 4
_MOST_NODES = 2_000
_MOST_BINDINGS = 8


def texts_behind(nodes: list[ast.expr], scope: Scope) -> Iterator[str]:
    """All texts in the expressions and in what their names were assigned, the near ones first."""
    pending = [(node, scope, 0) for node in nodes]
    seen: set[ast.expr] = set(nodes)
    left = _MOST_NODES
    while pending and left > 0:
        node, home, depth = pending.pop(0)
        for inner in islice(ast.walk(node), left):
            left -= 1
            if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                yield inner.value
            elif isinstance(inner, ast.Name) and depth < _DEEPEST:
                for assigned in _assigned(inner.id, home):
                    if assigned.value not in seen:
                        seen.add(assigned.value)
                        pending.append((assigned.value, assigned.scope, depth + 1))


def _assigned(name: str, scope: Scope) -> list[Assigned]:
    for level in scope.chain():
        if bindings := level.bindings.get(name):
            return [one for one in bindings[:_MOST_BINDINGS] if isinstance(one, Assigned)]
    return []
