"""Takes the Python code out of a Jupyter notebook, whose magics and shell lines Python does not know."""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterator

_START = re.compile(rb"\s*\{\s*\"(?:cells|metadata|nbformat|nbformat_minor|worksheets)\"\s*:")
_OTHER_LANGUAGE = re.compile(
    r"\s*%%(?:bash|sh|script|html|javascript|js|latex|markdown|perl|ruby|svg|writefile|file|cmd|R|sql|cython)\b"
)
_MAGIC = re.compile(r"^(\s*)(?:[%!?].*|[\w.\[\]]+\?{1,2}\s*)$")
_MAGIC_VALUE = re.compile(r"^(\s*[\w, ]+=\s*)[%!].*$")


def looks_like_notebook(data: bytes) -> bool:
    """Whether the bytes are a notebook's JSON, whatever the file is called."""
    return bool(_START.match(data[:4096])) and (b'"cells"' in data or b'"worksheets"' in data)


def notebook_code(data: bytes) -> str:
    """Python text of all code cells, one after another; cells that are not Python are left out.

    Raises:
        ValueError: The bytes are not UTF-8 JSON of a notebook.
        RecursionError: The JSON is nested beyond what any notebook is.
    """
    document = json.loads(data.decode("utf-8-sig"))
    cells = [cell for cell in map(_python, _code_cells(document)) if cell is not None]
    return "\n".join(cells) + "\n"


def _code_cells(document: object) -> Iterator[str]:
    if not isinstance(document, dict):
        raise ValueError("a notebook is a JSON object")
    sheets = document.get("worksheets", [document])
    for sheet in sheets if isinstance(sheets, list) else []:
        cells = sheet.get("cells", []) if isinstance(sheet, dict) else []
        for cell in cells if isinstance(cells, list) else []:
            if isinstance(cell, dict) and cell.get("cell_type") == "code":
                source = cell.get("source", cell.get("input", ""))
                yield "".join(map(str, source)) if isinstance(source, list) else str(source)


def _python(cell: str) -> str | None:
    """The cell as it is when it is Python, else without its magics, else None."""
    if _parses(cell):
        return cell
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
