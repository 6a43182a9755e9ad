"""Runs alone in a child process: parses the Python text on stdin under hard limits. Imports nothing of ours.

Arguments: the most bytes of memory, the most seconds of CPU. Exit code 0: it parses and is not too deep;
3: nested too deeply; 4: too large for the memory; 5: not Python (the parent finds out where). A signal means
that the parser itself fell or ran out of time, which is the case this process exists for.
"""

from __future__ import annotations

import ast
import resource
import sys
import warnings


def main() -> int:
    """Parse stdin and say by exit code how it went."""
    memory, seconds = int(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore")
    try:
        ast.parse(sys.stdin.buffer.read())
    except RecursionError:
        return 3
    except MemoryError:
        return 4
    except (SyntaxError, ValueError) as error:
        return 3 if "nested" in str(error) or "indentation" in str(error) else 5
    return 0


if __name__ == "__main__":
    sys.exit(main())
