"""Reads one parsed file: its scopes, what its names are bound to, and the calls in it."""

from __future__ import annotations

import libcst as cst

from include.tweaker.interfaces._syntax import CallSite, Copied, Loop, Module, Scope, dotted

_COMPREHENSIONS = (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)
_LOOPS = (cst.For, cst.While, *_COMPREHENSIONS)
_CONDITIONS = (cst.If, cst.IfExp, cst.Try)


class Reader(cst.CSTVisitor):
    """Fills a `Module`."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.scopes = [module.scope]
        self.statements: list[cst.SimpleStatementLine | None] = [None]
        self.loops: list[list[Loop]] = [[]]  # of each scope
        self.conditions = [0]

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Note loops and conditions on the way in."""
        if isinstance(node, _LOOPS):
            self.loops[-1].append(Loop(node, _iterable(node), self.scopes[-1]))
        if isinstance(node, _CONDITIONS) and not _is_main_check(node):
            self.conditions[-1] += 1
        return super().on_visit(node)

    def on_leave(self, original_node: cst.CSTNode) -> None:
        """Forget them on the way out."""
        super().on_leave(original_node)
        if isinstance(original_node, _LOOPS):
            self.loops[-1].pop()
        if isinstance(original_node, _CONDITIONS) and not _is_main_check(original_node):
            self.conditions[-1] -= 1

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        """Open a function's scope."""
        scope = Scope("function", node.name.value, self.scopes[-1], self.module)
        every = (*node.params.posonly_params, *node.params.params, *node.params.kwonly_params)
        scope.parameters = {p.name.value: p.default for p in every}
        scope.annotations = {p.name.value: p.annotation.annotation for p in every if p.annotation}
        scope.decorators = tuple(_called(d.decorator) for d in node.decorators)
        self.module.functions.append(scope)
        self._enter(scope)

    def leave_FunctionDef(self, original_node: cst.FunctionDef) -> None:
        """Close it."""
        self._leave()

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        """Open a class's scope."""
        scope = Scope("class", node.name.value, self.scopes[-1], self.module)
        scope.bases = tuple(dotted(argument.value) for argument in node.bases)
        self.module.classes[node.name.value] = scope
        self._enter(scope)

    def leave_ClassDef(self, original_node: cst.ClassDef) -> None:
        """Close it."""
        self._leave()

    def _enter(self, scope: Scope) -> None:
        self.scopes.append(scope)
        self.loops.append([])
        self.conditions.append(0)

    def _leave(self) -> None:
        self.scopes.pop()
        self.loops.pop()
        self.conditions.pop()

    def visit_SimpleStatementLine(self, node: cst.SimpleStatementLine) -> None:
        """Note the statement that the calls below belong to."""
        self.statements.append(node if len(node.body) == 1 else None)

    def leave_SimpleStatementLine(self, original_node: cst.SimpleStatementLine) -> None:
        """Forget it."""
        self.statements.pop()

    def visit_SimpleStatementSuite(self, node: cst.SimpleStatementSuite) -> None:
        """``if a: b()`` has no line of its own."""
        self.statements.append(None)

    def leave_SimpleStatementSuite(self, original_node: cst.SimpleStatementSuite) -> None:
        """Forget it."""
        self.statements.pop()

    def visit_Assign(self, node: cst.Assign) -> None:
        """Bind each target."""
        for target in node.targets:
            self._bind(target.target, node.value)
            if name := dotted(target.target):
                self._copy(name, node.value, node)

    def _copy(self, name: str, value: cst.BaseExpression, node: cst.CSTNode) -> None:
        if not isinstance(value, cst.Call):
            self.module.copies.append(Copied(name, value, self.scopes[-1], node, tuple(self.loops[-1])))

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        """Bind ``a: int = 1``."""
        if node.value is not None:
            self._bind(node.target, node.value)

    def visit_AugAssign(self, node: cst.AugAssign) -> None:
        """``a += 1`` makes a's value unknown."""
        self._bind(node.target, None)

    def visit_For(self, node: cst.For) -> None:
        """Bind the loop's variables."""
        self._turn(node.target, self.loops[-1][-1], ())

    def visit_CompFor(self, node: cst.CompFor) -> None:
        """Bind a comprehension's variables."""
        loop = self.loops[-1][-1]
        if loop.iterable is node.iter:
            self._turn(node.target, loop, ())
        else:
            self._bind(node.target, None)

    def _turn(self, target: cst.BaseExpression, loop: Loop, way: tuple[int, ...]) -> None:
        if isinstance(target, cst.Name):
            scope = self.scopes[-1]
            scope.bindings.setdefault(target.value, []).append(None)
            scope.turned.setdefault(target.value, []).append((loop, way))
        elif isinstance(target, (cst.Tuple, cst.List)):
            for index, element in enumerate(target.elements):
                self._turn(element.value, loop, (*way, index))

    def visit_NamedExpr(self, node: cst.NamedExpr) -> None:
        """``(a := …)`` makes a's value unknown."""
        self._bind(node.target, None)

    def visit_Global(self, node: cst.Global) -> None:
        """The module's value may change at any time."""
        for item in node.names:
            self.module.scope.bindings.setdefault(item.name.value, []).append(None)

    def visit_Return(self, node: cst.Return) -> None:
        """Note what a function returns."""
        if node.value is not None:
            self.scopes[-1].returns.append(node.value)

    def _bind(self, target: cst.BaseExpression, value: cst.BaseExpression | None) -> None:
        bindings = self.scopes[-1].bindings
        if isinstance(target, cst.Name):
            bindings.setdefault(target.value, []).append(value)
        elif isinstance(target, (cst.Tuple, cst.List)):
            values = _matching(target, value)
            for element, part in zip(target.elements, values, strict=True):
                self._bind(element.value, part)
        elif (owner := dotted(target)).startswith("self.") and len(self.scopes) > 1:
            home = self.scopes[-2]
            if home.kind == "class":
                home.attributes.setdefault(owner, []).append((value, self.scopes[-1]))

    def visit_Import(self, node: cst.Import) -> None:
        """Note ``import a.b as c``."""
        for alias in node.names:
            full = dotted(alias.name)
            local = alias.evaluated_alias
            top = full.split(".")[0]  # without "as", only the first part becomes a name
            self.module.imports[local or top] = (full if local else top, None)
            self._import_line(full)

    def visit_ImportFrom(self, node: cst.ImportFrom) -> None:
        """Note ``from a import b as c``."""
        origin = "." * len(node.relative) + (dotted(node.module) if node.module else "")
        self._import_line(origin)
        if isinstance(node.names, cst.ImportStar):
            self.module.imports[f"*{origin}"] = (origin, "*")
            return
        for alias in node.names:
            self.module.imports[alias.evaluated_alias or alias.evaluated_name] = (
                origin,
                alias.evaluated_name,
            )

    def _import_line(self, origin: str) -> None:
        statement = self.statements[-1]
        if statement is not None and len(self.scopes) == 1 and not self.conditions[-1]:
            self.module.import_lines.append((origin, statement))

    def visit_Call(self, node: cst.Call) -> None:
        """Note a call with what is around it."""
        conditional = self.conditions[-1] > 0
        loops = tuple(self.loops[-1])
        site = CallSite(node, self.scopes[-1], self.module, self.statements[-1], loops, conditional)
        self.module.calls.append(site)


def _called(node: cst.BaseExpression) -> str:
    return dotted(node.func if isinstance(node, cst.Call) else node)


def _iterable(node: cst.CSTNode) -> cst.BaseExpression | None:
    if isinstance(node, cst.For):
        return node.iter
    if isinstance(node, _COMPREHENSIONS) and node.for_in.inner_for_in is None and not node.for_in.ifs:
        return node.for_in.iter
    return None


def _is_main_check(node: cst.CSTNode) -> bool:
    """Return whether a node is ``if __name__ == "__main__":``, which always holds for the script."""
    comparison = node.test if isinstance(node, cst.If) else None
    return isinstance(comparison, cst.Comparison) and dotted(comparison.left) == "__name__"


def _matching(
    target: cst.Tuple | cst.List, value: cst.BaseExpression | None
) -> list[cst.BaseExpression | None]:
    """Return the parts of ``a, b = 1, 2`` one by one."""
    count = len(target.elements)
    starred = any(isinstance(element, cst.StarredElement) for element in target.elements)
    if isinstance(value, (cst.Tuple, cst.List)) and len(value.elements) == count and not starred:
        return [element.value for element in value.elements]
    return [None] * count
