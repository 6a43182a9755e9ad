"""Tells Python 2 code from code that is merely broken."""

from __future__ import annotations

import re

_PYTHON_2 = re.compile(
    r"""
    ^\s*print\s+(?:["'\w%`]|>>)            # print "text", print x, print >>stderr
    | ^\s*(?:el)?(?:if|se)\b.*:\s*print\s+["'\w]
    | ^\s*except\s+[\w.()\s,]+?,\s*[a-z_]\w*\s*:  # except IOError, error:
    | ^\s*raise\s+\w+\s*,\s*["'\w]         # raise ValueError, "text"
    | ^\s*exec\s+["'\w]
    | \bur["']
    | <>
    | \b0[0-7]{2,}\b(?!\.)
    | \b\d+[lL]\b
    | ^\s*def\s+\w+\s*\([^)]*\(\s*\w+\s*,   # def f((a, b)):
    """,
    re.VERBOSE,
)
_LONGEST = 2_000


def is_python_2(text: str, line: int) -> bool:
    """Whether the line that Python 3 refuses is what Python 2 wrote there.

    Args:
        text: The whole source.
        line: Number from 1 of the line that the parser complains about.
    """
    lines = text.split("\n")
    nearby = lines[max(0, line - 2) : line + 1]
    return any(_PYTHON_2.search(candidate[:_LONGEST]) for candidate in nearby)
