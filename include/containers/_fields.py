"""Fields of an untrusted JSON object."""

from __future__ import annotations

import math
from typing import cast

from include.containers._reading import clean_text


class Fields:
    """The fields of an untrusted JSON object; one that has not its type raises ValueError."""

    def __init__(self, document: object) -> None:
        if not isinstance(document, dict):
            raise ValueError("it is not a JSON object")
        self._fields = cast("dict[str, object]", document)

    def text(self, name: str, limit: int) -> str | None:
        """Return a text, cleaned and cut to `limit` characters."""
        value = self._fields.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise ValueError(f"{name} is not a text")
        return clean_text(value, limit)

    def number(self, name: str) -> float | None:
        """Return a finite number."""
        value = self._fields.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise ValueError(f"{name} is not a finite number")
        return float(value)

    def natural(self, name: str) -> int | None:
        """Return a natural number."""
        value = self.number(name)
        if value is not None and (value < 0 or value != int(value) or value > 2**62):
            raise ValueError(f"{name} is not a natural number")
        return None if value is None else int(value)

    def fraction(self, name: str) -> float | None:
        """Return a number from 0 to 1."""
        value = self.number(name)
        if value is not None and not 0 <= value <= 1:
            raise ValueError(f"{name} is not between 0 and 1")
        return value

    def flag(self, name: str) -> bool:
        """Return a truth value, False where it is missing."""
        value = self._fields.get(name, False)
        if not isinstance(value, bool):
            raise ValueError(f"{name} is not true or false")
        return value

    def items(self, name: str, limit: int) -> list[object]:
        """Return a list of at most `limit` items."""
        value = self._fields.get(name, [])
        if not isinstance(value, list) or len(value) > limit:
            raise ValueError(f"{name} is not a list of at most {limit}")
        return value

    def texts(self, name: str) -> dict[str, str]:
        """Return an object of short texts."""
        value = self._fields.get(name, {})
        if not isinstance(value, dict) or len(value) > 50:
            raise ValueError(f"{name} is not an object of at most 50 texts")
        if not all(isinstance(text, str) for text in value.values()):
            raise ValueError(f"{name} is not an object of texts")
        return {clean_text(key, 100): clean_text(text, 100) for key, text in value.items()}
