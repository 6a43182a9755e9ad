"""What was told on GitHub of one push: ids, and digests of what stands there."""

import hashlib
import json
import secrets
from collections.abc import Callable
from typing import Any


class Memory:
    """A small JSON document that is saved at every change, so that nothing is told twice.

    Args:
        document: As it was saved last.
        save: Keeps the document.
    """

    def __init__(self, document: dict[str, Any] | None, save: Callable[[dict[str, Any]], None]) -> None:
        self._document = dict(document or {})
        self._save = save

    def get(self, key: str) -> Any:
        """What was remembered under `key`, or None."""
        return self._document.get(key)

    def set(self, **changes: Any) -> None:
        """Remember, on disk before it returns."""
        self._document |= changes
        self._save(self._document)

    @property
    def marker(self) -> str:
        """An invisible line by which our comment is found again.

        Nobody can know its random part before the comment is there, so the first one with it is ours.
        """
        if self.get("marker") is None:
            self.set(marker=f"<!-- better-cnn {secrets.token_hex(16)} -->")
        return str(self.get("marker"))

    def stands(self, key: str, document: object) -> bool:
        """Say whether `document` is what was told last under `key`."""
        return bool(self.get(f"{key}_digest") == _digest(document))

    def told(self, key: str, document: object, **also: Any) -> None:
        """Remember that `document` was told under `key`."""
        self.set(**{f"{key}_digest": _digest(document)}, **also)


def _digest(document: object) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
