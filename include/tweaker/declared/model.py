"""The typed content of a ``tweak.yaml``."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictFloat,
    StrictInt,
    StrictStr,
    field_validator,
    model_validator,
)

_ADDRESS = r"^[^@\s,;<>]+@[^@\s,;<>]+$"
_MOST = 500  # entries of a list: more is no declaration any more
Name = Annotated[str, Field(min_length=1, max_length=200)]
Number = Annotated[StrictInt | StrictFloat, Field(allow_inf_nan=False)]
Choice = StrictInt | StrictFloat | StrictStr


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_max_length=1000)


class DeclaredParameter(_Entry):
    """What is declared of one hyper-parameter; what is left out stays as it was discovered.

    Args:
        low: Smallest value, itself included.
        high: Largest value, itself included.
        step: Distance between values, counted from `low`; not together with `log`.
        log: Whether values are spread by their order of magnitude.
        choices: The only values, in place of a range.
        only_if: This one only counts while another is at least so large, as ``{growth.dense_layers: 1}``.
    """

    low: Number | None = None
    high: Number | None = None
    step: Annotated[Number, Field(gt=0)] | None = None
    log: bool | None = None
    choices: Annotated[tuple[Choice, ...], Field(min_length=1, max_length=_MOST)] | None = None
    only_if: Annotated[dict[Name, StrictInt], Field(min_length=1, max_length=1)] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        ranged = [name for name in ("low", "high", "step", "log") if getattr(self, name) is not None]
        if self.choices is not None and ranged:
            raise ValueError(f"`choices` and `{ranged[0]}` exclude each other; keep one of them")
        if self.step is not None and self.log:
            raise ValueError("`step` and `log: true` exclude each other; keep one of them")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"`low` {self.low} is above `high` {self.high}; exchange them")
        if self.choices is not None and len(set(map(repr, self.choices))) < len(self.choices):
            raise ValueError("a choice is there twice; remove one")
        return self


class DeclaredBudget(_Entry):
    """The most that an experiment may use; an operator's own limits hold besides."""

    trials: Annotated[int, Field(ge=1, le=10_000)] | None = None
    hours: Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False)] | None = None


class Declared(_Entry):
    """A whole ``tweak.yaml``; every key is optional.

    Args:
        script: The training script, relative to the repository.
        target: The accuracy to reach, as a fraction.
        budget: The most that the experiment may use.
        recipients: Mail addresses told besides the commit's author.
        fixed: Parameters never to be tweaked; ``*`` and ``?`` stand for any characters.
        parameters: By name, as ``python -m include.tweaker`` shows them.
        source: The file, for messages; not part of it.
    """

    script: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    target: Annotated[float, Field(gt=0, le=1)] | None = None
    budget: DeclaredBudget = DeclaredBudget()
    recipients: Annotated[
        tuple[Annotated[str, Field(pattern=_ADDRESS, max_length=320)], ...], Field(max_length=50)
    ] = ()
    fixed: Annotated[tuple[Name, ...], Field(max_length=_MOST)] = ()
    parameters: Annotated[dict[Name, DeclaredParameter], Field(max_length=_MOST)] = {}
    source: Annotated[str, Field(exclude=True)] = "tweak.yaml"

    @field_validator("script")
    @classmethod
    def _inside(cls, script: str | None) -> str | None:
        path = PurePosixPath(script or ".")
        if path.is_absolute() or ".." in path.parts or "\\" in (script or ""):
            raise ValueError(f"{script!r} must be a path inside the repository, with forward slashes")
        return script
