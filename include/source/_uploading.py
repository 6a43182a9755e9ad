"""One file on its way into a tree at GitHub."""

from __future__ import annotations

import base64

from include.source._api import Api, Json, text_at
from include.source._snapshot import File


def tree_entry(api: Api, file: File, known: frozenset[str] = frozenset()) -> Json:
    """Return the tree's entry for a file, uploaded as far as it can't ride along in the tree.

    Args:
        api: Where to.
        file: The file.
        known: SHA-1s of blobs that the repository has got already.

    Raises:
        SourceError: the one that fits, see `include.source.errors`.
    """
    entry = {"path": file.path, "mode": "100755" if file.executable else "100644", "type": "blob"}
    if file.sha in known:
        return {**entry, "sha": file.sha}
    if (text := file.text()) is not None:  # text rides along in the tree: no request of its own
        return {**entry, "content": text}
    content = base64.b64encode(file.data).decode()
    blob = api.send("POST", "git/blobs", {"content": content, "encoding": "base64"})
    return {**entry, "sha": text_at(blob, "sha")}
