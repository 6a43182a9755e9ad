"""Tells by a scan that can't hurt which text could hurt the parser."""

from __future__ import annotations

import re

from include.detector import limits

_BRACKETS = re.compile(r"[(\[{]|[)\]}]")
_LONG_LINE = re.compile(rf"[^\n]{{{limits.SUSPICIOUS_LINE}}}")
_DEEP_LINE = re.compile(rf"^(?:\t| {{2}}){{{limits.SUSPICIOUS_INDENTATION}}}", re.MULTILINE)


def is_suspicious(text: str) -> bool:
    """Whether parsing the text might take much time or memory."""
    if len(text) > limits.SUSPICIOUS_BYTES or _LONG_LINE.search(text) or _DEEP_LINE.search(text):
        return True
    depth = deepest = 0
    for bracket in _BRACKETS.findall(text):
        depth += 1 if bracket in "([{" else -1
        deepest = max(deepest, depth)
    return deepest > limits.SUSPICIOUS_BRACKETS
