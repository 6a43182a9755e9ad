"""Makes code parse whose meaning is plain though this Python refuses it, line for line.

Two kinds of scripts are meant: exported notebooks with their commands (`!pip install`, `%matplotlib inline`)
and code in the syntax of a newer Python. Neither can be trained as it is, but what it builds can be told.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

_COMMAND = re.compile(r"^([ \t]*+)(?:%{1,2}[A-Za-z]|![ \t]?[A-Za-z./~{]).*$", re.MULTILINE)
_COMMAND_VALUE = re.compile(r"^([ \t]*\w[\w, \t]*+=[ \t]*+)(?:%[A-Za-z]|!).*$", re.MULTILINE)
_EXCEPT = re.compile(r"^([ \t]*except\*?[ \t]+)([\w.]+(?:[ \t]*,[ \t]*[\w.]+)+)[ \t]*:", re.MULTILINE)
_PARAMETERS = r"\[(?:[^\[\]]|\[[^\[\]]*\])*\]"
_ALIAS = re.compile(rf"^([ \t]*)type[ \t]+(\w+)[ \t]*(?:{_PARAMETERS})?[ \t]*=", re.MULTILINE)
_GENERIC = re.compile(
    rf"^([ \t]*(?:(?:async[ \t]+)?def|class)[ \t]+\w+)({_PARAMETERS})[ \t]*(\(?)", re.MULTILINE
)
_QUOTES = (
    (
        re.compile(r'[fF][rR]?"'),
        re.compile(r"""(\{(?:[^{}"'\n]++|'[^'\n]*+')*+)"([^"'{}\\\n]*+)\""""),
        r"\1'\2'",
    ),
    (
        re.compile(r"[fF][rR]?'"),
        re.compile(r"""(\{(?:[^{}"'\n]++|"[^"\n]*+")*+)'([^"'{}\\\n]*+)'"""),
        r'\1"\2"',
    ),
)
"""Where an f-string starts, a text with the same quotes inside of its braces, and that text with others."""
_MOST_TEXTS = 8


def repairs(text: str) -> Iterator[str]:
    """Texts with as many lines, without notebooks' commands and in the syntax of an older Python.

    The first that parses is meant. The second has other quotes inside of braces: which ones an f-string may
    have there was not free before Python 3.12.
    """
    text = _COMMAND_VALUE.sub(r"\1None", _COMMAND.sub(r"\1pass", text))
    text = _ALIAS.sub(r"\1\2 =", _EXCEPT.sub(r"\1(\2):", text))
    text = _GENERIC.sub(_without_parameters, text)
    yield text
    yield "\n".join(map(_requoted, text.split("\n")))


def obstacle(file: str, text: str, plain: str) -> str:
    """A sentence that says which line keeps the code from being run here.

    Args:
        file: The file's name in the sentence.
        text: The code as it was pushed.
        plain: What one of its `repairs` made of it.
    """
    pairs = zip(text.split("\n"), plain.split("\n"), strict=False)
    numbered = enumerate(pairs, 1)
    number, line = next(((number, old.strip()) for number, (old, new) in numbered if old != new), (0, ""))
    place = f"Line {number} of `{file}` (`{line[:80]}`)"
    if line.startswith(("%", "!")) or _COMMAND_VALUE.match(line):
        return f"{place} is a command of notebooks, which Python can't run; take such lines out to train it."
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return f"{place} is for a newer Python than {version}, which trains here; write it for that to train it."


def _without_parameters(match: re.Match[str]) -> str:
    """`class A[T](B):` becomes `class A(B):`; line ends go where a line may end."""
    start, parameters, bracket = match.groups()
    lines = "\n" * parameters.count("\n")
    if lines and not bracket:
        return f"{start}({lines})"
    return f"{start}{bracket}{lines}"


def _requoted(line: str) -> str:
    for start, inner, replacement in _QUOTES:
        if start.search(line):
            for _ in range(_MOST_TEXTS):
                line = inner.sub(replacement, line)
            break
    return line
