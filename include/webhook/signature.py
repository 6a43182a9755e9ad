"""Whether GitHub has signed a request: HMAC-SHA256 of the raw body with a shared secret."""

import hashlib
import hmac
import re
from collections.abc import Mapping

_FORM = re.compile(r"sha256=[0-9a-f]{64}")


def is_signature(header: str | None) -> bool:
    """Say whether the header `X-Hub-Signature-256` has the form of a signature."""
    return header is not None and _FORM.fullmatch(header) is not None


def signers(secrets: Mapping[str, str], body: bytes, header: str) -> frozenset[str]:
    """Return whose secrets have signed the body, each compared in the same time.

    Args:
        secrets: Connection → secret; empty secrets sign nothing.
        body: The raw body.
        header: A signature, by `is_signature`.
    """
    return frozenset(
        connection
        for connection, secret in secrets.items()
        if secret and hmac.compare_digest(_sign(secret, body), header)
    )


def _sign(secret: str, body: bytes) -> str:
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"
