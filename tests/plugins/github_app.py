"""A GitHub App as GitHub knows it: its key, its installation, its connection."""

from pathlib import Path

import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ops.emulator import LOGIN, TOKEN

APP, INSTALLATION = 12345, 100


def pem() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def seed(folder: Path, private_key: str) -> Path:
    """An emulator's start: its usual user, and an App that the user has installed."""
    installed = [{"installation_id": INSTALLATION, "account": LOGIN, "repository_selection": "all"}]
    app = {
        "app_id": APP,
        "slug": "better-cnn",
        "name": "Better CNN",
        "private_key": private_key,
        "permissions": {"contents": "read"},
        "installations": installed,
    }
    tokens = {TOKEN: {"login": LOGIN, "scopes": ["repo"]}}
    document = {"tokens": tokens, "github": {"users": [{"login": LOGIN}], "apps": [app]}}
    file = folder / "seed.yaml"
    file.write_text(yaml.safe_dump(document))
    return file
