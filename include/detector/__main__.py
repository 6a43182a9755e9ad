"""`python -m include.detector PATH`: what the pipeline will say of a push, before it is pushed."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from include.detector.supervision import inspect
from include.detector.verdict import Kind, Verdict

_EXIT_CODES = {Kind.CNN: 0, Kind.NOT_CNN: 1, Kind.UNREADABLE: 2}
_TITLES = {Kind.CNN: "CNN", Kind.NOT_CNN: "not a CNN", Kind.UNREADABLE: "unreadable"}
_LISTS = (
    ("modules", "Modules"),
    ("accuracy_files", "Accuracy files"),
    ("model_files", "Model files"),
    ("datasets", "Data sets"),
    ("absolute_paths", "Absolute paths"),
    ("network_use", "Network use"),
)


def main(arguments: list[str] | None = None) -> int:
    """Print the verdict; exit code 0 for a CNN, 1 for anything else, 2 for what can't be read."""
    options = _parser().parse_args(arguments)
    verdict = inspect(options.path, options.script)
    text = json.dumps(verdict.to_json(), indent=2, ensure_ascii=False) if options.json else describe(verdict)
    sys.stdout.write(_printable(text) + "\n")
    return _EXIT_CODES[verdict.kind]


def describe(verdict: Verdict) -> str:
    """The verdict as lines for a terminal or a task log."""
    what = "" if verdict.kind is Kind.CNN else f" ({verdict.what})"
    lines = [f"{_TITLES[verdict.kind]}{what}: {verdict.reason}", ""]
    if verdict.script is not None:
        trainable = "yes" if verdict.trainable else "no"
        lines += [
            f"Script: {verdict.script}",
            f"Framework: {verdict.framework}",
            f"Trainable here: {trainable}",
        ]
        lines.append(f"Tuned through: {verdict.interface or 'nothing'}")
    lines += [
        f"{title}: {', '.join(getattr(verdict, name))}" for name, title in _LISTS if getattr(verdict, name)
    ]
    for one in verdict.evidence:
        place = f"{one.file}:{one.line}" if one.line else one.file
        lines += [f"  {place}  {one.sentence}"] + ([f"      {one.source}"] if one.source else [])
    return "\n".join(lines)


def _printable(text: str) -> str:
    """Without control characters, which pushed text could use to disturb a terminal."""
    return "".join(sign if sign.isprintable() or sign == "\n" else "�" for sign in text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m include.detector",
        description="Say whether a folder or file trains a convolutional network, without running it.",
        epilog="Exit code: 0 CNN, 1 not a CNN, 2 unreadable.",
    )
    parser.add_argument("path", type=Path, help="folder or file to inspect")
    parser.add_argument("--script", help="training script, relative to the folder (default: found by itself)")
    parser.add_argument("--json", action="store_true", help="print the verdict as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
