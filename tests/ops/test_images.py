"""The training image is named by its content, so it is built exactly when that changes."""

import shutil
import subprocess
from pathlib import Path

import pytest

from ops import images
from ops.base_image import NoBaseImageError, host_mirror, pinned_base
from ops.images import ensure_training_image, inputs, training_image
from ops.paths import PROJECT_ROOT, ca_bundle


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A copy of what the image is made of."""
    for path in inputs():
        target = tmp_path / path.relative_to(PROJECT_ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    return tmp_path


def test_the_same_content_gives_the_same_name(sources: Path) -> None:
    assert training_image(sources) == training_image()
    assert training_image().startswith("better-cnn-training:")
    assert len(training_image().partition(":")[2]) == 12


@pytest.mark.parametrize(
    "changed",
    ["docker/Dockerfile", "docker/requirements.txt", "requirements-uv.txt", "docker/harness/added.py"],
)
def test_any_changed_input_gives_another_name(sources: Path, changed: str) -> None:
    before = training_image(sources)
    with (sources / changed).open("a") as file:
        file.write("\n# changed\n")
    assert training_image(sources) != before


def test_a_renamed_file_gives_another_name(sources: Path) -> None:
    (sources / "docker/harness/one.py").write_text("")
    before = training_image(sources)
    (sources / "docker/harness/one.py").rename(sources / "docker/harness/two.py")
    assert training_image(sources) != before


def test_byte_code_of_a_test_run_changes_nothing(sources: Path) -> None:
    before = training_image(sources)
    cache = sources / "docker" / "harness" / "__pycache__"
    cache.mkdir(exist_ok=True)
    (cache / "launch.cpython-311.pyc").write_bytes(b"\0")
    assert training_image(sources) == before


def test_the_base_image_is_pinned_to_a_version() -> None:
    name, _, version = pinned_base().partition(":")
    assert name == "python"
    assert version.count(".") == 2


def test_a_dockerfile_without_a_base_is_refused(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    with pytest.raises(NoBaseImageError, match="names no BASE_IMAGE"):
        pinned_base(tmp_path / "Dockerfile")


def test_without_registry_and_without_debian_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.apt.mirrors", lambda: ())
    with pytest.raises(NoBaseImageError, match="CNN_BASE_IMAGE"):
        host_mirror()


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_the_ca_bundle_that_the_operator_named_wins(tmp_path: Path, variable: str) -> None:
    bundle = tmp_path / "private.pem"
    bundle.write_text("")
    assert ca_bundle({variable: str(bundle)}) == bundle
    assert ca_bundle({variable: str(tmp_path / "missing.pem")}) == ca_bundle({})


def test_the_build_context_holds_the_inputs_and_the_hosts_certificates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "ca_bundle", lambda: None)
    images._fill_context(tmp_path)
    assert (tmp_path / "ca.pem").read_bytes() == b""
    assert {"Dockerfile", "requirements.txt", "requirements-uv.txt", "harness"} <= {
        path.name for path in tmp_path.iterdir()
    }


@pytest.mark.docker
def test_the_image_runs_hardened_with_what_the_lock_says_and_nothing_left_of_the_build() -> None:
    image = ensure_training_image(lambda _: None)
    code = (
        "import os, keras; from pathlib import Path; "
        "print(os.getuid(), keras.__version__, keras.backend.backend(), Path('/build').exists())"
    )
    hardened = ("--network", "none", "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--memory", "2g")
    command = ("docker", "run", "--rm", *hardened, "--pids-limit", "256", image, "python3", "-c", code)
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    wanted = (PROJECT_ROOT / "docker" / "requirements.in").read_text()
    user, version, backend, build = done.stdout.split()
    assert (user, backend, build) == ("65534", "tensorflow", "False")
    assert f"keras=={version}\n" in wanted
    assert done.stderr == ""
