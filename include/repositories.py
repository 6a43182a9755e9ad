"""The watched repositories: `config/repositories.yaml`, checked entry by entry.

A broken entry disables that repository only; what is wrong is returned as a sentence that names the file, the
entry and the remedy.
"""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from include.notify import Notify
from include.source import is_tuned
from include.strategy_names import AUTO, STRATEGIES, what_is_missing

_NAME = r"^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}$"
_ADDRESS = r"^[^@\s,;<>]+@[^@\s,;<>]+$"
_DOMAIN = r"^[^@\s,;<>]+$"
Address = Annotated[str, Field(pattern=_ADDRESS)]

TWEAK_SCRIPT = "tweak.py"
DECIDERS = (AUTO, TWEAK_SCRIPT, *(name for name in STRATEGIES if name != AUTO))  # of the next values


class Repository(BaseModel):
    """One watched repository and all that an operator may set for it.

    Raises:
        pydantic.ValidationError: a key is unknown or a value out of its range.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=_NAME)]
    branch: Annotated[str, Field(min_length=1)] | None = None
    connection: Annotated[str, Field(min_length=1)] = "github_default"
    poll_seconds: Annotated[float, Field(gt=0, le=3600)] = 10
    timetable: str = "0 * * * *"
    script: str | None = None
    target: Annotated[float, Field(gt=0, le=1)] = 0.80
    max_trials: Annotated[int, Field(ge=1, le=10_000)] = 20
    max_hours: Annotated[float, Field(gt=0)] = 6
    strategy: str = AUTO
    tweak_script: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._ /-]*\.py$")] | None = TWEAK_SCRIPT
    # Below the age at which the monitor takes a container for a stray, which is 120 s.
    tweak_seconds: Annotated[float, Field(gt=0, le=100)] = 60
    pruner: Literal["median", "hyperband", "asha", "none"] = "median"
    warm_start: bool = True
    warm_containers: bool = True
    parallel_trials: Annotated[int, Field(ge=1, le=64)] = 1
    max_parameters: Annotated[int, Field(ge=1)] = 50_000_000
    max_gmacs: Annotated[float, Field(gt=0)] = 20
    recipients: tuple[Address, ...] = ()
    recipient_domains: tuple[Annotated[str, Field(pattern=_DOMAIN)], ...] = ()
    notify_author: bool = True
    commit_status: bool = True
    check_run: bool = True
    commit_comment: bool = True
    pull_request: bool = True
    notify: tuple[Notify, ...] = ()
    image: str | None = None
    mount_point: Annotated[str, Field(pattern=r"^/[A-Za-z0-9._/-]+$")] = "/mlops"
    memory_mb: Annotated[int, Field(ge=256)] = 2048
    cpus: Annotated[float, Field(gt=0)] = 2
    pids: Annotated[int, Field(ge=32)] = 512
    disk_mb: Annotated[int, Field(ge=64)] = 10_240
    minutes_per_trial: Annotated[float, Field(gt=0)] = 60
    network: str = "none"
    engine: Annotated[str, Field(pattern=r"^(unix|tcp)://.+$")] | None = None
    gpus: Annotated[int, Field(ge=0, le=64)] | Literal["all"] = 0
    runtime: str | None = None
    max_files: Annotated[int, Field(ge=1)] = 2000
    max_mb: Annotated[int, Field(ge=1)] = 200
    keep_trials: Annotated[int, Field(ge=0)] = 20
    keep_days: Annotated[float, Field(gt=0)] = 30

    @field_validator("branch")
    @classmethod
    def _not_our_own(cls, branch: str | None) -> str | None:
        if branch is not None and is_tuned(branch):
            raise ValueError(
                f"{branch!r} holds values that were tuned here; watch the branch it is merged into"
            )
        return branch

    @field_validator("strategy")
    @classmethod
    def _known_strategy(cls, name: str) -> str:
        if name not in DECIDERS:
            raise ValueError(f"unknown strategy {name!r}; use one of {', '.join(DECIDERS)}")
        missing = what_is_missing(name)
        if missing:
            raise ValueError(missing)
        return name

    @field_validator("tweak_script")
    @classmethod
    def _inside_the_push(cls, path: str | None) -> str | None:
        if path is not None and ".." in path.split("/"):
            raise ValueError(f"{path!r} leads out of the push; name a file in it, as tweak.py")
        return path

    @field_validator("network")
    @classmethod
    def _away_from_the_host(cls, name: str) -> str:
        if name in ("host", "bridge", "default") or ":" in name:
            raise ValueError(
                f"{name!r} leads to the host's services; use none, internet, or a Docker network of your own"
            )
        return name

    @field_validator("timetable")
    @classmethod
    def _readable_timetable(cls, expression: str) -> str:
        from croniter import croniter  # Airflow's own cron library; costly to import where no file is read

        if not croniter.is_valid(expression):
            raise ValueError(f"{expression!r} is not a cron expression; use for example '0 * * * *'")
        return expression

    @property
    def dag_id(self) -> str:
        """Id of this repository's DAG: `train_cnn__owner__name`."""
        return dag_id_of(self.name)


def dag_id_of(repository: str) -> str:
    """Return the id of the DAG of a repository, watched or not."""
    return f"train_cnn__{repository.replace('/', '__')}"


PRUNERS = ("median", "hyperband", "asha", "none")


@dataclass(frozen=True)
class Watched:
    """What one configuration file says.

    Args:
        repositories: The valid entries, in their order.
        alerts: Mail addresses for failures of the system itself.
        problems: A sentence for each entry that is disabled, or for the file.
    """

    repositories: tuple[Repository, ...]
    alerts: tuple[str, ...]
    problems: tuple[str, ...]

    def named(self, name: str) -> Repository:
        """The entry of one repository.

        Raises:
            UnknownRepository: no valid entry has that name.
        """
        for repository in self.repositories:
            if repository.name == name:
                return repository
        raise UnknownRepository(name, [r.name for r in self.repositories])


class UnknownRepository(LookupError):
    """A repository that `config/repositories.yaml` does not watch (any more)."""

    def __init__(self, name: str, watched: Iterable[str]) -> None:
        known = ", ".join(watched) or "none"
        super().__init__(f"{name} is not watched (watched: {known}); add it to config/repositories.yaml")


def load_repositories(path: Path) -> Watched:
    """Read and check the configuration; never raises for what stands in the file.

    Args:
        path: The YAML file.
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Watched((), (), (f"{path} is missing; create it with a list under `repositories:`",))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        return Watched((), (), (f"{path} can't be read as YAML: {error}; correct it",))
    if not isinstance(document, Mapping):
        return Watched((), (), (f"{path} must be a mapping with the key `repositories`; it is not",))
    return _check(path, document)


def _check(path: Path, document: Mapping[str, object]) -> Watched:
    problems = [_unknown(path, "the file", key, _TOP) for key in document if key not in _TOP]
    defaults = _mapping(path, "defaults", document.get("defaults"), problems)
    alerts = _alerts(path, document.get("alerts"), problems)
    entries = document.get("repositories") or []
    if not isinstance(entries, list):
        problems.append(f"{path}: `repositories` must be a list; start each entry with `- name: owner/name`")
        entries = []
    found: dict[str, Repository] = {}
    for number, entry in enumerate(entries, start=1):
        repository = _entry(path, number, entry, defaults, problems)
        if repository is not None and repository.dag_id in found:
            problems.append(f"{path}: entry {number} ({repository.name}) is there twice; remove one")
        elif repository is not None:
            found[repository.dag_id] = repository
    return Watched(tuple(found.values()), alerts, tuple(problems))


_TOP = ("defaults", "alerts", "repositories")


def _alerts(path: Path, value: object, problems: list[str]) -> tuple[str, ...]:
    if value is None or (isinstance(value, list) and all(isinstance(a, str) and "@" in a for a in value)):
        return tuple(value or ())
    problems.append(f"{path}: `alerts` must be a list of mail addresses; it is {value!r}")
    return ()


def _mapping(path: Path, key: str, value: object, problems: list[str]) -> Mapping[str, object]:
    if value is None or isinstance(value, Mapping):
        return value or {}
    problems.append(f"{path}: `{key}` must be a mapping of keys to values; it is {value!r}")
    return {}


def _entry(
    path: Path, number: int, entry: object, defaults: Mapping[str, object], problems: list[str]
) -> Repository | None:
    if not isinstance(entry, Mapping):
        problems.append(f"{path}: entry {number} must be a mapping that starts with `- name: owner/name`")
        return None
    try:
        return Repository.model_validate({**defaults, **entry})
    except ValidationError as error:
        for detail in error.errors():
            first, *rest = detail["loc"]
            name = entry.get("name", "without name")
            where = f"entry {number} ({name})" if first in entry or first not in defaults else "`defaults`"
            key = ".".join(map(str, (first, *rest)))
            if detail["type"] == "extra_forbidden":
                problem = _unknown(path, where, key, Repository.model_fields)
            else:
                problem = f"{path}: {where}: `{key}`: {detail['msg']}; {_remedy(str(first))}"
            if problem not in problems:  # a mistake in the defaults is one of every entry
                problems.append(problem)
        return None


_REMEDIES = {
    "name": "write it as owner/name",
    "target": "write 80 % as 0.8",
    "recipients": "list whole mail addresses",
    "recipient_domains": "list domains, without what is before the @",
    "mount_point": "write a path such as /mlops",
    "engine": "write unix:///path or tcp://host:port",
}


def _remedy(key: str) -> str:
    return f"{_REMEDIES.get(key, 'correct it')}, until then the repository is not watched"


def _unknown(path: Path, where: str, key: str, valid: Iterable[str]) -> str:
    near = difflib.get_close_matches(key, list(valid), n=1)
    hint = f"did you mean `{near[0]}`?" if near else f"valid keys: {', '.join(valid)}"
    return f"{path}: {where}: unknown key `{key}`; {hint}"
