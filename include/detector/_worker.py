"""Inspects one push in a fresh interpreter; `supervision` starts it where a fork is not safe.

Reads `[tree, script]` as JSON from stdin and answers on stdout as `isolation.serve` does.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main() -> None:
    """Serve one inspection."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from include.detector import limits
    from include.detector.isolation import serve
    from include.detector.supervision import work

    tree, script = json.load(sys.stdin)
    serve(
        lambda report: work(Path(tree), script, report),
        sys.stdout.fileno(),
        limits.INSPECTION_SECONDS,
        limits.INSPECTION_MEMORY,
        limits.INSPECTION_PATIENCE,
    )


if __name__ == "__main__":
    main()
