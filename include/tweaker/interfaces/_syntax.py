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
        turned: The loop whose variable a name is, with the way to it in an item: ``(1,)`` for the ``k`` of
            ``for f, k in …``. Only names that one loop binds and nothing else.
        returns: The expressions that a function returns.
        bases: A class's, as written.
        decorators: A function's, without their arguments.
        annotations: A function's, of its parameters.
        attributes: What ``self.name`` is assigned in a class's methods, with the method.
    """

    kind: str
    name: str
    parent: Scope | None
    module: Module
    parameters: dict[str, cst.BaseExpression | None] = field(default_factory=dict)
    bindings: dict[str, list[cst.BaseExpression | None]] = field(default_factory=dict)
    turned: dict[str, list[tuple[Loop, tuple[int, ...]]]] = field(default_factory=dict)
    returns: list[cst.BaseExpression] = field(default_factory=list)
    bases: tuple[str, ...] = ()
    decorators: tuple[str, ...] = ()
    annotations: dict[str, cst.BaseExpression] = field(default_factory=dict)
    attributes: dict[str, list[tuple[cst.BaseExpression | None, Scope]]] = field(default_factory=dict)


@dataclass(eq=False)
class Loop:
    """A ``for`` statement or a comprehension; `iterable` is None where it can't be unrolled (``while``)."""

    node: cst.CSTNode
    iterable: cst.BaseExpression | None
    scope: Scope


@dataclass(eq=False)
class CallSite:
    """One call.

    Args:
        statement: The line that holds it, if it is the only statement there.
        loops: Around it in the same function, outermost first.
        conditional: Whether it runs depends on a condition.
    """

    node: cst.Call
    scope: Scope
    module: Module
    statement: cst.SimpleStatementLine | None
    loops: tuple[Loop, ...] = ()
    conditional: bool = False

    @property
    def looped(self) -> bool:
        """Return whether it runs more than once: inside a loop or a comprehension."""
        return bool(self.loops)


@dataclass(eq=False)
class Copied:
    """``target = source`` without a call: the same value under another name."""

    target: str
    source: cst.BaseExpression
    scope: Scope
    node: cst.CSTNode
    loops: tuple[Loop, ...] = ()


Event = CallSite | Copied


@dataclass(eq=False)
class Module:
    """A parsed file.

    Args:
        imports: Local names with ``(module, name in it or None)``.
        classes: By name, wherever they are defined.
        functions: Each function's scope.
        calls: In the order in which they were met.
        copies: Assignments of one name to another.
    """

    source: SourceFile
    spans: Mapping[cst.CSTNode, CodeSpan]
    scope: Scope = field(init=False)
    imports: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    import_lines: list[tuple[str, cst.SimpleStatementLine]] = field(default_factory=list)
    classes: dict[str, Scope] = field(default_factory=dict)
    functions: list[Scope] = field(default_factory=list)
    calls: list[CallSite] = field(default_factory=list)
    copies: list[Copied] = field(default_factory=list)

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

    def events(self) -> list[Event]:
        """Return calls and copies in the order in which they run: a call's arguments before the call."""
        every: list[Event] = [
            *self.calls,
            *self.copies,
        ]  # a call that ends a copied expression runs before it
        return sorted(every, key=lambda one: self.span(one.node)[1])


def parse(source: SourceFile) -> Module:
    """Parse a file.

    Raises:
        UnreadableSourceError: It isn't Python 3.
    """
    from include.tweaker.interfaces._reader import Reader

    text = source.normal.decode()
    try:
        tree = cst.parse_module(text)
        if tree.code != text:
            raise UnreadableSourceError(f"{source.path} can't be rewritten byte for byte")
        wrapper = MetadataWrapper(tree, unsafe_skip_copy=True)
        spans = cast("Mapping[cst.CSTNode, CodeSpan]", wrapper.resolve(ByteSpanPositionProvider))
        module = Module(source, spans)
        module.scope = Scope("module", "", None, module)
        tree.visit(Reader(module))
    except cst.ParserSyntaxError as error:
        raise UnreadableSourceError(f"{source.path} isn't Python 3") from error
    except RecursionError as error:
        raise UnreadableSourceError(f"{source.path} is nested too deeply to be read") from error
    return module


def dotted(node: cst.BaseExpression) -> str:
    """Return ``keras.layers.Dense`` for that expression; an empty string where it is no plain name."""
    if isinstance(node, cst.Attribute):
        front = dotted(node.value)
        return f"{front}.{node.attr.value}" if front else ""
    return node.value if isinstance(node, cst.Name) else ""
