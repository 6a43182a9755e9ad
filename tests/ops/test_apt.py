"""The Debian mirror is read from whatever spelling the host's apt sources use."""

from pathlib import Path

import pytest

from ops import apt
from ops.apt import Mirror
from ops.base_image import host_mirror

DEB822 = """\
# a comment
Types: deb deb-src
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/security
Suites: bookworm-security
Components:
 main
"""
MAIN = ("main", "contrib")


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "debian.sources",
            DEB822,
            [
                Mirror("http://mirror.example/debian", "bookworm", MAIN),
                Mirror("http://mirror.example/debian", "bookworm-updates", MAIN),
                Mirror("http://mirror.example/security", "bookworm-security", ("main",)),
            ],
        ),
        ("off.sources", "Enabled: no\n" + DEB822.partition("\n\n")[0].partition("\n")[2], []),
        ("source-only.sources", "Types: deb-src\nURIs: http://a.example\nSuites: x\nComponents: main\n", []),
        (
            "one.list",
            "deb http://a.example/debian bookworm main contrib # ours",
            [Mirror("http://a.example/debian", "bookworm", MAIN)],
        ),
        (
            "options.list",
            "deb [ arch=amd64 signed-by=/k.gpg ] https://a.example bookworm main\n"
            "deb [arch=amd64] https://b.example bookworm main",
            [
                Mirror("https://a.example", "bookworm", ("main",)),
                Mirror("https://b.example", "bookworm", ("main",)),
            ],
        ),
        (
            "commented.list",
            "# deb http://a.example bookworm main\ndeb-src http://a.example bookworm main",
            [],
        ),
        ("broken.list", "deb\ndeb http://a.example\n", []),
        ("saved.list.save", "deb http://a.example bookworm main", []),
    ],
)
def test_mirrors_are_read_from_both_spellings(
    tmp_path: Path, name: str, text: str, expected: list[Mirror]
) -> None:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list.d" / name).write_text(text)
    assert list(apt.mirrors(tmp_path)) == expected


def test_the_old_single_file_comes_first(tmp_path: Path) -> None:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list.d" / "a.list").write_text("deb http://second.example bookworm main")
    (tmp_path / "sources.list").write_text("deb http://first.example bookworm main")
    assert [mirror.url for mirror in apt.mirrors(tmp_path)] == [
        "http://first.example",
        "http://second.example",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("VERSION_CODENAME=bookworm\nID=debian\n", "bookworm"),
        ('ID=ubuntu\nVERSION_CODENAME="noble"\n', "noble"),
        ("ID=arch\n", None),
    ],
)
def test_the_release_is_read_from_os_release(tmp_path: Path, text: str, expected: str | None) -> None:
    file = tmp_path / "os-release"
    file.write_text(text)
    assert apt.codename(file) == expected
    assert apt.codename(tmp_path / "missing") is None


def test_without_root_the_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(apt.PackageMissingError, match=r"gadgets is missing.*apt-get install gadget-tools"):
        apt.install(["gadget-tools"], print, why="gadgets")


def test_it_waits_while_another_apt_is_at_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = tmp_path / "lock"
    lock.touch()
    program = tmp_path / "apt-get"
    program.write_text(f"#!/bin/sh\nrm {lock} 2>/dev/null && echo 'E: Could not get lock' && exit 1; true\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(apt, "can_install", lambda: True)
    monkeypatch.setattr(apt, "LOGS", tmp_path)
    apt.install(["gadget-tools"], print, why="gadgets")
    assert (tmp_path / "apt.log").read_text().count("$ apt-get update") == 2


def test_a_third_partys_repository_is_never_taken_for_the_base_image(monkeypatch: pytest.MonkeyPatch) -> None:
    third, security = (
        Mirror("https://third.example", "tool-bookworm", ("main",)),
        Mirror("http://mirror.example/security", "bookworm-security", ("main",)),
    )
    debian = Mirror("http://mirror.example", "bookworm", ("main",))
    monkeypatch.setattr(apt, "mirrors", lambda: (third, security, debian))
    monkeypatch.setattr(apt, "codename", lambda: "bookworm")
    monkeypatch.setattr(apt, "can_install", lambda: True)
    assert host_mirror() == debian
