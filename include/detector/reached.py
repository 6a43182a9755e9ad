"""What a script reaches when it is started, as plain data."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from include.detector.bindings import Scope
from include.detector.names import Resolver
from include.detector.program import Module
from include.detector.sources import UnreadableSourceError


@dataclass(frozen=True)
class Use:
    """A library's thing is called, or given to something that may call it, in code that runs.

    Args:
        module: Where.
        node: The call, or the expression that was given.
        scope: Scope of the node.
        paths: Library paths it can stand for; empty when unknown.
        how: "called", "passed" or "inherited".
        method: For a call `x.fit(…)` the name `fit`, else the function's own name.
    """

    module: Module
    node: ast.expr
    scope: Scope
    paths: frozenset[str]
    how: str
    method: str

    @property
    def call(self) -> ast.Call | None:
        """The call, for "called"."""
        return self.node if isinstance(self.node, ast.Call) else None


@dataclass
class Trace:
    """What runs when a script is started.

    Args:
        script: The module that is started.
        modules: It and the local modules it imports, in the order they are reached.
        uses: Calls and references to libraries, in the order they are reached.
        nodes: Every other expression and statement that runs, with its module and scope.
        names: Every function and class of the push that is reached, as its node.
        missing: Local modules that are imported and can't be read.
    """

    script: Module
    resolver: Resolver
    modules: list[Module] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    nodes: list[tuple[ast.AST, Module, Scope]] = field(default_factory=list)
    reached: set[ast.AST] = field(default_factory=set)
    missing: list[UnreadableSourceError] = field(default_factory=list)
