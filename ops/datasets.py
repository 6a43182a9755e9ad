"""The folder of data sets that trainings read without a network.

It is filled by Keras' own loaders, in the training image, with a network for once; or by the operator.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ops.cli import setup
from ops.commands import Say
from ops.errors import OpsError
from ops.images import training_image
from ops.paths import DATASETS, ca_bundle

_IDX = ("train-labels-idx1", "train-images-idx3", "t10k-labels-idx1", "t10k-images-idx3")
# The files of each, as Keras calls them in its cache.
_FILES = {
    "mnist": ("mnist.npz",),
    "fashion_mnist": tuple(f"fashion-mnist/{name}-ubyte.gz" for name in _IDX),
    "cifar10": ("cifar-10-batches-py.tar.gz",),
    "cifar100": ("cifar-100-python.tar.gz",),
    "imdb": ("imdb.npz", "imdb_word_index.json"),
    "reuters": ("reuters.npz", "reuters_word_index.json"),
    "boston_housing": ("boston_housing.npz",),
    "california_housing": ("california_housing.npz",),
}
NAMES = tuple(_FILES)
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
_CERTIFICATES = "/certificates.pem"
_SECONDS = 1800
# What today's Keras calls otherwise than every Keras before it.
_ARCHIVES = {
    "cifar-10-batches-py-target_archive": "cifar-10-batches-py.tar.gz",
    "cifar-100-python-target_archive": "cifar-100-python.tar.gz",
}


class UnknownDataSetError(OpsError):
    """Keras has no data set of this name."""


class UnusableFileError(OpsError):
    """A file can't be put among the data sets."""


def fill(names: Sequence[str], say: Say, folder: Path = DATASETS) -> int:
    """Fetch data sets that are not there yet, and say of each how it went.

    Args:
        names: Which; all that Keras has where none is named.
        say: Gets one sentence for each.
        folder: Where they go.

    Returns:
        0 when all asked for are there, else 1.

    Raises:
        UnknownDataSetError: A name is none of Keras'.
    """
    for name in names:
        if name not in _FILES:
            raise UnknownDataSetError(f"Keras has no data set {name!r}", f"Choose of {', '.join(NAMES)}")
    setup()
    folder.mkdir(parents=True, exist_ok=True)
    return max([_fetch(name, folder, say) for name in names or NAMES], default=0)


def add(file: Path, name: str, say: Say, folder: Path = DATASETS) -> None:
    """Put an operator's own file among the data sets.

    Args:
        file: The file.
        name: What Keras asks for, such as ``mnist.npz``, or for weights ``models/`` and their file name.
        say: Gets one sentence.
        folder: Where it goes.

    Raises:
        UnusableFileError: There is no such file, or the name leads out of the folder.
    """
    target = folder / name
    if not file.is_file():
        raise UnusableFileError(f"There is no file {file}", "Give the path of the file, then its name")
    if not target.resolve().is_relative_to(folder.resolve()) or target.resolve() == folder.resolve():
        raise UnusableFileError(f"The name {name!r} leads out of {folder}", "Give a name such as mnist.npz")
    target.parent.mkdir(parents=True, exist_ok=True)
    _put(file, target)
    say(f"Data set   {name}: added; trainings that begin from now on find it")


def _fetch(name: str, folder: Path, say: Say) -> int:
    if all((folder / file).is_file() for file in _FILES[name]):
        say(f"Data set   {name}: is there")
        return 0
    say(f"Data set   {name}: fetching")
    with tempfile.TemporaryDirectory(prefix="better-cnn-datasets-") as place:
        done = _load(name, Path(place))
        if done.returncode != 0:
            say(f"Data set   {name}: not fetched, {_reason(done.stderr)}; {_advice()}")
            return 1
        count = _keep(Path(place) / ".keras" / "datasets", folder)
    say(f"Data set   {name}: fetched, {count} file{'' if count == 1 else 's'}")
    return 0


def _load(name: str, place: Path) -> subprocess.CompletedProcess[str]:
    """Run Keras' loader in the training image, with the host's network and certificates."""
    words = f"; {name}.get_word_index()" if name in ("imdb", "reuters") else ""
    code = f"from keras.datasets import {name}; {name}.load_data(){words}"
    command = ["docker", "run", "--rm", "--network", "host", "--user", f"{os.getuid()}:{os.getgid()}"]
    command += ["-v", f"{place}:/home/loader", "-e", "HOME=/home/loader"]
    command += [part for proxy in _PROXIES if os.environ.get(proxy) for part in ("-e", proxy)]
    if (bundle := ca_bundle()) is not None:
        command += ["-v", f"{bundle.resolve()}:{_CERTIFICATES}:ro", "-e", f"SSL_CERT_FILE={_CERTIFICATES}"]
    command += [training_image(), "python3", "-P", "-c", code]
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", f"it took more than {_SECONDS // 60} minutes")


def _keep(loaded: Path, folder: Path) -> int:
    """Move the files that were downloaded, and leave what Keras unpacked of them."""
    files = [path for path in loaded.rglob("*") if path.is_file()]
    fetched = [path for path in files if path.parent == loaded or path.parent.name == "fashion-mnist"]
    for path in fetched:
        name = path.relative_to(loaded)
        target = folder / name.with_name(_ARCHIVES.get(name.name, name.name))
        if not target.exists():  # the operator's own file stays
            _put(path, target)
    return len(fetched)


def _put(file: Path, target: Path) -> None:
    """Copy a file so that no training ever sees half of it, readable for whoever trains."""
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.part")
    shutil.copyfile(file, beside)
    beside.chmod(0o644)
    beside.replace(target)


def _reason(stderr: str) -> str:
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    last = lines[-1] if lines else "for no reason that it gave"
    return last.partition(": ")[2] or last if "Exception:" in last else last


def _advice() -> str:
    return "on a machine without internet add your own file: python -m ops datasets --add FILE NAME"
