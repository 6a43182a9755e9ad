"""The Keras layers of a push in the order in which they run, and how each is put into its model."""

from __future__ import annotations

from dataclasses import dataclass, field

import libcst as cst

from include.tweaker.interfaces._frames import Frame
from include.tweaker.interfaces._syntax import CallSite, dotted


@dataclass(frozen=True)
class Place:
    """How a layer is put into a model.

    Args:
        style: ``add`` (``model.add(layer)``), ``list`` (``Sequential([layer])``), ``functional``
            (``y = layer(x)``) or ``attribute`` (``self.layer = layer``, run in ``call``).
        owner: Tells models apart: layers of one sequential model have equal owners.
        node: The statement or list element to which new layers are neighbours; None where there is no room.
        target: The model of ``add``, or the variable that a functional layer is assigned to.
        source: The variable that goes into a functional layer.
        site: The call that puts it there.
    """

    style: str
    owner: object
    node: cst.CSTNode | None
    target: str = ""
    source: str = ""
    site: CallSite | None = None


@dataclass(eq=False)
class LayerCall:
    """One layer in one frame.

    Args:
        kind: As in `SIGNATURES`; ``other`` for what isn't there.
        name: What Keras calls its class.
        site: Its call.
        arguments: By their present-day names.
        frame: Which call of a helper function, which turn of a loop.
        place: How it is put into its model, as far as that is understood.
        inputs: The layers whose outputs go into it; None where that isn't understood.
        applied: How often it is used.
        application: Where a layer in a variable is used.
    """

    kind: str
    name: str
    site: CallSite
    arguments: dict[str, cst.Arg]
    frame: Frame
    place: Place | None = None
    inputs: tuple[int, ...] | None = ()
    applied: int = 0
    application: CallSite | None = field(default=None)
    application_frame: Frame | None = field(default=None)

    @property
    def where(self) -> str:
        """Return file and line, as ``train.py line 7``."""
        module = self.site.module
        return f"{module.source.path} line {module.line(self.site.node)}"

    @property
    def runs_in(self) -> tuple[CallSite, Frame]:
        """Return the call that puts it into its model, with its frame."""
        if self.application is not None and self.application_frame is not None:
            return self.application, self.application_frame
        place = self.place.site if self.place is not None else None
        return place or self.site, self.frame


def is_whole(statement: cst.SimpleStatementLine | None, call: cst.Call) -> bool:
    """Return whether a call is all that a line does."""
    small = statement.body[0] if statement is not None else None
    return isinstance(small, cst.Expr) and small.value is call


def assigned(site: CallSite) -> str:
    """Return the variable that takes the result of a call, or an empty string."""
    small = site.statement.body[0] if site.statement is not None else None
    if isinstance(small, cst.Assign) and small.value is site.node and len(small.targets) == 1:
        return dotted(small.targets[0].target)
    if isinstance(small, cst.AnnAssign) and small.value is site.node:
        return dotted(small.target)
    return ""
