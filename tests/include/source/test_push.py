"""Push: the value that travels through XCom and the experiment store."""

import json

import pytest

from include.source import Push

PUSH = Push(
    "o/r", "main", "0123456789" * 4, "Ann", None, "Add café", "2026-01-02T03:04:05Z", "https://x/commit"
)


def test_a_push_survives_json() -> None:
    assert Push.from_json(json.loads(json.dumps(PUSH.to_json()))) == PUSH


def test_fields_of_a_later_version_are_ignored() -> None:
    assert Push.from_json({**PUSH.to_json(), "verified": "yes"}) == PUSH


def test_a_missing_field_is_named() -> None:
    document = PUSH.to_json()
    del document["sha"]
    with pytest.raises(TypeError, match="sha"):
        Push.from_json(document)


def test_the_short_sha_has_seven_digits() -> None:
    assert PUSH.short_sha == "0123456"
