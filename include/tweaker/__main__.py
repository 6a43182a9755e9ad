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
from include.tweaker.declared import read_declared, refine
from include.tweaker.showing import TOO_MUCH, launch_view, show, space_view


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
    declared = read_declared(tree)
    chosen = path.name if path.is_file() else script or (declared.script if declared else None)
    verdict = inspect(tree, chosen)
    found = discover(tree, verdict)
    if found is None:
        raise TweakError(f"nothing to tweak in {path}: {verdict.reason} It would be trained once, as it is.")
    space = refine(found, declared) if declared is not None else found
    if values is None:
        _print(space.to_json()) if as_json else show(space_view(space, declared))
        return
    launch, fits = _applied(tree, verdict, space, _parsed(values))
    _print(_launch_document(launch, fits)) if as_json else _print_launch(launch, fits)


def _print(document: object) -> None:
    print(json.dumps(document, indent=2))  # noqa: T201


def _print_launch(launch: Launch, fits: bool) -> None:
    """Print a launch: for a person in colours, for a pipe so that ``git apply`` takes it as it is."""
    if sys.stdout.isatty():
        show(launch_view(launch, fits=fits))
        return
    if not fits:
        print(TOO_MUCH, file=sys.stderr)  # noqa: T201
    told = f"arguments: {' '.join(launch.arguments)}" if launch.arguments else "no file changes"
    if launch.arguments or not launch.patch:
        print(told)  # noqa: T201
    sys.stdout.flush()
    sys.stdout.buffer.write(launch.patch.encode("utf-8", "surrogateescape"))


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


def _launch_document(launch: Launch, fits: bool) -> dict[str, object]:
    return {
        "arguments": list(launch.arguments),
        "stdin": launch.stdin,
        "files": sorted(launch.files),
        "patch": launch.patch,
        "feasible": fits,
    }


if __name__ == "__main__":
    sys.exit(main())
