"""Follows the code from the training script's first line: what is reached, what it calls and refers to."""

from __future__ import annotations

import ast
import posixpath
from collections import deque
from collections.abc import Iterable

from include.detector.bindings import Defined, Definition, Imported, Scope
from include.detector.constants import text, truth
from include.detector.definitions import definition_parts, own_name, passed
from include.detector.names import Resolver
from include.detector.program import Module, Program
from include.detector.reachability import live, live_children
from include.detector.reached import Trace, Use
from include.detector.sources import UnreadableSourceError
from include.detector.values import External, Instance, Local, LocalModule, Values, place

_NEUTRAL_DECORATORS = frozenset(
    [
        "builtins.staticmethod",
        "builtins.classmethod",
        "builtins.property",
        "functools.wraps",
        "functools.lru_cache",
        "functools.cache",
        "contextlib.contextmanager",
        "tensorflow.function",
        "torch.no_grad",
        "numba.jit",
        "numba.njit",
        "dataclasses.dataclass",
        "functools.cached_property",
        "abc.abstractmethod",
        "typing.overload",
    ]
)
_RUNS_FILE = frozenset({"runpy.run_path", "builtins.execfile"})
_MODULE_LOADERS = frozenset({"importlib.import_module", "builtins.__import__", "runpy.run_module"})
_RUNS_MAIN = frozenset(
    {
        "tensorflow.app.run",
        "tensorflow.compat.v1.app.run",
        "tensorflow.python.platform.app.run",
        "absl.app.run",
        "fire.Fire",
    }
)
_SEARCH_PATHS = frozenset({"sys.path.append", "sys.path.insert", "site.addsitedir"})
_TOUCHES_ONLY = frozenset(
    f"builtins.{name}"
    for name in [
        "print",
        "isinstance",
        "issubclass",
        "type",
        "help",
        "dir",
        "repr",
        "str",
        "id",
        "hasattr",
        "vars",
    ]
) | {"functools.wraps", "functools.update_wrapper"}


def trace(program: Program, script: str) -> Trace:
    """Follow the code from a script.

    Raises:
        UnreadableSourceError: The script itself can't be read, or is nested too deeply to be followed.
    """
    module = program.load(script)
    tracer = _Tracer(program, Trace(module, Resolver(program)))
    tracer.resolver.modules = tracer.result.modules
    try:
        tracer.run()
    except RecursionError as error:
        complaint = "is nested too deeply to be analysed"
        raise UnreadableSourceError(script, "deeply nested code", complaint) from error
    return tracer.result


class _Tracer:
    def __init__(self, program: Program, result: Trace) -> None:
        self.program = program
        self.result = result
        self.resolver = result.resolver
        self._units: deque[tuple[Module, Iterable[ast.AST], Scope]] = deque()
        self._attributes: set[str] = set()
        self._waiting: dict[str, list[Local]] = {}

    def run(self) -> None:
        self._reach_module(self.result.script)
        try:
            while self._units:
                module, nodes, scope = self._units.popleft()
                self._walk(module, list(nodes), scope)
        except UnreadableSourceError as error:  # what was found so far still counts
            self.result.missing.append(error)
            self.program.unreadable.setdefault(error.file, error)

    def _walk(self, module: Module, nodes: list[ast.AST], scope: Scope) -> None:
        is_script = module is self.result.script
        stack = [(node, scope) for node in reversed(nodes)]
        while stack:
            node, here = stack.pop()
            self._count_visit()
            self._visit(node, module, here)
            if isinstance(node, Definition | ast.Lambda):
                children = [(child, inner) for child, inner in definition_parts(node, module, here)]
            else:

                def known(test: ast.expr, here: Scope = here) -> bool | None:
                    return truth(test, here, self.resolver, is_script=is_script)

                children = [(child, here) for child in live_children(node, known)]
            stack.extend(reversed(children))

    def _count_visit(self) -> None:
        if not self.program.may_visit():
            complaint = "and what it imports are too much code to be analysed"
            raise UnreadableSourceError(self.result.script.file, "oversized push", complaint)

    def _visit(self, node: ast.AST, module: Module, scope: Scope) -> None:
        self.result.nodes.append((node, module, scope))
        match node:
            case ast.Call():
                self._visit_call(node, module, scope)
            case ast.Name(ctx=ast.Load()) | ast.Attribute(ctx=ast.Load()):
                self._refer(node, scope)
            case ast.Import(names=names):
                for alias in names:
                    self._reach_import(Imported(alias.name), module)
            case ast.ImportFrom(module=path, names=names, level=level):
                for alias in names:
                    self._reach_import(Imported(path or "", alias.name, level), module)
            case ast.FunctionDef() | ast.AsyncFunctionDef() if self._registers(node, scope):
                self._reach(Local(module, node))

    def _visit_call(self, node: ast.Call, module: Module, scope: Scope) -> None:
        paths = self.resolver.paths(node.func, scope)
        method = own_name(node.func)
        self.result.uses.append(Use(module, node, scope, paths, "called", method))
        if not paths & _TOUCHES_ONLY:
            for given in passed(node):
                if found := self.resolver.paths(given, scope):
                    self.result.uses.append(Use(module, given, scope, found, "passed", own_name(given)))
        if not isinstance(node.func, ast.Name | ast.Attribute):
            self._reach_all(self.resolver.resolve(node.func, scope))
        self._follow_file(node, paths, module, scope)
        if paths & _SEARCH_PATHS and node.args:
            self._search_also(node.args[-1], module, scope)
        if paths & _RUNS_MAIN and not node.args:
            self._reach_main(everything="fire.Fire" in paths)

    def _search_also(self, node: ast.expr, module: Module, scope: Scope) -> None:
        """Take the folder of `sys.path.append(…)` as seen from the script and from the repository's root."""
        if folder := text(node, scope, self.resolver):
            here = posixpath.dirname(module.file)
            self.program.search_also(posixpath.join(here, folder))
            self.program.search_also(folder)

    def _reach_main(self, *, everything: bool) -> None:
        """`app.run()` calls the script's own `main`, `fire.Fire()` any function of it."""
        script = self.result.script
        wanted = list(script.scope.bindings) if everything else ["main"]
        for name in wanted:
            for binding in script.scope.bindings.get(name, []):
                if isinstance(binding, Defined):
                    self._reach(Local(script, binding.node))

    def _follow_file(self, node: ast.Call, paths: frozenset[str], module: Module, scope: Scope) -> None:
        """Follow `runpy.run_path("x.py")`, `import_module("x")` and `exec(open("x.py").read())`."""
        if paths & _MODULE_LOADERS and node.args and (name := text(node.args[0], scope, self.resolver)):
            self._reach_import(Imported(name), module)
        if paths & (_RUNS_FILE | {"builtins.exec"}):
            for inner in ast.walk(node):
                if (
                    isinstance(inner, ast.Constant)
                    and isinstance(file := inner.value, str)
                    and file.endswith(".py")
                ):
                    dotted = file.removesuffix(".py").removeprefix("./").replace("/", ".")
                    self._reach_import(Imported(dotted), module)

    def _refer(self, node: ast.Name | ast.Attribute, scope: Scope) -> None:
        if isinstance(node, ast.Attribute) and node.attr not in self._attributes:
            self._attributes.add(node.attr)
            for method in self._waiting.pop(node.attr, []):
                self._reach(method)
        self._reach_all(self.resolver.resolve(node, scope))

    def _reach_all(self, values: Values) -> None:
        for value in sorted(values, key=place):
            match value:
                case Local():
                    self._reach(value)
                case Instance(of):
                    self._reach(of)
                case LocalModule(module):
                    self._reach_module(module)
                case _:
                    pass

    def _reach_module(self, module: Module) -> None:
        if module.tree not in self.result.reached:
            self.result.reached.add(module.tree)
            self.result.modules.append(module)
            self._units.append((module, live(module.tree.body), module.scope))

    def _reach_import(self, imported: Imported, importer: Module) -> None:
        parents = imported.path.split(".") if imported.path else []
        paths = [".".join(parents[: count + 1]) for count in range(len(parents))]
        if imported.name:
            paths.append(f"{imported.path}.{imported.name}" if imported.path else imported.name)
        for path in paths:
            if module := self.program.find(path, importer.file, imported.level):
                self._reach_module(module)
            elif error := self.program.refused(path, importer.file, imported.level):
                self.result.missing.append(error)

    def _reach(self, local: Local) -> None:
        if local.node in self.result.reached:
            return
        self.result.reached.add(local.node)
        scope = local.module.scopes[local.node]
        if isinstance(local.node, ast.ClassDef):
            self._reach_class(local, local.node)
        elif not isinstance(local.node, ast.Lambda):
            self._units.append((local.module, live(local.node.body), scope))

    def _reach_class(self, local: Local, node: ast.ClassDef) -> None:
        outer = local.module.scopes[node].parent or local.module.scope
        foreign = False
        for base in node.bases:
            values = self.resolver.resolve(base, outer)
            paths = frozenset(value.path for value in values if isinstance(value, External)) - {
                "builtins.object"
            }
            foreign = foreign or bool(paths) or not values
            if paths:
                use = Use(local.module, base, outer, paths, "inherited", own_name(base))
                self.result.uses.append(use)
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                name, method = statement.name, Local(local.module, statement)
                if foreign or name.startswith("__") or name in self._attributes:
                    self._reach(method)
                else:
                    self._waiting.setdefault(name, []).append(method)

    def _registers(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> bool:
        """Whether a decorator hands the function to something that calls it, as `@app.command()` does."""
        if isinstance(scope.node, ast.ClassDef):
            return False
        for decorator in node.decorator_list:
            target = decorator.func if isinstance(decorator, ast.Call) else decorator
            paths = self.resolver.paths(target, scope)
            if paths and not paths & _NEUTRAL_DECORATORS:
                return True
        return False
