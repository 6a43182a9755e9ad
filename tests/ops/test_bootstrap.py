"""Set-up needs nothing but a Python, does its work once, and knows when to do it again."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ops import bootstrap
from ops.paths import PROJECT_ROOT


@pytest.mark.parametrize(
    "module", ["ops.bootstrap", "ops.engine", "ops.base_image", "ops.images", "ops.browser"]
)
def test_set_up_imports_the_standard_library_only(module: str) -> None:
    code = f"import sys; sys.path.insert(0, {str(PROJECT_ROOT)!r}); import {module}"
    done = subprocess.run((sys.executable, "-I", "-S", "-c", code), capture_output=True, text=True)
    assert done.stderr == ""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose packages are installed, as far as set-up looks."""
    for name in bootstrap._INPUTS:
        shutil.copy(PROJECT_ROOT / name, tmp_path)
    venv = tmp_path / ".venv"
    for path in (venv / "bin" / "uv", venv / "bin" / "airflow", tmp_path / "node_modules" / "emulate"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.setattr(bootstrap, "PROJECT_ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "_NODE_PACKAGES", tmp_path / "node_modules")
    monkeypatch.setattr(bootstrap, "VENV", venv)
    monkeypatch.setattr(bootstrap, "_UV", venv / "bin" / "uv")
    monkeypatch.setattr(bootstrap, "_STAMP", venv / "installed.sha256")
    (venv / "installed.sha256").write_text(bootstrap.inputs_hash(tmp_path))
    return tmp_path


def is_done(project: Path) -> bool:
    """Compare the stamp with this project's inputs."""
    wanted = (project / ".venv" / "installed.sha256").read_text()
    return bootstrap.is_done() and wanted == bootstrap.inputs_hash(project)


def test_a_set_up_project_is_left_alone(project: Path) -> None:
    assert is_done(project)


@pytest.mark.parametrize("changed", bootstrap._INPUTS)
def test_a_changed_lock_is_noticed(project: Path, changed: str) -> None:
    with (project / changed).open("a") as file:
        file.write("\n")
    assert not is_done(project)


@pytest.mark.parametrize("missing", [".venv/bin/airflow", "node_modules/emulate", ".venv/installed.sha256"])
def test_a_removed_part_is_noticed(project: Path, missing: str) -> None:
    (project / missing).unlink()
    assert not bootstrap.is_done()


def test_what_only_tests_need_is_missed_by_tests_only(project: Path) -> None:
    assert not bootstrap.is_done(tests=True)
    (project / "node_modules" / "@octokit").mkdir()
    assert bootstrap.is_done(tests=True)


def test_an_old_python_is_told_which_one_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(bootstrap.PythonTooOldError, match=r"This is Python 3\.9\.2.*3\.11 or newer"):
        bootstrap.bootstrap(lambda _: None)


def test_a_wheel_without_node_is_named(project: Path) -> None:
    with pytest.raises(bootstrap.NoNodeError, match="has no Node for this machine"):
        bootstrap._install_node_packages(lambda _: None, tests=False)


def test_no_registry_host_stands_in_a_lock() -> None:
    for name in (
        "requirements.txt",
        "requirements-dev.txt",
        "requirements-uv.txt",
        "docker/requirements.txt",
    ):
        text = (PROJECT_ROOT / name).read_text()
        assert "://" not in text
        assert "--index-url" not in text
    assert '"resolved"' not in (PROJECT_ROOT / "package-lock.json").read_text()
