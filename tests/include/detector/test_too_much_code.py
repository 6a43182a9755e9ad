"""Too much code is refused in time, and what might hurt the parser is parsed by a child first."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from include.detector import Kind, inspect, limits
from include.detector.inspection import inspect_here
from include.detector.parsing import Parser
from include.detector.sources import Source, UnreadableSourceError
from include.detector.suspicion import is_suspicious
from tests.include.detector.samples import CNN


def test_more_code_than_a_script_has_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mycode.py").write_text("f()\n" * 62_000)
    assert "contains too much code to be analysed" in inspect_here(tmp_path).reason


def flood(folder: Path, script: str) -> None:
    """A script that imports more code than is followed."""
    for number in range(3):
        (folder / f"part{number}.py").write_text("f()\n" * 14_000)
    (folder / "mycode.py").write_text(f"import part0, part1, part2\n{script}")


def test_more_code_than_a_push_has_is_refused(tmp_path: Path) -> None:
    flood(tmp_path, "")
    verdict = inspect_here(tmp_path, "mycode.py")
    assert verdict.kind is Kind.UNREADABLE
    assert verdict.reason.endswith("mycode.py and what it imports are too much code to be analysed.")


def test_a_convolution_that_was_found_before_there_was_too_much_code_counts(tmp_path: Path) -> None:
    flood(tmp_path, CNN)
    verdict = inspect_here(tmp_path)
    assert (verdict.kind, verdict.script) == (Kind.CNN, "mycode.py")
    assert "are too much code to be analysed" in verdict.evidence[-1].sentence


def test_code_is_followed_only_for_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FOLLOWING_SECONDS", -1)
    (tmp_path / "mycode.py").write_text(CNN + "f()\n" * 300)
    (tmp_path / "other.py").write_text("f()\n" * 300)
    assert inspect_here(tmp_path).kind is Kind.CNN
    assert "too much code" in inspect_here(tmp_path / "other.py").reason


@pytest.mark.parametrize(
    ("text", "suspicious"),
    [
        (CNN, False),
        ("x = [" + "1," * 1000 + "]", False),
        ("x = [[1], [2]]\n" * 1000, False),
        ("x = " + "[" * 151 + "]" * 151, True),
        ("x = (\n" * 151, True),
        ("\t" * 60 + "x = 1", True),
        ("x = " + "1 + " * 20_000 + "1", True),
        ("x = 1\n" * 50_000, True),
    ],
)
def test_what_might_hurt_the_parser_is_told_by_a_scan(text: str, suspicious: bool) -> None:
    assert is_suspicious(text) is suspicious


def test_suspicious_code_is_parsed_by_a_child_first() -> None:
    source = Source("a.py", "x = " + "[" * 160 + "]" * 160)
    parser = Parser()
    assert isinstance(parser.parse(source), ast.Module)
    assert parser.seconds_left < limits.PARSE_TOTAL_SECONDS


def test_suspicious_code_is_refused_when_the_time_for_it_is_used_up() -> None:
    source = Source("a.py", "x = " + "[" * 160 + "]" * 160)
    with pytest.raises(UnreadableSourceError, match=r"a\.py is too large to be analysed"):
        Parser(seconds_left=0).parse(source)


def test_many_suspicious_files_share_one_budget_of_time(tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / f"deep{number}.py").write_text("x = " + "[" * 180 + "]" * 180)
    (tmp_path / "mycode.py").write_text(CNN)
    assert inspect(tmp_path).kind is Kind.CNN
