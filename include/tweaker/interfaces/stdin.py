"""The seed's protocol: integers in ``input.txt``, on standard input too."""

from __future__ import annotations

import ast
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
_READERS = ("input", "raw_input")
_LARGEST_INPUT = 10_000


class Stdin:
    """Scripts that read the number of conv layers, their sizes, and the hidden dense layers as integers."""

    name = "stdin"

    def discover(self, tree: Path, verdict: Verdict) -> SearchSpace | None:
        """Return the space around the pushed ``input.txt``, or around the seed's start without one."""
        texts = list(_texts(tree, verdict))
        readings = [_reads(text) for text in texts]
        protocol = _protocol(tree)
        if protocol is None or not any(readings):
            return None
        if not (tree / INPUT_FILE).is_file() and "loop" not in readings:
            return None  # it asks for something, but nothing says that it is this protocol
        network = _network(tree, verdict, protocol)
        return SearchSpace(self.name, parameters(protocol, network), (), network)

    def render(self, space: SearchSpace, values: Mapping[str, Value], tree: Path, verdict: Verdict) -> Launch:
        """Return ``input.txt`` with these values, the same on standard input."""
        protocol = _protocol(tree)
        if protocol is None:
            raise UnknownInterfaceError(
                f"{INPUT_FILE} in {tree} doesn't hold the integers of the stdin protocol"
            )
        pushed = _pushed(tree)
        data = protocol.with_values(values).encode()
        patch = unified_patch(INPUT_FILE, pushed, data)
        files = {INPUT_FILE: data} if data != pushed else {}
        return Launch(stdin=data.decode(), files=files, patch=patch)


def _pushed(tree: Path) -> bytes | None:
    path = tree / INPUT_FILE
    inside = path.is_file() and path.resolve().is_relative_to(tree.resolve())
    return path.read_bytes() if inside and path.stat().st_size <= _LARGEST_INPUT else None


def _protocol(tree: Path) -> Protocol | None:
    pushed = _pushed(tree)
    if pushed is None:
        return parse_input(START)
    try:
        return parse_input(pushed.decode())
    except UnicodeDecodeError:
        return None


def _texts(tree: Path, verdict: Verdict) -> Iterator[str]:
    from include.tweaker.interfaces._source import UnreadableSourceError, read_source

    for path in python_files(verdict):
        try:
            yield read_source(tree, path).normal.decode()
        except UnreadableSourceError:  # the literals interface reports it
            continue


def _reads(text: str) -> str:
    """Return ``loop`` if a file reads input in a loop, ``once`` if it reads any, else an empty string."""
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return ""
    loops = [node for node in ast.walk(module) if isinstance(node, (ast.For, ast.While, ast.ListComp))]
    if any(_is_reader(node) for loop in loops for node in ast.walk(loop)):
        return "loop"
    return "once" if any(_is_reader(node) for node in ast.walk(module)) else ""


def _is_reader(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in _READERS
    if isinstance(node, ast.Attribute):
        return node.attr == "stdin"
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(INPUT_FILE)


def _network(tree: Path, verdict: Verdict, protocol: Protocol) -> Network | None:
    """Return the stack that these integers describe behind the image that the script's code names."""
    from include.tweaker.interfaces._image import image

    found = image(tree, verdict)
    if found is None:
        return None
    network = Network(found.height, found.width, protocol.layers(same=found.same))
    broken = any(side < 1 for side in network.sides({}))
    return None if broken else network
