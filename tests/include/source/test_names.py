"""Names are refused before they reach a URL or a path on disk."""

import pytest

from include.source import InvalidName, check_branch, check_repository, check_sha


@pytest.mark.parametrize("name", ["o/r", "octo-org/Hello.World_2", "admin/mnist", "o/.github", "o/..."])
def test_repositories_that_github_allows(name: str) -> None:
    assert check_repository(name) == name


@pytest.mark.parametrize(
    "name", ["", "r", "o/", "/r", "o/r/x", "o/..", "o/.", "../r", "o/r?x=1", "o/r#", "o/ r", "o/r\n", "ö/r"]
)
def test_repositories_that_are_none(name: str) -> None:
    with pytest.raises(InvalidName, match="write it as owner/name"):
        check_repository(name)


@pytest.mark.parametrize("name", ["main", "feature/x", "v1.2", "a-b_c", "日本", "dependabot/npm/x@1"])
def test_branches_that_git_allows(name: str) -> None:
    assert check_branch(name) == name


@pytest.mark.parametrize(
    "name",
    ["", "a..b", "a b", "-x", "/x", "x/", "x.", "x.lock", "a//b", "a~1", "a^", "a:b", "a?", "a@{1}", "a\\b"],
)
def test_branches_that_git_refuses(name: str) -> None:
    with pytest.raises(InvalidName, match="not a name that git allows"):
        check_branch(name)


@pytest.mark.parametrize("sha", ["", "abc", "g" * 40, "A" * 40, "0" * 39, "0" * 41, "../" + "0" * 37])
def test_shas_that_are_none(sha: str) -> None:
    with pytest.raises(InvalidName, match="40 lower-case hexadecimal digits"):
        check_sha(sha)
