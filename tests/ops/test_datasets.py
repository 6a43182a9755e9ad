"""The operator's folder of data sets: his own files, and a clear sentence where there is no network."""

from pathlib import Path

import pytest

from ops import __main__ as ops_main
from ops import cli, datasets


def test_an_own_file_gets_the_name_that_keras_asks_for_and_anybody_can_read_it(tmp_path: Path) -> None:
    said: list[str] = []
    (tmp_path / "mine").write_text("images")
    (tmp_path / "mine").chmod(0o600)
    datasets.add(tmp_path / "mine", "models/vgg.h5", said.append, tmp_path / "sets")
    added = tmp_path / "sets" / "models" / "vgg.h5"
    assert (added.read_text(), added.stat().st_mode & 0o777) == ("images", 0o644)
    assert said == ["Data set   models/vgg.h5: added; trainings that begin from now on find it"]


@pytest.mark.parametrize("name", ["../mnist.npz", "/etc/mnist.npz", "."])
def test_a_name_can_not_lead_out_of_the_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "mine").touch()
    with pytest.raises(datasets.UnusableFileError, match=r"leads out of .*such as mnist\.npz"):
        datasets.add(tmp_path / "mine", name, print, tmp_path / "sets")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(datasets.UnusableFileError, match=r"There is no file .*none"):
        datasets.add(tmp_path / "none", "mnist.npz", print, tmp_path)


def test_a_set_that_keras_has_not_is_told_with_those_it_has(capsys: pytest.CaptureFixture[str]) -> None:
    assert ops_main.main(["datasets", "emnist"]) == 1
    assert "Keras has no data set 'emnist'. Choose of mnist, fashion_mnist" in capsys.readouterr().err


@pytest.mark.docker
def test_what_is_there_is_not_fetched_and_what_can_not_be_fetched_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.setup()  # with the network that there is
    for name in datasets._PROXIES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # nobody answers there
    said: list[str] = []
    (tmp_path / "mnist.npz").write_text("his own")
    assert datasets.fill(["mnist", "boston_housing"], said.append, tmp_path) == 1
    told = [line for line in said if line.startswith("Data set")]
    assert told[0] == "Data set   mnist: is there"
    assert told[1] == "Data set   boston_housing: fetching"
    assert told[2].startswith("Data set   boston_housing: not fetched, URL fetch failure on https://")
    assert len(told) == 3
    assert (tmp_path / "mnist.npz").read_text() == "his own"
