"""Says what was pushed, without running it."""

from include.detector.supervision import inspect
from include.detector.verdict import Evidence, Kind, Verdict

__all__ = ["Evidence", "Kind", "Verdict", "inspect"]
