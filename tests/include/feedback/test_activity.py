"""Several pushes between two polls, told by an activity as GitHub describes it."""

from __future__ import annotations

from pathlib import Path

from include.source import BranchWatch, commit_folder, create_repository
from ops.emulator import TOKEN
from tests.include.feedback.gateway import Gateway


def test_every_push_to_the_branch_between_two_polls_is_news(gateway: Gateway, tree: Path) -> None:
    client, author = gateway.client(TOKEN), ("Ada", "ada@example.com")
    name = create_repository(client, "active")

    def push(branch: str, text: str) -> str:
        (tree / "mycode.py").write_text(text)
        return commit_folder(client, name, branch, tree, "Change it", author).sha

    seen, *new = [push("main", f"# {number}") for number in range(2)]
    push("beside", "# elsewhere")
    new += [push("main", f"# {number}") for number in range(2, 4)]
    watch = BranchWatch(lambda: client, name, "main")
    assert watch.news(seen) == tuple(new)
    assert watch.news(new[-1]) == ()
