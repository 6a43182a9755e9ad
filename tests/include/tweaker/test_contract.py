"""What every interface promises, for every push that it can tweak."""

import shutil
import subprocess
from pathlib import Path

import libcst
import pytest

from include.tweaker import Launch, SearchSpace, Value, apply, discover
from include.tweaker.interfaces import INTERFACES
from tests.include.tweaker.conftest import MakePush, Push
from tests.include.tweaker.styles import OPTIONS, STDIN, STYLES

PUSHES: dict[str, tuple[str, dict[str, str | bytes]]] = {
    **{f"literals, {name}": ("literals", {"train.py": text}) for name, text in STYLES.items()},
    "literals, crlf": ("literals", {"src/train.py": STYLES["plain"].replace("\n", "\r\n")}),
    "literals, bom": ("literals", {"train.py": b"\xef\xbb\xbf" + STYLES["listed"].encode()}),
    "literals, latin-1": (
        "literals",
        {"train.py": ("# coding: latin-1\n# é\n" + STYLES["lenet"]).encode("latin-1")},
    ),
    "literals, no newline at end": ("literals", {"train.py": STYLES["plain"].rstrip("\n")}),
    "arguments": ("arguments", {"train.py": OPTIONS}),
    "arguments, literals": ("arguments", {"train.py": f"{OPTIONS}\n{STYLES['plain']}"}),
    "stdin, no file": ("stdin", {"program.py": STDIN}),
    "stdin, a file": (
        "stdin",
        {"program.py": STDIN, "input.txt": "2\r\n8\r\n3\r\n2\r\n16\r\n3\r\n2\r\n1\r\n50"},
    ),
}


@pytest.fixture(params=list(PUSHES.values()), ids=list(PUSHES))
def pushed(request: pytest.FixtureRequest, push: MakePush) -> tuple[str, Push]:
    interface, files = request.param
    return interface, push(files)


def _space(pushed: tuple[str, Push]) -> SearchSpace:
    space = discover(*pushed[1])
    assert space is not None
    return space


def _applied(pushed: Push, values: dict[str, Value], folder: Path) -> Launch:
    tree, verdict = pushed
    space = discover(tree, verdict)
    assert space is not None
    shutil.copytree(tree, folder)
    return apply(space, values, tree=tree, working_directory=folder, verdict=verdict)


def _other(space: SearchSpace, name: str) -> Value:
    """Return a value that isn't the developer's own."""
    parameter = next(p for p in space.parameters if p.name == name)
    choices = getattr(parameter.distribution, "choices", None)
    candidates = choices or (
        getattr(parameter.distribution, "low", 0),
        getattr(parameter.distribution, "high", 0),
    )
    return next(value for value in candidates if value != parameter.default)


def test_the_interface_is_found(pushed: tuple[str, Push]) -> None:
    space = _space(pushed)
    assert space.interface == pushed[0]
    names = [parameter.name for parameter in space.parameters]
    assert len(names) == len(set(names))


def test_the_space_survives_json(pushed: tuple[str, Push]) -> None:
    space = _space(pushed)
    assert SearchSpace.from_json(space.to_json()) == space


def test_the_developers_own_values_leave_every_file_as_it_was(
    pushed: tuple[str, Push], tmp_path: Path
) -> None:
    space = _space(pushed)
    launch = _applied(pushed[1], space.defaults(), tmp_path / "work")
    tree = pushed[1][0]
    if pushed[0] == "stdin":
        assert launch.stdin
    for path in tree.rglob("*.*"):
        assert (tmp_path / "work" / path.relative_to(tree)).read_bytes() == path.read_bytes()
    if launch.files:  # only the seed's protocol makes a file that wasn't pushed
        assert set(launch.files) == {"input.txt"}
        assert not (tree / "input.txt").exists()


def test_every_value_reaches_the_launch(pushed: tuple[str, Push], tmp_path: Path) -> None:
    space = _space(pushed)
    own = _applied(pushed[1], {}, tmp_path / "own")
    for number, parameter in enumerate(p for p in space.parameters if p.active_if is None):
        value = _other(space, parameter.name)
        launch = _applied(pushed[1], {parameter.name: value}, tmp_path / f"work{number}")
        assert launch != own, parameter.name


def test_applied_values_are_what_is_discovered_next(pushed: tuple[str, Push], tmp_path: Path) -> None:
    if pushed[0] == "arguments":
        return  # nothing in the tree changes
    space = _space(pushed)
    values = {p.name: _other(space, p.name) for p in space.parameters if not _grows(p.name)}
    _applied(pushed[1], values, tmp_path / "work")
    again = discover(tmp_path / "work", pushed[1][1])
    assert again is not None
    assert {n: v for n, v in again.defaults().items() if n in values} == values


def test_git_turns_the_push_into_the_trial(pushed: tuple[str, Push], tmp_path: Path) -> None:
    space = _space(pushed)
    values = {p.name: _other(space, p.name) for p in space.parameters if p.active_if is None}
    launch = _applied(pushed[1], values, tmp_path / "work")
    if not launch.patch:
        assert pushed[0] == "arguments"
        return
    tree = pushed[1][0]
    patch = launch.patch.encode("utf-8", "surrogateescape")
    subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], cwd=tree, input=patch, check=True)
    for path, data in launch.files.items():
        assert (tree / path).read_bytes() == data == (tmp_path / "work" / path).read_bytes()


def test_every_growth_still_parses_and_grows_each_time(pushed: tuple[str, Push], tmp_path: Path) -> None:
    space = _space(pushed)
    for number, parameter in enumerate(p for p in space.parameters if p.name.startswith("growth.")):
        most = int(getattr(parameter.distribution, "high", 0))
        one = _applied(pushed[1], {parameter.name: 1}, tmp_path / f"one{number}")
        all_of_them = _applied(pushed[1], {parameter.name: most}, tmp_path / f"most{number}")
        assert one.files
        for path, data in all_of_them.files.items():
            if path.endswith(".py"):
                libcst.parse_module(data)
        assert most == 1 or one != all_of_them


def _grows(name: str) -> bool:
    return name.startswith(("growth.", "new_"))


def test_names_of_interfaces_differ() -> None:
    assert [interface.name for interface in INTERFACES] == ["arguments", "stdin", "literals"]
