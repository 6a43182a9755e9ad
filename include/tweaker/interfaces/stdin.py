"""The seed's protocol: integers in ``input.txt``, on standard input too."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from include.tweaker.errors import UnknownInterfaceError
from include.tweaker.interfaces._protocol import START, Protocol, parameters, parse_input
from include.tweaker.interfaces.base import python_files
from include.tweaker.network import Network
from include.tweaker.patches import unified_patch
from include.tweaker.space import Launch, SearchSpace, Value

if TYPE_CHECKING:
    from include.detector.verdict import Verdict

INPUT_FILE = "input.txt"
_INPUT_NAME = re.compile(r"input[\w.-]*\.txt", re.IGNORECASE)
_READERS = ("input", "raw_input")
_LARGEST_INPUT = 10_000


class Stdin:
    """Scripts that read the number of conv layers, their sizes, and the hidden dense layers as integers."""

    name = "stdin"

    def discover(self, tree: Path, verdict: Verdict) -> SearchSpace | None:
        """Return the space around the pushed ``input.txt``, or around the seed's start without one."""
        modules = list(_modules(tree, verdict))
        readings = [_reads(module) for module in modules]
        file = _input_file(tree, modules)
        protocol = _protocol(tree, file)
        if protocol is None or not any(readings):
            return None
        if not (tree / file).is_file() and "loop" not in readings:
            return None  # it asks for something, but nothing says that it is this protocol
        network = _network(tree, verdict, protocol)
        return SearchSpace(self.name, parameters(protocol, network), (), network)

    def render(self, space: SearchSpace, values: Mapping[str, Value], tree: Path, verdict: Verdict) -> Launch:
        """Return ``input.txt`` with these values, the same on standard input."""
        file = _input_file(tree, list(_modules(tree, verdict)))
        protocol = _protocol(tree, file)
        if protocol is None:
            raise UnknownInterfaceError(f"{file} in {tree} doesn't hold the integers of the stdin protocol")
        pushed = _pushed(tree, file)
        data = protocol.with_values(values).encode()
        patch = unified_patch(file, pushed, data)
        files = {file: data} if data != pushed else {}
        return Launch(stdin=data.decode(), files=files, patch=patch)


def _input_file(tree: Path, modules: list[ast.Module]) -> str:
    """Return the pushed file that the script opens by name, however deep; else ``input.txt``."""
    for module in modules:
        for node in ast.walk(module):
            if not _names_input(node) or not isinstance(node, ast.Constant):
                continue
            parts = [part for part in str(node.value).split("/") if part not in ("", ".")]
            for start in range(len(parts)):
                path = "/".join(parts[start:])
                if ".." not in parts[start:] and _pushed(tree, path) is not None:
                    return path
    return INPUT_FILE


def _names_input(node: ast.AST) -> bool:
    text = node.value if isinstance(node, ast.Constant) else None
    return isinstance(text, str) and _INPUT_NAME.fullmatch(text.rpartition("/")[2]) is not None


def _pushed(tree: Path, file: str) -> bytes | None:
    path = tree / file
    inside = path.is_file() and path.resolve().is_relative_to(tree.resolve())
    return path.read_bytes() if inside and path.stat().st_size <= _LARGEST_INPUT else None


def _protocol(tree: Path, file: str) -> Protocol | None:
    pushed = _pushed(tree, file)
    if pushed is None:
        return parse_input(START)
    try:
        return parse_input(pushed.decode())
    except UnicodeDecodeError:
        return None


def _modules(tree: Path, verdict: Verdict) -> Iterator[ast.Module]:
    from include.tweaker.interfaces._source import UnreadableSourceError, read_source

    for path in python_files(verdict):
        try:
            yield ast.parse(read_source(tree, path).normal)
        except (UnreadableSourceError, SyntaxError, ValueError, RecursionError):
            continue  # the literals interface reports it


def _reads(module: ast.Module) -> str:
    """Return ``loop`` if a file reads input in a loop, ``once`` if it reads any, else an empty string."""
    loops = [node for node in ast.walk(module) if isinstance(node, (ast.For, ast.While, ast.ListComp))]
    if any(_is_reader(node) for loop in loops for node in ast.walk(loop)):
        return "loop"
    return "once" if any(_is_reader(node) for node in ast.walk(module)) else ""


def _is_reader(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in _READERS
    if isinstance(node, ast.Attribute):
        return node.attr == "stdin"
    return _names_input(node)


def _network(tree: Path, verdict: Verdict, protocol: Protocol) -> Network | None:
    """Return the stack that these integers describe behind the image that the script's code names."""
    from include.tweaker.interfaces._image import image

    found = image(tree, verdict)
    if found is None:
        return None
    network = Network(found.height, found.width, protocol.layers(same=found.same), found.channels)
    return network if network.fits({}) else None
