"""The harness as a package of its own name, which it has in the image only."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

HARNESS = Path(__file__).resolve().parents[3] / "docker" / "harness"

if "harness" not in sys.modules:
    spec = importlib.util.spec_from_file_location(
        "harness", HARNESS / "__init__.py", submodule_search_locations=[str(HARNESS)]
    )
    assert spec is not None
    assert spec.loader is not None
    sys.modules["harness"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules["harness"])
