"""The secrets of one installation: made on first start, readable by nobody else, in no environment value."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

ADMIN = "admin"


@dataclass(frozen=True)
class Secrets:
    """Where the secrets are; Airflow reads each through a `*_CMD` setting that prints the file.

    Args:
        folder: `<var>/secrets`, mode 0700; every file in it has mode 0600.
    """

    folder: Path

    @property
    def fernet_key(self) -> Path:
        """Encrypts connections and variables in Airflow's database."""
        return self.folder / "fernet_key"

    @property
    def jwt_secret(self) -> Path:
        """Signs the tokens of tasks and of REST clients."""
        return self.folder / "jwt_secret"

    @property
    def api_secret_key(self) -> Path:
        """Signs the web UI's sessions and the log requests between components."""
        return self.folder / "api_secret_key"

    @property
    def passwords(self) -> Path:
        """The web UI's users and passwords, in the JSON that Airflow's SimpleAuthManager reads."""
        return self.folder / "ui_passwords.json"

    def password(self, user: str = ADMIN) -> str:
        """Read the web UI password of a user."""
        return str(json.loads(self.passwords.read_text())[user])


def ensure_secrets(var_dir: Path) -> Secrets:
    """Make the secrets that are missing, and close what others could read.

    Args:
        var_dir: The installation's state folder.

    Returns:
        Where they are.
    """
    folder = var_dir / "secrets"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    made = Secrets(folder)
    write_once(made.fernet_key, base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
    write_once(made.jwt_secret, secrets.token_urlsafe(64))
    write_once(made.api_secret_key, secrets.token_urlsafe(32))
    write_once(made.passwords, json.dumps({ADMIN: secrets.token_urlsafe(12)}))
    for file in folder.iterdir():
        file.chmod(0o600)
    return made


def write_once(path: Path, content: str) -> None:
    """Write a private file unless it exists: whole or not at all, and never readable by others in between.

    Args:
        path: The file, which gets mode 0600.
        content: Its text.
    """
    if path.exists():
        return
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(content)
    with contextlib.suppress(FileExistsError):  # another process was first; its secret counts
        os.link(draft, path)
    draft.unlink()
