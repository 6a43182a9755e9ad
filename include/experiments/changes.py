"""What a developer's tweak script changed: its files, the patch against the push, the values, in words."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path, PurePosixPath

from include.containers.copying import read_inside
from include.tweaker import SearchSpace, Value
from include.tweaker.patches import unified_patch

_FILE_BYTES, _MOST_FILES, _NAMED = 256 * 1024, 100, 3
_LONGEST_WORDS = 60


@dataclass(frozen=True)
class Changes:
    """The files that one step made other than they were, by path in their order.

    Args:
        written: New or changed.
        deleted: Gone.
    """

    written: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.written or self.deleted)


def changes_between(before: Mapping[str, str], after: Mapping[str, str], ignored: Collection[str]) -> Changes:
    """Compare two copies of a folder by the digests of their files.

    Args:
        before: Before the script ran.
        after: After it.
        ignored: Files that are no part of a trial: what was handed over, the script's own memory.
    """
    counted = [path for path in {**before, **after} if path not in ignored and not _is_cache(path)]
    return Changes(
        written=tuple(sorted(p for p in counted if p in after and after[p] != before.get(p))),
        deleted=tuple(sorted(p for p in counted if p not in after)),
    )


def _is_cache(path: str) -> bool:
    return "__pycache__" in PurePosixPath(path).parts


def patch_of(tree: Path, work: Path, paths: Iterable[str]) -> str:
    """The unified diff that makes a trial's files out of the pushed ones, without binary and huge files.

    Args:
        tree: The push.
        work: The trial's files.
        paths: Those that tweak scripts have changed since the push.
    """
    parts = []
    for path in sorted(paths)[:_MOST_FILES]:
        pushed, now = (read_inside(folder, path, _FILE_BYTES) for folder in (tree, work))
        if now is not None and b"\0" not in now and b"\0" not in (pushed or b""):
            new = pushed is None and not (tree / path).exists()
            parts.append(unified_patch(path, None if new else pushed or b"", now))
    return "".join(parts)


def value_changes(
    space: SearchSpace | None, before: Mapping[str, Value], after: Mapping[str, Value]
) -> list[str]:
    """The hyper-parameters that differ, as "filters of conv 1: 32 → 64"."""
    labels = {p.name: p.label for p in space.parameters} if space else {}
    names = [name for name in dict.fromkeys([*before, *after]) if before.get(name) != after.get(name)]
    shown = [(labels.get(name, name), before.get(name, "—"), after.get(name, "—")) for name in names]
    return [f"{label}: {old} → {new}" for label, old, new in shown]


def in_words(script: str, changes: Changes, values: list[str], before: Path, after: Path) -> str:
    """The reason of a trial whose script gave none.

    Args:
        script: Path of the tweak script.
        changes: What it changed; not empty.
        values: From `value_changes`; may be empty where the values can't be read.
        before: The folder as it was.
        after: The folder as it is.
    """
    if values:
        return f"{_listed(values)}, by {script}"
    if len(changes.written) == 1 and not changes.deleted:
        path = changes.written[0]
        old, new = (read_inside(folder, path, _FILE_BYTES) for folder in (before, after))
        words = _of_words(old, new)
        return f"{script} changed {path}" + (f": {words}" if words else "")
    said = [f"changed {_listed(changes.written)}"] if changes.written else []
    said += [f"deleted {_listed(changes.deleted)}"] if changes.deleted else []
    return f"{script} {' and '.join(said)}"


def _of_words(old: bytes | None, new: bytes | None) -> str:
    """The one run of words in which two texts differ, as "2 → 3"; empty where more differ."""
    if old is None or new is None or max(len(old), len(new)) > 10_000:
        return ""
    left, right = (data.decode("utf-8", "replace").split() for data in (old, new))
    parts = [
        op for op in SequenceMatcher(None, left, right, autojunk=False).get_opcodes() if op[0] != "equal"
    ]
    if len(parts) != 1:
        return ""
    _, i, j, k, m = parts[0]
    words = f"{' '.join(left[i:j]) or 'nothing'} → {' '.join(right[k:m]) or 'nothing'}"
    return words if len(words) <= _LONGEST_WORDS else ""


def _listed(names: Collection[str]) -> str:
    shown = list(names)[:_NAMED]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
