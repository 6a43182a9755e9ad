"""The base image comes from a registry where one answers; the engine pulls it from a real one here."""

import hashlib
import io
import json
import subprocess
import tarfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from ops.base_image import BASE_IMAGE_VARIABLE, ensure_base_image, exists
from ops.images import training_image

pytestmark = pytest.mark.docker
_TYPES = "application/vnd.docker.{}"
_MANIFEST = _TYPES.format("distribution.manifest.v2+json")


def _image() -> tuple[bytes, dict[str, bytes]]:
    """A manifest and the blobs it names: an image of one empty folder."""
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        folder = tarfile.TarInfo("opt")
        folder.type = tarfile.DIRTYPE
        tar.addfile(folder)
    rootfs = {"type": "layers", "diff_ids": [_digest(layer.getvalue())]}
    config = json.dumps({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": rootfs}).encode()

    def part(kind: str, blob: bytes) -> dict[str, str | int]:
        return {"mediaType": _TYPES.format(kind), "size": len(blob), "digest": _digest(blob)}

    manifest = {
        "schemaVersion": 2,
        "mediaType": _MANIFEST,
        "config": part("container.image.v1+json", config),
        "layers": [part("image.rootfs.diff.tar", layer.getvalue())],
    }
    return json.dumps(manifest).encode(), {_digest(blob): blob for blob in (config, layer.getvalue())}


def _digest(blob: bytes) -> str:
    return f"sha256:{hashlib.sha256(blob).hexdigest()}"


class _Registry(BaseHTTPRequestHandler):
    """What `docker pull` asks of a registry: the distribution API's reading half."""

    def do_GET(self) -> None:
        manifest, blobs = _image()
        *_, kind, name = self.path.split("/")
        body = {"manifests": manifest, "blobs": blobs.get(name, b"")}.get(kind, b"{}")
        self.send_response(200)
        self.send_header("Content-Type", _MANIFEST if kind == "manifests" else "application/octet-stream")
        self.send_header("Docker-Content-Digest", _digest(body))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of an image that only a registry on this machine has, asked for by the operator."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Registry) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        image = f"localhost:{server.server_port}/python:slim"
        monkeypatch.setenv(BASE_IMAGE_VARIABLE, image)
        yield image
        server.shutdown()
    subprocess.run(["docker", "image", "rm", "--force", image], capture_output=True)


def test_a_base_image_that_the_operator_names_is_pulled_though_another_is_here(registry: str) -> None:
    said: list[str] = []
    assert ensure_base_image(said.append) == registry
    assert exists(registry)
    assert any(line.startswith("Base image: pulled") for line in said)


def test_another_base_image_makes_another_training_image(
    registry: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = training_image()
    monkeypatch.delenv(BASE_IMAGE_VARIABLE)
    assert training_image() != named
