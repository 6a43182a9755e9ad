"""Python and the libraries of the time: what training scripts call and today's versions have no more."""

from __future__ import annotations

from harness.era.libraries import arrays, drawing, files, learning, pictures, python, tables
from harness.era.namespace import Fill
from harness.hooks import after_import


def install() -> None:
    """Give every library its old names back: numpy's now, those of the others when they are imported."""
    arrays.install()
    python.install()
    after_import(
        {
            **python.patches(),
            **pictures.patches(),
            **drawing.patches(),
            **learning.patches(),
            "h5py": files.install,
            "pandas": tables.install,
        }
    )


def builders() -> dict[str, Fill]:
    """Return what fills each module that went away, by its full name."""
    return {
        **learning.builders(),
        "pandas.tools": lambda module: None,
        "pandas.tools.plotting": tables.plotting,
        "scipy.misc": pictures.scipy_misc,
    }
