"""Where things are: the project, its runtime state, the host's certificates. Standard library only."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
VAR = PROJECT_ROOT / "var"
LOGS = VAR / "logs"
VENV = PROJECT_ROOT / ".venv"
DATASETS = Path(os.environ.get("CNN_DATASETS") or VAR / "datasets").absolute()

_CA_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT")


def ca_bundle(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Find the certificates this host trusts, private authorities included.

    Args:
        environment: Where an operator may have named a bundle (`SSL_CERT_FILE` and its relatives).

    Returns:
        The bundle, in PEM; None when the host has none that this process can find.
    """
    named = (environment.get(variable) for variable in _CA_VARIABLES)
    usual = (ssl.get_default_verify_paths().openssl_cafile, "/etc/ssl/certs/ca-certificates.crt")
    for candidate in (*named, *usual):
        if candidate and Path(candidate).is_file():
            return Path(candidate)
    return None
