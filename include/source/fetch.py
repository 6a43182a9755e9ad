"""A commit's whole tree into a folder: verified file by file, all or nothing, at most once."""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from github import Github

from include.source._api import Api
from include.source._blobs import BlobCache, download
from include.source._names import check_sha
from include.source._tree import Entry, list_files, refuse
from include.source.errors import Refusal, TreeTooLarge
from include.source.limits import FetchLimits

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
    size = _write(cache, api, entries, destination, where)
    report = FetchReport(
        len(entries), size, api.requests, sum(entry.sha not in downloaded for entry in entries)
    )
    log.info(
        "Fetched %s: %d files, %d bytes, %d requests, %d files from the cache.",
        where,
        report.files,
        report.bytes,
        report.requests,
        report.cached,
    )
    return report


def _already_there(tree: Path) -> FetchReport:
    files = [path for path in tree.rglob("*") if path.is_file()]
    return FetchReport(len(files), sum(path.stat().st_size for path in files), 0, len(files))


def _fill(
    cache: BlobCache, api: Api, entries: Sequence[Entry], limits: FetchLimits, where: str
) -> Mapping[str, int]:
    """Download what the cache lacks; return the size of each blob downloaded."""
    downloaded: dict[str, int] = {}
    total = 0
    for entry in entries:
        if entry.sha in downloaded or cache.read(entry.sha) is not None:
            continue
        data = download(api, entry.sha)
        total += len(data)
        if len(data) > limits.max_file_bytes or total > limits.max_bytes:  # more than the tree had said
            raise TreeTooLarge(f"{where}: {entry.path!r} brings more bytes than the limits allow.")
        cache.write(entry.sha, data)
        downloaded[entry.sha] = len(data)
    return downloaded


def _write(cache: BlobCache, api: Api, entries: Sequence[Entry], destination: Path, where: str) -> int:
    """Build the tree beside `destination` and rename it there; return its bytes."""
    destination.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(dir=destination.parent, prefix=f".{destination.name}."))
    try:
        total, pointers = _write_files(cache, api, entries, building)
        refuse(where, pointers, hostile=False)
        building.chmod(0o755)
        _publish(building, destination)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return total


def _write_files(
    cache: BlobCache, api: Api, entries: Sequence[Entry], building: Path
) -> tuple[int, list[Refusal]]:
    total, pointers = 0, []
    for entry in entries:
        data = cache.read(entry.sha)
        if data is None:  # spoilt or removed since it was filled
            data = download(api, entry.sha)
        if len(data) <= _LFS_POINTER_MAX_BYTES and data.startswith(_LFS_POINTER):
            pointers.append(Refusal(entry.path, "is a Git LFS pointer: commit the file itself"))
        path = building / entry.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        path.chmod(0o755 if entry.executable else 0o644)
        total += len(data)
    return total, pointers


def _publish(building: Path, destination: Path) -> None:
    try:
        building.rename(destination)
    except OSError:
        if not destination.is_dir():
            raise
        log.info("%s was fetched by another process meanwhile.", destination.name)
