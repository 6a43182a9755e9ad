"""From a pushed tree to its search space, and from values back to a launch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from include.tweaker.caps import DEFAULT_CAPS, Caps
from include.tweaker.errors import TweakError, UnknownInterfaceError
from include.tweaker.interfaces import INTERFACES, Interface
from include.tweaker.space import Launch, SearchSpace, Value
from include.tweaker.values import settle

if TYPE_CHECKING:
    from include.detector.verdict import Verdict


def discover(tree: Path, verdict: Verdict, caps: Caps = DEFAULT_CAPS) -> SearchSpace | None:
    """Return what can be tweaked in a push, through the first interface that finds anything.

    Args:
        tree: The pushed files; they are read, never run.
        verdict: Names the script and its modules; its interface is tried first.
        caps: How large a tweaked network may become, where its size is known statically.

    Returns:
        The search space, or None where there is nothing to tweak.
    """
    if verdict.script is None:
        return None
    for interface in sorted(INTERFACES, key=lambda one: one.name != verdict.interface):
        space = _discovered(interface, tree, verdict)
        if space is not None:
            network = caps.around(space.network) if space.network is not None else None
            return replace(space, network=network)
    return None


def _discovered(interface: Interface, tree: Path, verdict: Verdict) -> SearchSpace | None:
    try:
        return interface.discover(tree, verdict)
    except RecursionError:  # code that is nested too deeply to be followed: nothing in it is tweaked
        return None


def apply(
    space: SearchSpace,
    values: Mapping[str, Value],
    *,
    tree: Path,
    working_directory: Path,
    verdict: Verdict,
) -> Launch:
    """Write a trial's values into its copy of the tree.

    Args:
        space: What `discover` returned for this tree.
        values: By parameter name; a missing one is the developer's own.
        tree: The files as pushed: every trial starts from them.
        working_directory: The trial's copy of the tree, into which the changed files are written.
        verdict: The one that `space` was discovered with.

    Raises:
        UnknownParameterError: A name isn't in the space.
        ValueOutOfRangeError: A value isn't allowed.
        UnknownInterfaceError: The space's interface doesn't exist or doesn't fit these files.
    """
    launch = _interface(space.interface).render(space, settle(space, values), tree, verdict)
    for path, data in launch.files.items():
        _write(working_directory, path, data)
    return launch


def _interface(name: str) -> Interface:
    for interface in INTERFACES:
        if interface.name == name:
            return interface
    raise UnknownInterfaceError(
        f"no interface is called {name!r}; there are: {', '.join(one.name for one in INTERFACES)}"
    )


def _write(folder: Path, path: str, data: bytes) -> None:
    target = folder / path
    if not target.parent.resolve().is_relative_to(folder.resolve()):  # a pushed symlink must not lead us out
        raise TweakError(f"{path} lies outside the trial's working directory {folder}")
    mode = target.stat().st_mode if target.is_file() else 0o644
    target.unlink(missing_ok=True)
    target.write_bytes(data)
    target.chmod(mode & 0o777)
