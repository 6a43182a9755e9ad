"""Parses pushed text; what could hurt the interpreter is tried in a child process with limits first."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path

from include.detector import limits
from include.detector.python2 import is_python_2
from include.detector.sources import Source, UnreadableSourceError

_CHILD = Path(__file__).with_name("_parse_child.py")
_BRACKETS = re.compile(r"[(\[{]|[)\]}]")
_LONG_LINE = re.compile(rf"[^\n]{{{limits.SUSPICIOUS_LINE}}}")
_DEEP_LINE = re.compile(rf"^(?:\t| {{2}}){{{limits.SUSPICIOUS_INDENTATION}}}", re.MULTILINE)
_DEEP = "is nested too deeply to be analysed"
_LARGE = "is too large to be analysed: parsing it takes too much time or memory"


@dataclass
class Parser:
    """Parses the files of one inspection; the children's time is counted over all of them.

    Args:
        child_seconds: What is left for parsing suspicious files in child processes.
    """

    child_seconds: float = field(default=limits.CHILD_BUDGET_SECONDS)

    def parse(self, source: Source) -> ast.Module:
        """Parse one file.

        Raises:
            UnreadableSourceError: It is Python 2, not Python at all, or beyond the limits.
        """
        if is_suspicious(source.text):
            self._try_in_child(source)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.parse(source.text)
        except SyntaxError as error:
            raise _explain(source, error) from error
        except (RecursionError, MemoryError) as error:
            raise UnreadableSourceError(source.file, "deeply nested code", _DEEP) from error
        except ValueError as error:
            raise UnreadableSourceError(source.file, "broken code", f"is not Python ({error})") from error

    def _try_in_child(self, source: Source) -> None:
        started = time.monotonic()
        code = _run_child(source.text, min(self.child_seconds, limits.CHILD_WALL_SECONDS))
        self.child_seconds -= time.monotonic() - started
        if code == 3:
            raise UnreadableSourceError(source.file, "deeply nested code", _DEEP)
        if code not in {0, 5}:
            raise UnreadableSourceError(source.file, "oversized file", _LARGE)


def is_suspicious(text: str) -> bool:
    """Whether parsing the text might take much time or memory, by a scan that can't."""
    if len(text) > limits.SUSPICIOUS_BYTES or _LONG_LINE.search(text) or _DEEP_LINE.search(text):
        return True
    depth = deepest = 0
    for bracket in _BRACKETS.findall(text):
        depth += 1 if bracket in "([{" else -1
        deepest = max(deepest, depth)
    return deepest > limits.SUSPICIOUS_BRACKETS


def _run_child(text: str, seconds: float) -> int | None:
    """The child's exit code, or None when it had to be stopped or its time was used up before."""
    if seconds <= 0.05:
        return None
    command = [
        sys.executable,
        "-I",
        "-S",
        str(_CHILD),
        str(limits.CHILD_BYTES),
        str(limits.CHILD_CPU_SECONDS),
    ]
    try:
        done = subprocess.run(
            command, input=text.encode(errors="replace"), capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return None
    return done.returncode


def _explain(source: Source, error: SyntaxError) -> UnreadableSourceError:
    line = error.lineno or 0
    message = str(error.msg)
    if "too many nested" in message or "too many levels of indentation" in message:
        return UnreadableSourceError(source.file, "deeply nested code", f"{_DEEP} (line {line})", line)
    if is_python_2(source.text, line):
        complaint = f"is Python 2 code (line {line}: `{source.line(line)}`); port it to Python 3"
        return UnreadableSourceError(source.file, "Python 2 code", complaint, line)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    complaint = f"is not valid Python {version}: {message} (line {line}: `{source.line(line)}`)"
    return UnreadableSourceError(source.file, "broken code", complaint, line)
