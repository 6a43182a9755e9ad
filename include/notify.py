"""Where else the end of an experiment is told, as an operator lists it under `notify:`."""

import difflib
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

_HOW = "use {slack: connection, channel: '#name'}, {slack_webhook: connection} or {webhook: connection}"
_KINDS = ("slack", "slack_webhook", "webhook")
Connection = Annotated[str, Field(min_length=1, max_length=250)]


class Notify(BaseModel):
    """One place: a Slack channel, a Slack incoming webhook, or any HTTP server. One of the three is set.

    Args:
        slack: Airflow connection of type *Slack API*, with a bot's token.
        channel: The channel for it, as `#trainings`, or its id.
        slack_webhook: Airflow connection of type *Slack Incoming Webhook*.
        webhook: Airflow connection of type *HTTP*; a JSON document is posted to it.
        path: Appended to the address of that connection.

    Raises:
        pydantic.ValidationError: not exactly one of the three, or a key that does not go with it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    slack: Connection | None = None
    channel: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    slack_webhook: Connection | None = None
    webhook: Connection | None = None
    path: Annotated[str, Field(pattern=r"^[!-~]*$", max_length=1000)] = ""

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, entry: Any) -> Any:
        if not isinstance(entry, Mapping):
            raise ValueError(f"must be a mapping; {_HOW}")
        for key in entry:
            if key not in cls.model_fields:
                near = difflib.get_close_matches(str(key), list(cls.model_fields), n=1)
                raise ValueError(f"unknown key `{key}`; " + (f"did you mean `{near[0]}`?" if near else _HOW))
        return entry

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if sum(getattr(self, kind) is not None for kind in _KINDS) != 1:
            raise ValueError(f"must name exactly one place; {_HOW}")
        if (self.slack is None) != (self.channel is None):
            raise ValueError("`slack` and `channel` go together; add the other, or use `slack_webhook`")
        if self.path and self.webhook is None:
            raise ValueError("`path` goes with `webhook` only; remove it")
        return self

    @property
    def kind(self) -> str:
        """`slack`, `slack_webhook` or `webhook`."""
        return next(kind for kind in _KINDS if getattr(self, kind) is not None)

    @property
    def connection(self) -> str:
        """The Airflow connection."""
        return str(getattr(self, self.kind))

    def __str__(self) -> str:
        """The place in a log; names it, and holds no secret: those are in the connection."""
        return " ".join(filter(None, (self.kind, self.connection, self.channel, self.path)))
