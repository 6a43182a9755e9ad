"""Names: of an experiment, of the DAG run that carries a trial."""

import re
from dataclasses import dataclass

_ID = re.compile(r"^(?P<repository>[^/@\s]+/[^/@\s]+)@(?P<sha>[0-9a-f]{40})(?:\+(?P<attempt>[1-9]\d*))?$")


class BadExperimentId(ValueError):
    """A text that names no experiment."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} names no experiment; the form is owner/repository@<full SHA>[+attempt]")


@dataclass(frozen=True)
class ExperimentId:
    """Which push, and which attempt at it (a forced repeat is attempt 2, 3, …).

    Args:
        repository: `owner/name`.
        sha: The full commit SHA, 40 hexadecimal digits.
        attempt: 1 for the push itself, more for forced repeats.
    """

    repository: str
    sha: str
    attempt: int = 1

    @classmethod
    def parse(cls, text: str) -> "ExperimentId":
        """Read `owner/repository@sha[+attempt]`.

        Raises:
            BadExperimentId: the text has another form.
        """
        match = _ID.match(text)
        if match is None:
            raise BadExperimentId(text)
        return cls(match["repository"], match["sha"], int(match["attempt"] or 1))

    def __str__(self) -> str:
        return f"{self.repository}@{self.commit}"

    @property
    def commit(self) -> str:
        """The SHA, with `+attempt` for a forced repeat."""
        return self.sha if self.attempt == 1 else f"{self.sha}+{self.attempt}"

    @property
    def short(self) -> str:
        """`owner/repository@abc1234`, for people."""
        return f"{self.repository}@{self.sha[:7]}" + ("" if self.attempt == 1 else f"+{self.attempt}")

    def run_id(self, trial: int) -> str:
        """Id of the DAG run that trains a trial; the same however often it is asked for."""
        attempt = "" if self.attempt == 1 else f"+{self.attempt}"
        return f"{self.sha[:12]}{attempt}.trial-{trial}"

    def conf(self, trial: int) -> dict[str, str | int]:
        """Configuration of the DAG run that trains a trial."""
        return {"sha": self.commit, "trial": trial}
