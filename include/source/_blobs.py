"""Blobs by their git SHA-1, cached across pushes; what a hash promises is checked at every use."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import tempfile
from pathlib import Path

from include.source._api import Api, text_at
from include.source._names import check_sha
from include.source.errors import CorruptedAnswer


def git_blob_sha(data: bytes) -> str:
    """Return the SHA-1 under which git stores `data` as a blob, 40 hexadecimal digits."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


class BlobCache:
    """A folder of blobs, `<2>/<38>`; safe for several processes at once.

    Args:
        folder: Where it is; made when missing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, sha: str) -> bytes | None:
        """Return the blob, or None when it is not there or its bytes are not what `sha` promises."""
        try:
            data = self._path(sha).read_bytes()
        except FileNotFoundError:
            return None
        return data if git_blob_sha(data) == sha else None

    def write(self, sha: str, data: bytes) -> None:
        """Keep a blob, in one step: a reader sees it whole or not at all."""
        path = self._path(sha)
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def _path(self, sha: str) -> Path:
        return self._folder / check_sha(sha)[:2] / sha[2:]


def download(api: Api, sha: str) -> bytes:
    """Fetch one blob and check it.

    Raises:
        CorruptedAnswer: the bytes are not what `sha` promises.
        SourceError: any other failure.
    """
    answer = api.get(f"git/blobs/{check_sha(sha)}").data
    try:
        data = base64.b64decode(text_at(answer, "content"))
    except binascii.Error as error:
        raise CorruptedAnswer(f"Blob {sha} of {api.repository} came as broken base64. Try again.") from error
    if (got := git_blob_sha(data)) != sha:
        raise CorruptedAnswer(
            f"Blob {sha} of {api.repository} came with other bytes (their SHA-1 is {got}). Try again; "
            "if it lasts, a proxy changes the answers."
        )
    return data
