"""The list of files in a commit, checked before anything is downloaded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from include.source._api import Api, Json, text_at
from include.source._names import check_sha
from include.source._paths import refuse_collisions, refuse_path
from include.source.errors import (
    CommitNotFound,
    HostilePath,
    Refusal,
    RepositoryNotFound,
    TreeTooLarge,
    UnsupportedEntry,
)
from include.source.limits import FetchLimits

_FILE_MODES = {"100644": False, "100664": False, "100755": True}
_UNSUPPORTED_MODES = {
    "120000": "is a symbolic link: commit the file itself",
    "160000": "is a submodule: commit its files",
}
_MOST_NAMED = 20


@dataclass(frozen=True)
class Entry:
    """One file of a tree.

    Args:
        path: Relative, `/` between parts; safe to write to disk.
        sha: Its blob.
        size: In bytes, as GitHub says; 0 when it does not.
        executable: Whether the mode has the x bit.
    """

    path: str
    sha: str
    size: int
    executable: bool


def list_files(api: Api, commit: str, limits: FetchLimits) -> tuple[Entry, ...]:
    """Return the files of a commit; one request, more only when GitHub truncates its answer.

    Args:
        api: The repository.
        commit: SHA of the commit.
        limits: How many files and bytes are allowed.

    Raises:
        CommitNotFound: the repository has no such commit.
        HostilePath: a path would leave the tree, hide in it, or collide with another.
        UnsupportedEntry: a symlink or submodule.
        TreeTooLarge: more than `limits` allow.
        SourceError: any other failure.
    """
    try:
        tree = api.get(f"git/trees/{check_sha(commit)}", parameters={"recursive": "1"}).data
    except RepositoryNotFound as error:
        raise CommitNotFound(
            f"{api.repository} has no commit {commit}: a force-push may have removed it. Push again."
        ) from error
    raw = [e for e in tree["tree"] if text_at(e, "type") != "tree"]
    if tree.get("truncated"):
        raw = list(_walk(api, text_at(tree, "sha"), limits))
    where = f"{api.repository}@{commit[:7]}"
    _check_limits(where, raw, limits)
    refuse(where, _refusals(raw))
    return tuple(_entry(e) for e in sorted(raw, key=lambda e: str(e["path"])))


def refuse(where: str, refusals: Iterable[Refusal]) -> None:
    """Raise for refused entries, all of them by name; do nothing when there are none."""
    found = sorted(set(refusals), key=lambda refusal: refusal.path)
    if not found:
        return
    named = "; ".join(f"{refusal.path!r} {refusal.why}" for refusal in found[:_MOST_NAMED])
    more = f"; and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
    kind = HostilePath if any(refusal.hostile for refusal in found) else UnsupportedEntry
    raise kind(f"{where} is not fetched: {named}{more}. Remove or rename these and push again.", found)


def _walk(api: Api, root: str, limits: FetchLimits) -> Iterator[Json]:
    """Every entry, folder by folder: a truncated answer holds only the first of them."""
    folders, seen = [("", root)], 0
    while folders:
        prefix, sha = folders.pop()
        for entry in api.get(f"git/trees/{check_sha(sha)}").data["tree"]:
            path = f"{prefix}{text_at(entry, 'path')}"
            seen += 1
            if seen > 2 * limits.max_files:  # folders count too: an endless tree ends here
                raise _too_many(f"{api.repository} (tree {root[:7]})", limits)
            if text_at(entry, "type") == "tree":
                folders.append((f"{path}/", text_at(entry, "sha")))
            else:
                yield {**entry, "path": path}


def _check_limits(where: str, raw: Sequence[Json], limits: FetchLimits) -> None:
    if len(raw) > limits.max_files:
        raise _too_many(where, limits)
    for entry in raw:
        if _size(entry) > limits.max_file_bytes:
            raise TreeTooLarge(
                f"{where}: {entry['path']!r} has {_size(entry):,} bytes, more than the "
                f"{limits.max_file_bytes:,} allowed for one file. Keep data outside the repository."
            )
    if (total := sum(map(_size, raw))) > limits.max_bytes:
        raise TreeTooLarge(
            f"{where} has {total:,} bytes, more than the {limits.max_bytes:,} allowed. "
            "Keep data outside the repository, or raise max_mb in config/repositories.yaml."
        )


def _too_many(where: str, limits: FetchLimits) -> TreeTooLarge:
    return TreeTooLarge(
        f"{where} has more than the {limits.max_files:,} files allowed. "
        "Remove what training does not need, or raise max_files in config/repositories.yaml."
    )


def _refusals(raw: Sequence[Json]) -> Iterator[Refusal]:
    paths = [text_at(entry, "path") for entry in raw]
    yield from filter(None, map(refuse_path, paths))
    yield from refuse_collisions(path for path in paths if not refuse_path(path))
    for entry in raw:
        if (mode := text_at(entry, "mode")) not in _FILE_MODES:
            why = _UNSUPPORTED_MODES.get(mode, f"has the mode {mode!r}, which is no file's")
            yield Refusal(entry["path"], why, hostile=False)


def _size(entry: Json) -> int:
    size = entry.get("size")
    return size if isinstance(size, int) else 0


def _entry(raw: Json) -> Entry:
    return Entry(text_at(raw, "path"), check_sha(text_at(raw, "sha")), _size(raw), _FILE_MODES[raw["mode"]])
