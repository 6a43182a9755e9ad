"""The configuration of watched repositories: what is valid, and what is said of what is not."""

import re
from pathlib import Path

import pytest

from include.repositories import UnknownRepository, load_repositories
from include.settings import PROJECT_ROOT


def write(folder: Path, text: str) -> Path:
    path = folder / "repositories.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_committed_configuration_is_valid() -> None:
    watched = load_repositories(PROJECT_ROOT / "config" / "repositories.yaml")
    assert watched.problems == ()
    assert [r.dag_id for r in watched.repositories] == ["train_cnn__admin__mnist"]


def test_an_entry_overrides_the_defaults(tmp_path: Path) -> None:
    path = write(tmp_path, "defaults: {target: 0.7, cpus: 1}\nrepositories:\n- {name: a/b, target: 0.9}\n")
    repository = load_repositories(path).named("a/b")
    assert (repository.target, repository.cpus, repository.max_trials) == (0.9, 1, 20)


def test_an_entry_names_the_engine_that_trains_it(tmp_path: Path) -> None:
    path = write(tmp_path, "repositories:\n- {name: a/b, engine: 'tcp://gpu:2376'}\n- {name: c/d}\n")
    assert [r.engine for r in load_repositories(path).repositories] == ["tcp://gpu:2376", None]


@pytest.mark.parametrize("found", [True, False])
def test_a_strategy_needs_its_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: bool) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object() if found else None)
    watched = load_repositories(write(tmp_path, "repositories:\n- {name: a/b, strategy: gp}\n"))
    assert [r.strategy for r in watched.repositories] == (["gp"] if found else [])
    assert ["strategy 'gp' needs scipy and torch: install with" in told for told in watched.problems] == (
        [] if found else [True]
    )


def test_a_broken_entry_disables_only_itself(tmp_path: Path) -> None:
    path = write(tmp_path, "repositories:\n- {name: a/b, target: 80}\n- {name: c/d}\n")
    watched = load_repositories(path)
    assert [r.name for r in watched.repositories] == ["c/d"]
    assert len(watched.problems) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "repositories:\n- {name: a/b, targt: 0.9}\n",
            r"entry 1 \(a/b\): unknown key `targt`; did you mean `target`",
        ),
        (
            "repositories:\n- {name: a/b, target: 80}\n",
            r"entry 1 \(a/b\): `target`: .*less than or equal to 1; write 80 % as 0\.8",
        ),
        (
            "repositories:\n- {name: a/b, engine: gpu}\n",
            r"entry 1 \(a/b\): `engine`: .*\(unix\|tcp\)",
        ),
        ("repositories:\n- {name: nonsense}\n", r"entry 1 \(nonsense\): `name`.*write it as owner/name"),
        (
            "defaults: {targt: 1}\nrepositories:\n- {name: a/b}\n- {name: c/d}\n",
            "`defaults`: unknown key `targt`",
        ),
        (
            "defaults: {target: 80}\nrepositories:\n- {name: a/b}\n- {name: c/d}\n",
            "`defaults`: `target`: Input",
        ),
        (
            "repositories:\n- {name: a/b, timetable: hourly please}\n",
            "is not a cron expression; use for example",
        ),
        (
            "repositories:\n- {name: a/b, strategy: magic}\n",
            "unknown strategy 'magic'; use one of auto, tweak.py, hill_climb",
        ),
        (
            "repositories:\n- {name: a/b, tweak_script: up/../../tweak.py}\n",
            "'up/../../tweak.py' leads out of the push; name a file in it, as tweak.py",
        ),
        (
            "repositories:\n- {name: a/b, tweak_seconds: 600}\n",
            "`tweak_seconds`: .*less than or equal to 100",
        ),
        (
            "repositories:\n- {name: a/b, network: host}\n",
            "'host' leads to the host's services; use none, internet, or a Docker network of your own",
        ),
        (
            "repositories:\n- {name: a/b, recipient_domains: [me@example.org]}\n",
            "`recipient_domains.0`: String should match pattern",
        ),
        (
            "repositories:\n- {name: a/b, notify: [{slack: s, chanel: '#x'}]}\n",
            "`notify.0`: .*unknown key `chanel`; did you mean `channel`",
        ),
        (
            "repositories:\n- {name: a/b, notify: [{slack: s}]}\n",
            "`notify.0`: .*`slack` and `channel` go together; add the other, or use `slack_webhook`",
        ),
        (
            "repositories:\n- {name: a/b, notify: [{slack_webhook: s, webhook: w}]}\n",
            "`notify.0`: .*must name exactly one place; use {slack: connection",
        ),
        (
            "repositories:\n- {name: a/b, notify: [{slack_webhook: s, path: /x}]}\n",
            "`notify.0`: .*`path` goes with `webhook` only; remove it",
        ),
        ("repositories:\n- {name: a/b, notify: [me]}\n", "`notify.0`: .*must be a mapping; use {slack"),
        (
            "repositories:\n- {name: a/b, branch: tuned/0123456789ab}\n",
            "`branch`: .*holds values that were tuned here; watch the branch it is merged into",
        ),
        ("repositories:\n- {name: a/b}\n- {name: a/b}\n", r"entry 2 \(a/b\) is there twice; remove one"),
        ("repositories: a/b\n", "`repositories` must be a list"),
        ("repositories:\n- just a text\n", "entry 1 must be a mapping"),
        ("repositores: []\n", "unknown key `repositores`; did you mean `repositories`"),
        ("defaults: [1]\nrepositories: []\n", "`defaults` must be a mapping"),
        ("alerts: nobody\nrepositories: []\n", "`alerts` must be a list of mail addresses"),
        ("[: not yaml", "can't be read as YAML"),
        ("- a list\n", "must be a mapping with the key `repositories`"),
    ],
)
def test_a_mistake_is_named_with_file_entry_and_remedy(tmp_path: Path, text: str, said: str) -> None:
    path = write(tmp_path, text)
    problems = load_repositories(path).problems
    assert len(problems) == 1
    assert problems[0].startswith(str(path))
    assert re.search(said, problems[0])


def test_a_missing_file_watches_nothing_and_says_what_to_create(tmp_path: Path) -> None:
    watched = load_repositories(tmp_path / "none.yaml")
    assert watched.repositories == ()
    assert "none.yaml is missing; create it" in watched.problems[0]


def test_an_unwatched_repository_is_refused_with_the_watched_ones(tmp_path: Path) -> None:
    watched = load_repositories(write(tmp_path, "repositories:\n- {name: a/b}\n"))
    with pytest.raises(UnknownRepository, match=r"x/y is not watched \(watched: a/b\)"):
        watched.named("x/y")
