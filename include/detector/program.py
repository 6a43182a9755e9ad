"""The pushed Python files: found without following links, parsed on demand, imports between them resolved."""

from __future__ import annotations

import ast
import os
import posixpath
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from include.detector import limits
from include.detector.bindings import Scope
from include.detector.frameworks import LIBRARY_ROOTS
from include.detector.parsing import Parser
from include.detector.scopes import TooManyNodesError, build_scopes
from include.detector.sources import Source, UnreadableSourceError, read_source

_SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules", "site-packages", "venv", "env", "virtualenv"})
_SUFFIXES = (".py", ".ipynb")
_VISITS_BETWEEN_LOOKS = 256  # at the clock


@dataclass(eq=False)
class Module:
    """One parsed file of the push.

    Args:
        source: Its text and name.
        tree: Its syntax tree.
        scopes: The scopes of the module and all functions and classes in it, by their node.
    """

    source: Source
    tree: ast.Module
    scopes: dict[ast.AST, Scope]
    _mentions: Counter[str] | None = None

    @property
    def file(self) -> str:
        """Path relative to the inspected folder."""
        return self.source.file

    @property
    def scope(self) -> Scope:
        """The module's own scope."""
        return self.scopes[self.tree]

    def mentions(self) -> Counter[str]:
        """How often each name is read, alone or as an attribute, or imported under another name."""
        if self._mentions is None:
            self._mentions = Counter(_read_names(self.tree))
        return self._mentions


@dataclass
class Program:
    """All Python files of a folder.

    Args:
        root: The folder.
        files: Paths relative to it, with forward slashes, nearest to the root first.
        single: Only the first file is pushed; what it imports is looked for below the folder on demand.
    """

    root: Path
    files: tuple[str, ...]
    single: bool = False
    unreadable: dict[str, UnreadableSourceError] = field(default_factory=dict)
    search_folders: tuple[str, ...] = ("", "src")
    visits_left: int = limits.VISITS
    _bytes_left: int = limits.PUSH_BYTES
    _modules: dict[str, Module] = field(default_factory=dict)
    _owners: dict[ast.AST, Module] = field(default_factory=dict)
    _sources: dict[str, Source] = field(default_factory=dict)
    _parser: Parser = field(default_factory=Parser)
    _located: dict[tuple[str, str, int], str | None] = field(default_factory=dict)

    _known: frozenset[str] = frozenset()
    _enough: float = field(default_factory=lambda: time.process_time() + limits.FOLLOWING_SECONDS)

    def __post_init__(self) -> None:
        self._known = frozenset(self.files)

    def may_visit(self) -> bool:
        """Count one more node that is followed; false when there were too many or they took too long."""
        self.visits_left -= 1
        if not self.visits_left % _VISITS_BETWEEN_LOOKS and time.process_time() > self._enough:
            self.visits_left = 0
        return self.visits_left > 0

    def source(self, file: str) -> Source:
        """Text of one file.

        Raises:
            UnreadableSourceError: It can't be read; asked again, the same error.
        """
        if file in self.unreadable:
            raise self.unreadable[file]
        if file not in self._sources:
            try:
                source = self._sources[file] = read_source(self.root / file, file, self._bytes_left)
            except UnreadableSourceError as error:
                self.unreadable[file] = error
                raise
            self._bytes_left -= len(source.text)
        return self._sources[file]

    def load(self, file: str) -> Module:
        """Parse one file, once.

        Raises:
            UnreadableSourceError: It can't be read or parsed; asked again, the same error.
        """
        if file not in self._modules:
            source = self.source(file)
            try:
                module = self._modules[file] = self._analyse(source)
            except UnreadableSourceError as error:
                self.unreadable[file] = error
                raise
            self._owners[module.tree] = module
        return self._modules[file]

    def _analyse(self, source: Source) -> Module:
        tree = self._parser.parse(source)
        try:
            return Module(source, tree, build_scopes(tree))
        except TooManyNodesError as error:
            complaint = "contains too much code to be analysed; keep data out of the script"
            raise UnreadableSourceError(source.file, "oversized file", complaint) from error

    def obstacle(self, module: Module) -> str:
        """A sentence that says why Python would not run the module's text as it is; empty where it would."""
        return self._parser.obstacles.get(module.file, "")

    def owner(self, scope: Scope) -> Module:
        """The module that a scope belongs to."""
        return self._owners[scope.module().node]

    def find(self, path: str, importer: str, level: int = 0) -> Module | None:
        """The local module that an import names, or None when it is a library or can't be read.

        Args:
            path: Dotted path as written after `import` or `from`.
            importer: The importing file.
            level: Dots of a relative import.
        """
        file = self._locate(path, importer, level)
        if file is None:
            return None
        try:
            return self.load(file)
        except UnreadableSourceError:
            return None

    def refused(self, path: str, importer: str, level: int = 0) -> UnreadableSourceError | None:
        """Why the local module that an import names could not be read, after `find` found none."""
        return self.unreadable.get(self._locate(path, importer, level) or "")

    def _locate(self, path: str, importer: str, level: int) -> str | None:
        if not level and path.partition(".")[0] in LIBRARY_ROOTS:
            return None
        key = (path, posixpath.dirname(importer), level)
        if key not in self._located:
            self._located[key] = self._search(*key)
        return self._located[key]

    def _search(self, path: str, folder: str, level: int) -> str | None:
        for _ in range(level - 1):
            folder = posixpath.dirname(folder)
        bases = [folder] if level else [*_upwards(folder), *self.search_folders]
        parts = path.split(".") if path else []
        for base in bases:
            stem = posixpath.join(base, *parts)
            for file in (f"{stem}.py", posixpath.join(stem, "__init__.py")):
                if file in self._known or (self.single and self._is_below(file)):
                    return file
        return (
            None if level or not parts or parts[0] in sys.stdlib_module_names else self._only("/".join(parts))
        )

    def _only(self, stem: str) -> str | None:
        """The only file of that name in any folder: where the push is meant to be run with a `PYTHONPATH`."""
        endings = (f"/{stem}.py", f"/{stem}/__init__.py")
        found = [file for file in self.files if file.endswith(endings)]
        return found[0] if len(found) == 1 and not self.single else None

    def _is_below(self, file: str) -> bool:
        """Whether a regular file of that name lies below the folder, without following a link."""
        steps = file.split("/")
        places = [self.root.joinpath(*steps[: count + 1]) for count in range(len(steps))]
        return places[-1].is_file() and not any(place.is_symlink() for place in places)

    def search_also(self, folder: str) -> None:
        """Look for imports in one more folder from now on, as `sys.path.append` makes Python do."""
        inside = posixpath.normpath(folder)
        if inside == "." or inside.startswith(("..", "/")) or inside in self.search_folders:
            return
        self.search_folders = (*self.search_folders, inside)
        self._located.clear()


def _read_names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name, ctx=ast.Load()):
                yield name
            case ast.alias(name=name, asname=str()):
                yield name


def _upwards(folder: str) -> Iterator[str]:
    """The folder and those around it up to the root, of which any may be where the script is started."""
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
    yield ""


def open_program(path: Path) -> Program:
    """List the Python files of a folder, or take one file with its neighbours as possible imports."""
    if path.is_file() or path.is_symlink() or not path.is_dir():
        neighbours = (entry.name for entry in _scan(path.parent) if entry.name.endswith(".py"))
        others = sorted(name for name in neighbours if name != path.name)
        return Program(path.parent, (path.name, *others), single=True)
    found = sorted(_walk(path), key=lambda file: (file.count("/"), file))
    return Program(path, tuple(found[: limits.PYTHON_FILES]))


def _walk(root: Path) -> Iterator[str]:
    """Relative paths of Python files; links to folders are not followed."""
    pending, seen = [""], 0
    while pending:
        folder = pending.pop()
        for entry in _scan(root / folder):
            seen += 1
            if seen > limits.FOLDER_ENTRIES:
                return
            name = posixpath.join(folder, entry.name)
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in _SKIPPED_FOLDERS and not entry.name.startswith("."):
                    pending.append(name)
            elif entry.name.endswith(_SUFFIXES):
                yield name


def _scan(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return sorted(entries, key=lambda entry: entry.name)
