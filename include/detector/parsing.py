"""Parses pushed text; what could hurt the interpreter is tried in a process of its own first."""

from __future__ import annotations

import ast
import contextlib
import resource
import sys
import warnings
from dataclasses import dataclass, field

from include.detector import limits
from include.detector.isolation import Ending, run
from include.detector.progress import looking_at
from include.detector.python2 import is_python_2
from include.detector.repairs import obstacle, repairs
from include.detector.sources import Source, UnreadableSourceError
from include.detector.suspicion import is_suspicious

_BROKEN = "broken code"
_DEEP = "is nested too deeply to be analysed"
_LARGE = "is too large to be analysed: parsing it takes too much time or memory"


@dataclass
class Parser:
    """Parses the files of one inspection; the time for suspicious ones is counted over all of them.

    Args:
        seconds_left: What is left of the processor's time for trying suspicious files.
        obstacles: For files that parse only after a repair, what keeps them from being run, by their name.
    """

    seconds_left: float = field(default=limits.PARSE_TOTAL_SECONDS)
    obstacles: dict[str, str] = field(default_factory=dict)

    def parse(self, source: Source) -> ast.Module:
        """Parse one file.

        Raises:
            UnreadableSourceError: It is Python 2, not Python at all, or beyond the limits.
        """
        looking_at(source.file)
        if is_suspicious(source.text):
            self._try(source)
        try:
            return _parse(source.text)
        except SyntaxError as error:
            problem = _explain(source, error)
            if problem.what == _BROKEN and (tree := self._repaired(source)):
                return tree
            raise problem from error
        except (RecursionError, MemoryError) as error:
            raise UnreadableSourceError(source.file, "deeply nested code", _DEEP) from error
        except ValueError as error:
            raise UnreadableSourceError(source.file, _BROKEN, f"is not Python ({error})") from error

    def _repaired(self, source: Source) -> ast.Module | None:
        if is_suspicious(source.text):
            return None
        for plain in repairs(source.text):
            with contextlib.suppress(ValueError, RecursionError, MemoryError):
                try:
                    tree = _parse(plain)
                except SyntaxError as error:
                    problem = _explain(Source(source.file, plain), error)
                    if problem.what != _BROKEN:
                        raise problem from error
                    continue
                self.obstacles[source.file] = obstacle(source.file, source.text, plain)
                return tree
        return None

    def _try(self, source: Source) -> None:
        used = _seconds_of_children()
        seconds = min(self.seconds_left, limits.PARSE_SECONDS)
        if seconds <= 0:
            raise UnreadableSourceError(source.file, "oversized file", _LARGE)
        outcome = run(
            lambda _: _is_too_deep(source.text), seconds, limits.PARSE_MEMORY, limits.INSPECTION_PATIENCE
        )
        self.seconds_left -= _seconds_of_children() - used
        if outcome.ending is not Ending.DONE:
            raise UnreadableSourceError(source.file, "oversized file", _LARGE)
        if outcome.result:
            raise UnreadableSourceError(source.file, "deeply nested code", _DEEP)


def _seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _parse(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def _is_too_deep(text: str) -> bool:
    """Whether the parser gives up for depth; what it finds wrong otherwise is said where it is parsed again.

    Raises:
        MemoryError: It needs more memory than there is.
    """
    try:
        _parse(text)
    except RecursionError:
        return True
    except (SyntaxError, ValueError):
        return False
    return False


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
    return UnreadableSourceError(source.file, _BROKEN, complaint, line)
