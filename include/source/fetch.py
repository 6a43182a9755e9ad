"""A commit's whole tree into a folder: verified file by file, all or nothing, at most once."""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from include.source._api import Api
from include.source._blobs import BlobCache, download
from include.source._names import check_sha
from include.source._tree import Entry, list_files, refuse
from include.source.errors import Refusal, TreeTooLarge
from include.source.limits import FetchLimits

if TYPE_CHECKING:
    from github import Github

log = logging.getLogger(__name__)

_LFS_POINTER = b"version https://git-lfs.github.com/spec/"
_LFS_POINTER_MAX_BYTES = 1024


@dataclass(frozen=True)
class FetchReport:
    """What a fetch did.

    Args:
        files: Files in the tree.
        bytes: Bytes of all files together.
        requests: Requests sent to GitHub; 0 when the tree was there already.
        cached: Files that needed no download.
    """

    files: int
    bytes: int
    requests: int
    cached: int


def fetch_tree(
    client: Github, repository: str, sha: str, destination: Path, blobs: Path, limits: FetchLimits
) -> FetchReport:
    """Bring the whole tree of a commit to `destination`, which exists afterwards exactly when it is whole.

    Idempotent, and safe when several processes fetch the same commit at once. Costs one request for
    the tree and one for each file that no earlier push had.

    Args:
        client: Whose credentials to use.
        repository: `owner/repo`.
        sha: The commit.
        destination: The folder to make; its parents are made too.
        blobs: The cache of blobs, shared by all pushes.
        limits: How many files and bytes are allowed.

    Raises:
        RefusedTree: hostile paths, symlinks, submodules, LFS pointers, each by name.
        TreeTooLarge: more than `limits` allow.
        CommitNotFound: the repository has no such commit.
        SourceError: any other failure; nothing is left at `destination`.
    """
    check_sha(sha)
    if destination.is_dir():
        return _already_there(destination)
    api = Api(client, repository)
    where = f"{repository}@{sha[:7]}"
    entries = list_files(api, sha, limits)
    cache = BlobCache(blobs)
    downloaded = _fill(cache, api, entries, limits, where)
    size = _write(cache, api, entries, destination, limits, where)
    report = FetchReport(len(entries), size, api.requests, sum(e.sha not in downloaded for e in entries))
    log.info("Fetched %s: %s", where, report)
    return report


def _already_there(tree: Path) -> FetchReport:
    files = [path for path in tree.rglob("*") if path.is_file()]
    return FetchReport(len(files), sum(path.stat().st_size for path in files), 0, len(files))


def _fill(
    cache: BlobCache, api: Api, entries: Sequence[Entry], limits: FetchLimits, where: str
) -> frozenset[str]:
    """Download what the cache lacks; return which blobs those were."""
    lacking = {e.sha: e.path for e in entries if cache.read(e.sha) is None}
    total = 0
    for sha, path in lacking.items():
        data = download(api, sha)
        total += len(data)
        _check_bytes(where, path, len(data), total, limits)
        cache.write(sha, data)
    return frozenset(lacking)


def _check_bytes(where: str, path: str, size: int, total: int, limits: FetchLimits) -> None:
    """The sizes in the tree are only what the server said; these are what came."""
    if size > limits.max_file_bytes or total > limits.max_bytes:
        raise TreeTooLarge(
            f"{where}: with {path!r} it has more than the {limits.max_bytes:,} bytes allowed "
            f"({limits.max_file_bytes:,} for one file). Keep data outside the repository."
        )


def _write(
    cache: BlobCache,
    api: Api,
    entries: Sequence[Entry],
    destination: Path,
    limits: FetchLimits,
    where: str,
) -> int:
    """Build the tree beside `destination` and rename it there; return its bytes."""
    destination.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(dir=destination.parent, prefix=f".{destination.name}."))
    try:
        total, pointers = 0, []
        for entry in entries:
            data = cache.read(entry.sha)
            if data is None:  # spoilt or removed since it was filled
                data = download(api, entry.sha)
            total += len(data)
            _check_bytes(where, entry.path, len(data), total, limits)
            if _is_lfs_pointer(data):
                pointers.append(Refusal(entry.path, "is a Git LFS pointer: commit the file itself", False))
            _write_file(building / entry.path, data, executable=entry.executable)
        refuse(where, pointers)
        _open_folders(building)
        _publish(building, destination)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return total


def _is_lfs_pointer(data: bytes) -> bool:
    return len(data) <= _LFS_POINTER_MAX_BYTES and data.startswith(_LFS_POINTER)


def _write_file(path: Path, data: bytes, *, executable: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(0o755 if executable else 0o644)


def _open_folders(building: Path) -> None:
    """The container's user is another: folders are readable whatever this process' umask is."""
    for folder in [building, *(path for path in building.rglob("*") if path.is_dir())]:
        folder.chmod(0o755)


def _publish(building: Path, destination: Path) -> None:
    try:
        building.rename(destination)
    except OSError:
        if not destination.is_dir():
            raise
        log.info("%s was fetched by another process meanwhile.", destination.name)
