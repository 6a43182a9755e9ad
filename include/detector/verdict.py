"""What the detector says of a push: frozen values that travel as JSON between tasks and into mails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Self, cast

_TUPLES = ("modules", "accuracy_files", "model_files", "absolute_paths", "datasets", "network_use")

# The framework of scripts that mean Keras 1 or 2, as a verdict names it.
OLD_KERAS = "keras 1/2 era"


class Kind(StrEnum):
    """The three answers; only `CNN` is ever trained."""

    CNN = "cnn"
    NOT_CNN = "not_cnn"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Evidence:
    """One line of the pushed code that speaks for the verdict.

    Args:
        file: Path relative to the inspected folder, with forward slashes.
        line: Line number from 1; 0 when the whole file is meant.
        source: That line, stripped and shortened; empty when the whole file is meant.
        sentence: What the line shows, as a full sentence.
    """

    file: str
    line: int
    source: str
    sentence: str

    def __str__(self) -> str:
        if not self.line:
            return f"{self.file}: {self.sentence}"
        return f"{self.file}:{self.line}: {self.sentence}  {self.source}".rstrip()

    @classmethod
    def from_json(cls, document: Mapping[str, object]) -> Self:
        """Read what `dataclasses.asdict` wrote."""
        return cls(
            file=str(document["file"]),
            line=int(str(document["line"])),
            source=str(document["source"]),
            sentence=str(document["sentence"]),
        )


@dataclass(frozen=True)
class Verdict:
    """Everything the pipeline needs to know of a push, with the reason in the developer's words.

    Args:
        kind: Whether it is a convolutional network.
        what: What was found: "convolutional network", "dense network", "no learning at all", …
        framework: "keras 3", "tf.keras", "keras 1/2 era", "tensorflow", "pytorch", "other" or "none".
        trainable: The kind is `CNN` and the training image has its framework.
        script: The training script relative to the tree with forward slashes, or None.
        reason: Full sentences for the developer; they stand in a mail.
        evidence: The lines that led to the answer, strongest first.
        interface: How a trial hands over hyper-parameters: one of
            "tweak_script", "arguments", "stdin", "literals", or None.
        modules: The script and every local module that it imports, relative paths, script first.
        accuracy_files: Files the code writes its accuracy to, as spelled in the code.
        model_files: Files the code saves a model to, as spelled in the code.
        absolute_paths: Absolute paths that stand in the code.
        datasets: Data sets it loads: "keras.datasets.mnist", or a folder or file as spelled in the code.
        network_use: What it does over a network, one short phrase each.
    """

    kind: Kind
    what: str
    framework: str
    trainable: bool
    script: str | None
    reason: str
    evidence: tuple[Evidence, ...] = ()
    interface: str | None = None
    modules: tuple[str, ...] = ()
    accuracy_files: tuple[str, ...] = ()
    model_files: tuple[str, ...] = ()
    absolute_paths: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    network_use: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Plain lists, strings and booleans that `json.dumps` takes as they are."""
        document = asdict(self) | {"kind": self.kind.value}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in document.items()}

    @classmethod
    def from_json(cls, document: Mapping[str, object]) -> Self:
        """Read back what `to_json` wrote.

        Raises:
            KeyError: A field that has no default is missing.
            ValueError: The kind is none of the three.
        """
        evidence = cast("Sequence[Mapping[str, object]]", document.get("evidence", ()))
        texts = {name: _texts(document.get(name, ())) for name in _TUPLES}
        return cls(
            kind=Kind(str(document["kind"])),
            what=str(document["what"]),
            framework=str(document["framework"]),
            trainable=document["trainable"] is True,
            script=_optional(document["script"]),
            reason=str(document["reason"]),
            evidence=tuple(Evidence.from_json(one) for one in evidence),
            interface=_optional(document.get("interface")),
            **texts,
        )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in cast("Sequence[object]", value))


def _optional(value: object) -> str | None:
    return None if value is None else str(value)
