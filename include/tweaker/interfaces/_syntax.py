"""What stands in one Python file: scopes, names, calls, and the statement around each call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, CodeSpan, MetadataWrapper

from include.tweaker.interfaces._source import SourceFile, UnreadableSourceError


@dataclass(eq=False)
class Scope:
    """A module, function or class body.

    Args:
        kind: ``module``, ``function`` or ``class``.
        name: Of the function or class; empty for a module.
        parent: The scope around it.
        parameters: A function's, in order, each with its default expression or None.
        bindings: What each name is assigned; None where the value can't be known (loop variable, ``+=``).
    """

    kind: str
    name: str
    parent: Scope | None
    module: Module
    parameters: dict[str, cst.BaseExpression | None] = field(default_factory=dict)
    bindings: dict[str, list[cst.BaseExpression | None]] = field(default_factory=dict)


@dataclass(eq=False)
class CallSite:
    """One call.

    Args:
        statement: The line that holds it, if it is the only statement there.
        looped: It runs more than once: inside a loop or a comprehension.
    """

    node: cst.Call
    scope: Scope
    module: Module
    statement: cst.SimpleStatementLine | None
    looped: bool


@dataclass(eq=False)
class Module:
    """A parsed file; `imports` maps a local name to ``(module, name in it or None)``."""

    source: SourceFile
    spans: Mapping[cst.CSTNode, CodeSpan]
    scope: Scope = field(init=False)
    imports: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    classes: dict[str, Scope] = field(default_factory=dict)
    calls: list[CallSite] = field(default_factory=list)

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        """Return where a node starts and ends, in bytes of the normal text."""
        found = self.spans[node]
        return found.start, found.start + found.length

    def text(self, node: cst.CSTNode) -> str:
        """Return a node's source as it stands in the file."""
        start, end = self.span(node)
        return self.source.normal[start:end].decode()

    def line(self, node: cst.CSTNode) -> int:
        """Return a node's line number, from 1."""
        return self.source.line(self.span(node)[0])


def parse(source: SourceFile) -> Module:
    """Parse a file.

    Raises:
        UnreadableSourceError: It isn't Python 3.
    """
    text = source.normal.decode()
    try:
        tree = cst.parse_module(text)
    except (cst.ParserSyntaxError, RecursionError) as error:
        raise UnreadableSourceError(f"{source.path} isn't Python 3") from error
    if tree.code != text:
        raise UnreadableSourceError(f"{source.path} can't be rewritten byte for byte")
    wrapper = MetadataWrapper(tree, unsafe_skip_copy=True)
    spans = cast("Mapping[cst.CSTNode, CodeSpan]", wrapper.resolve(ByteSpanPositionProvider))
    module = Module(source, spans)
    module.scope = Scope("module", "", None, module)
    tree.visit(_Reader(module))
    return module


_LOOPS = (cst.For, cst.While, cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)


class _Reader(cst.CSTVisitor):
    def __init__(self, module: Module) -> None:
        self.module = module
        self.scopes = [module.scope]
        self.statements: list[cst.SimpleStatementLine | None] = [None]
        self.loops = 0

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, _LOOPS):
            self.loops += 1
        return super().on_visit(node)

    def on_leave(self, original_node: cst.CSTNode) -> None:
        super().on_leave(original_node)
        if isinstance(original_node, _LOOPS):
            self.loops -= 1

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        scope = Scope("function", node.name.value, self.scopes[-1], self.module)
        every = (*node.params.posonly_params, *node.params.params, *node.params.kwonly_params)
        scope.parameters = {p.name.value: p.default for p in every}
        self.scopes.append(scope)

    def leave_FunctionDef(self, original_node: cst.FunctionDef) -> None:
        self.scopes.pop()

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        scope = Scope("class", node.name.value, self.scopes[-1], self.module)
        self.module.classes[node.name.value] = scope
        self.scopes.append(scope)

    def leave_ClassDef(self, original_node: cst.ClassDef) -> None:
        self.scopes.pop()

    def visit_SimpleStatementLine(self, node: cst.SimpleStatementLine) -> None:
        self.statements.append(node if len(node.body) == 1 else None)

    def leave_SimpleStatementLine(self, original_node: cst.SimpleStatementLine) -> None:
        self.statements.pop()

    def visit_SimpleStatementSuite(self, node: cst.SimpleStatementSuite) -> None:
        self.statements.append(None)

    def leave_SimpleStatementSuite(self, original_node: cst.SimpleStatementSuite) -> None:
        self.statements.pop()

    def visit_Assign(self, node: cst.Assign) -> None:
        for target in node.targets:
            self._bind(target.target, node.value)

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        if node.value is not None:
            self._bind(node.target, node.value)

    def visit_AugAssign(self, node: cst.AugAssign) -> None:
        self._bind(node.target, None)

    def visit_For(self, node: cst.For) -> None:
        self._bind(node.target, None)

    def visit_CompFor(self, node: cst.CompFor) -> None:
        self._bind(node.target, None)

    def visit_NamedExpr(self, node: cst.NamedExpr) -> None:
        self._bind(node.target, None)

    def visit_Global(self, node: cst.Global) -> None:
        for item in node.names:  # the module's value may change at any time
            self.module.scope.bindings.setdefault(item.name.value, []).append(None)

    def _bind(self, target: cst.BaseExpression, value: cst.BaseExpression | None) -> None:
        bindings = self.scopes[-1].bindings
        if isinstance(target, cst.Name):
            bindings.setdefault(target.value, []).append(value)
        elif isinstance(target, (cst.Tuple, cst.List)):
            values = _matching(target, value)
            for element, part in zip(target.elements, values, strict=True):
                self._bind(element.value, part)

    def visit_Import(self, node: cst.Import) -> None:
        for alias in node.names:
            full = dotted(alias.name)
            local = alias.evaluated_alias
            top = full.split(".")[0]  # without "as", only the first part becomes a name
            self.module.imports[local or top] = (full if local else top, None)

    def visit_ImportFrom(self, node: cst.ImportFrom) -> None:
        origin = "." * len(node.relative) + (dotted(node.module) if node.module else "")
        if isinstance(node.names, cst.ImportStar):
            self.module.imports[f"*{origin}"] = (origin, "*")
            return
        for alias in node.names:
            self.module.imports[alias.evaluated_alias or alias.evaluated_name] = (
                origin,
                alias.evaluated_name,
            )

    def visit_Call(self, node: cst.Call) -> None:
        site = CallSite(node, self.scopes[-1], self.module, self.statements[-1], self.loops > 0)
        self.module.calls.append(site)


def _matching(
    target: cst.Tuple | cst.List, value: cst.BaseExpression | None
) -> list[cst.BaseExpression | None]:
    """Return the parts of ``a, b = 1, 2`` one by one."""
    count = len(target.elements)
    starred = any(isinstance(element, cst.StarredElement) for element in target.elements)
    if isinstance(value, (cst.Tuple, cst.List)) and len(value.elements) == count and not starred:
        return [element.value for element in value.elements]
    return [None] * count


def dotted(node: cst.BaseExpression) -> str:
    """Return ``keras.layers.Dense`` for that expression; an empty string where it is no plain name."""
    if isinstance(node, cst.Attribute):
        front = dotted(node.value)
        return f"{front}.{node.attr.value}" if front else ""
    return node.value if isinstance(node, cst.Name) else ""
