"""Every test of a tweak script has an installation whose pushes bring one."""

from tests.include.experiments.tweak_script.scripted import goals, installation

__all__ = ["goals", "installation"]
