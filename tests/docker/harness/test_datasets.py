"""What Keras would download is found in the operator's folder, under any of its names."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest
from harness.datasets import find, serve

CACHE = "/tmp/.keras"


@pytest.mark.parametrize(
    ("target", "origin", "there"),
    [
        ("datasets/mnist.npz", "https://x/mnist.npz", "mnist.npz"),
        ("datasets/my.npz", "https://x/mnist.npz", "mnist.npz"),
        ("datasets/cifar-10-batches-py.tar.gz", "https://x/cifar-10-python.tar.gz", "cifar-10-python.tar.gz"),
        (
            "datasets/cifar-10-batches-py-target_archive",
            "https://x/cifar-10-python.tar.gz",
            "cifar-10-batches-py.tar.gz",
        ),
        ("datasets/flowers_archive", "https://x/f.php", "flowers.tgz"),
        (
            "fashion-mnist/train-labels-idx1-ubyte.gz",
            "https://x/t.gz",
            "fashion-mnist/train-labels-idx1-ubyte.gz",
        ),
        ("models/vgg.h5", "https://x/vgg.h5", "models/vgg.h5"),
        ("models/vgg.h5", "https://x/vgg.h5", "vgg.h5"),
        ("mine/a.csv", "https://x/b.csv?raw=1", "b.csv"),
    ],
)
def test_a_download_is_found(tmp_path: Path, target: str, origin: str, there: str) -> None:
    (tmp_path / there).parent.mkdir(exist_ok=True)
    (tmp_path / there).touch()
    assert find(f"{CACHE}/{target}", origin, tmp_path) == tmp_path / there


def test_mnists_own_files_are_not_taken_for_fashion_mnists(tmp_path: Path) -> None:
    name = "train-labels-idx1-ubyte.gz"
    (tmp_path / name).touch()
    assert find(f"{CACHE}/fashion-mnist/{name}", f"https://x/{name}", tmp_path) is None


def test_the_operators_word_counts_for_his_files_and_keras_for_all_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, cache = tmp_path / "datasets", tmp_path / "cache"
    folder.mkdir()
    cache.mkdir()
    (folder / "mnist.npz").write_text("his own")
    (cache / "other.npz").write_text("downloaded")
    files = ModuleType("files")
    files.urlretrieve = lambda url, *_: f"downloads {url}"  # type: ignore[attr-defined]
    files.validate_file = lambda *_: False  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "files", files)
    serve("files", folder)
    files.urlretrieve("https://x/mnist.npz", str(cache / "mnist.npz"))
    assert (cache / "mnist.npz").read_text() == "his own"
    assert files.validate_file(str(cache / "mnist.npz"), "hash")
    assert not files.validate_file(str(cache / "other.npz"), "hash")
    assert files.urlretrieve("https://x/new.npz", str(cache / "new.npz")) == "downloads https://x/new.npz"


def test_without_a_folder_nothing_is_touched(tmp_path: Path) -> None:
    serve("a module that is not there", tmp_path / "none")
