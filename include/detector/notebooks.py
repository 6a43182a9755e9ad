"""Takes the Python code out of a Jupyter notebook, whose magics and shell lines Python does not know."""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterator

from include.detector import limits
from include.detector.suspicion import is_suspicious

_START = re.compile(rb"\s*\{\s*\"(?:cells|metadata|nbformat|nbformat_minor|worksheets)\"\s*:")
_OTHER_LANGUAGE = re.compile(
    r"\s{0,100}%%(?:bash|sh|script|html|javascript|js|latex|markdown|perl|ruby|svg|writefile|file|cmd|R|sql|cython)\b"
)
_WRITES_SCRIPT = re.compile(r"\s*%%(?:writefile|file)\s+(?:-a\s+)?[^\n]+\.py\s*\n")
"""A cell that is saved as a script, which another cell then starts or imports."""
_MAGIC = re.compile(r"([ \t]*+)(?:[%!?].*|[\w.\[\]]++\?{1,2}\s*)$")
_MAGIC_VALUE = re.compile(r"([\w, \t]++=[ \t]*+)[%!].*$")


class BrokenNotebookError(Exception):
    """A notebook can't be analysed; `str()` is the rest of a sentence after the file's name."""


def looks_like_notebook(data: bytes) -> bool:
    """Whether the bytes are a notebook's JSON, whatever the file is called."""
    return bool(_START.match(data[:4096])) and (b'"cells"' in data or b'"worksheets"' in data)


def notebook_code(data: bytes) -> str:
    """Python text of all code cells, one after another; cells that are not Python are left out.

    Raises:
        BrokenNotebookError: The bytes are not the JSON of a notebook, or it is beyond the limits.
    """
    values = sum(data.count(sign) for sign in b",[{")
    if values > limits.NOTEBOOK_VALUES:
        raise BrokenNotebookError(
            "is a notebook with too much data in it; clear its outputs and save it again"
        )
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        complaint = "looks like a Jupyter notebook but is not valid notebook JSON; save it again"
        raise BrokenNotebookError(complaint) from error
    cells = _bounded(_code_cells(document))
    return "\n".join(cell for cell in map(_python, cells) if cell is not None) + "\n"


def _bounded(cells: Iterator[str]) -> list[str]:
    kept: list[str] = []
    size = 0
    for cell in cells:
        kept.append(cell)
        size += len(cell)
        if size > limits.NOTEBOOK_CODE or len(kept) > limits.NOTEBOOK_CELLS:
            complaint = (
                f"has more than {limits.NOTEBOOK_CODE // limits.KILOBYTE} KB of code"
                f" or {limits.NOTEBOOK_CELLS:,} cells of it; keep data out of the notebook"
            )
            raise BrokenNotebookError(complaint)
    return kept


def _code_cells(document: object) -> Iterator[str]:
    """The text of each code cell; parts that no notebook has are skipped."""
    for cell in _dictionaries(_cells(document)):
        if cell.get("cell_type") == "code":
            source = cell.get("source", cell.get("input", ""))
            lines = source if isinstance(source, list) else [source]
            yield "".join(line for line in lines if isinstance(line, str))


def _cells(document: object) -> Iterator[object]:
    if not isinstance(document, dict):
        raise BrokenNotebookError(
            "looks like a Jupyter notebook but its JSON is not an object; save it again"
        )
    for sheet in _dictionaries(document.get("worksheets", [document])):
        cells = sheet.get("cells")
        yield from cells if isinstance(cells, list) else []


def _dictionaries(values: object) -> Iterator[dict[str, object]]:
    found = values if isinstance(values, list | Iterator) else []
    return (one for one in found if isinstance(one, dict))


def _python(cell: str) -> str | None:
    """The cell as it is when it is Python, else without its magics, else None."""
    cell = _WRITES_SCRIPT.sub("", cell, count=1) if _WRITES_SCRIPT.match(cell) else cell
    if is_suspicious(cell) or _parses(cell):
        return cell  # what might hurt the parser is parsed with the whole, in a process of its own
    if _OTHER_LANGUAGE.match(cell):
        return None
    plain = "\n".join(_without_magic(line) for line in cell.splitlines())
    return plain if _parses(plain) else None


def _without_magic(line: str) -> str:
    if match := _MAGIC.match(line):
        return f"{match.group(1)}pass"
    return _MAGIC_VALUE.sub(r"\1None", line)


def _parses(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
