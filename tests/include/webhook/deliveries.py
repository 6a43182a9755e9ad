"""Deliveries of GitHub's webhook, signed as GitHub does."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

SECRET, OTHER = "s3cret", "another"


A, B = "a" * 40, "b" * 40


def sign(body: bytes, secret: str) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def push(repository: str = "admin/mnist", ref: str = "refs/heads/main", sha: str = A, **more: Any) -> Any:
    about = {"full_name": repository, "default_branch": "main", "pushed_at": 1_000_000}
    return {"ref": ref, "after": sha, "before": B, "repository": about, **more}
