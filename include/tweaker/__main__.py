"""Shows what would be tweaked in a folder: ``python -m include.tweaker PATH``."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from include.detector import inspect
from include.detector.verdict import Verdict
from include.tweaker import Launch, SearchSpace, TweakError, Value, apply, discover, feasible


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code: 0, or 1 with a sentence on standard error."""
    parser = argparse.ArgumentParser(prog="python -m include.tweaker", description=__doc__)
    parser.add_argument(
        "path", type=Path, help="folder or script to look at; nothing in it is run or changed"
    )
    parser.add_argument("--script", help="training script, relative to the folder (default: found)")
    parser.add_argument("--json", action="store_true", help="print the search space as JSON")
    parser.add_argument(
        "--apply", metavar="VALUES", help="JSON of values, as '{\"conv1.filters\": 64}': print the patch"
    )
    given = parser.parse_args(arguments)
    try:
        _show(given.path, given.script, given.apply, as_json=given.json)
    except (TweakError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _show(path: Path, script: str | None, values: str | None, *, as_json: bool) -> None:
    tree = path.parent if path.is_file() else path
    if not tree.is_dir():
        raise TweakError(f"{path} doesn't exist")
    verdict = inspect(tree, path.name if path.is_file() else script)
    space = discover(tree, verdict)
    if space is None:
        raise TweakError(f"nothing to tweak in {path}: {verdict.reason}")
    document = _document(space) if as_json else _text(space)
    if values is not None:
        launch, fits = _applied(tree, verdict, space, _parsed(values))
        document = _launch_document(launch, fits) if as_json else _launch_text(launch, fits)
    print(json.dumps(document, indent=2) if as_json else document)  # noqa: T201


def _parsed(text: str) -> dict[str, Value]:
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        raise TweakError(f"--apply takes a JSON object, as '{{\"conv1.filters\": 64}}': {error}") from error
    if not isinstance(values, dict):
        raise TweakError("--apply takes a JSON object, as '{\"conv1.filters\": 64}'")
    return values


def _applied(
    tree: Path, verdict: Verdict, space: SearchSpace, values: dict[str, Value]
) -> tuple[Launch, bool]:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "work"
        shutil.copytree(tree, copy, symlinks=True)
        launch = apply(space, values, tree=tree, working_directory=copy, verdict=verdict)
    return launch, feasible(space, values)


def _document(space: SearchSpace) -> dict[str, object]:
    return space.to_json()


def _launch_document(launch: Launch, fits: bool) -> dict[str, object]:
    return {
        "arguments": list(launch.arguments),
        "stdin": launch.stdin,
        "files": sorted(launch.files),
        "patch": launch.patch,
        "feasible": fits,
    }


def _text(space: SearchSpace) -> str:
    lines = [f"interface: {space.interface}"]
    width = max(len(parameter.name) for parameter in space.parameters)
    for parameter in space.parameters:
        condition = (
            f"  (if {parameter.active_if[0]} ≥ {parameter.active_if[1]})" if parameter.active_if else ""
        )
        values = f"{parameter.default!s:>8}  of {_range(parameter.distribution)}"
        lines.append(f"  {parameter.name:<{width}}  {values}{condition}")
    lines += [f"not tweaked: {sentence}" for sentence in space.untouchable]
    return "\n".join(lines)


def _range(distribution: object) -> str:
    choices = getattr(distribution, "choices", None)
    if choices is not None:
        return ", ".join(str(choice) for choice in choices)
    low, high = getattr(distribution, "low", "?"), getattr(distribution, "high", "?")
    return f"{low:g}–{high:g}" if isinstance(low, (int, float)) and isinstance(high, (int, float)) else "?"


def _launch_text(launch: Launch, fits: bool) -> str:
    parts = [] if fits else ["these values leave nothing of the image: training would fail"]
    if launch.arguments:
        parts.append(f"arguments: {' '.join(launch.arguments)}")
    return "\n".join([*parts, launch.patch.rstrip("\n") or "no file changes"])


if __name__ == "__main__":
    sys.exit(main())
