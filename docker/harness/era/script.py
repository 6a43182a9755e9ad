"""What the text of a script tells of the Keras that it was written for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from harness.era.closures import sees_tensors

_MOST_FILES, _MOST_BYTES = 50, 1_000_000
_ACC = re.compile(r"""["'](?:val_)?acc["']|\{(?:val_)?acc[:}]""")
_LISTED_AS_METRIC = re.compile(r"""metrics\s*=\s*[\[(]\s*["']acc["']""")
_KERAS = re.compile(r"^\s*(?:import|from)\s+keras\b", re.MULTILINE)
_GRAPH = re.compile(
    r"\bK\.gradients\b|\bbackend\.gradients\b|\btf\.gradients\(|\btf\.placeholder\b|\bsess(?:ion)?\.run\("
    r"|\bmake_(?:one_shot|initializable)_iterator\b|\bK\.get_session\(\)\.|\btf\.train\.\w+Optimizer\b"
    r"|\btf\.contrib\b|\btf\.layers\.|\.get_updates\(|def get_updates\(|\btf\.metrics\.[a-z]"
    r"|\bget_default_graph\("
    r"|,\s*(?:K|backend)\.learning_phase\(\)\s*\]|\[\s*(?:K|backend)\.learning_phase\(\)\s*\]"
)
_DIMENSIONS = re.compile(r"shape(?:\(\))?\[[^\]]+\]\)?\.value\b")


@dataclass(frozen=True)
class Said:
    """What is known of a script.

    Args:
        imports_keras: It uses the package ``keras``, not only ``tensorflow.keras``.
        spells_acc: It looks the accuracy up as ``acc``, which Keras called it until 2.2.
        has_dimensions: It asks a length of a shape for its value, as TensorFlow 1 had it.
        needs_graph: It works on TensorFlow 1's graph itself, which only exists without eager execution.
    """

    imports_keras: bool = False
    spells_acc: bool = False
    has_dimensions: bool = False
    needs_graph: bool = False


def read(script: Path) -> Said:
    """Read a script and what it imports from beside it: files, and whole folders.

    Args:
        script: The training script; one that is missing says nothing.
    """
    texts = _texts(script)
    text = "\n".join(texts)
    return Said(
        imports_keras=_KERAS.search(text) is not None,
        spells_acc=_ACC.search(_LISTED_AS_METRIC.sub("", text)) is not None,
        has_dimensions=_DIMENSIONS.search(text) is not None,
        needs_graph=_GRAPH.search(text) is not None or any(map(sees_tensors, texts)),
    )


def _texts(script: Path) -> list[str]:
    modules = _imported(script)
    beside = [path for path in sorted(script.parent.glob("*.py")) if path.stem in modules]
    folders = [path for path in sorted(script.parent.glob("*")) if path.name in modules and path.is_dir()]
    beside += [path for folder in folders for path in sorted(folder.rglob("*.py"))]
    texts = []
    for path in (script, *beside[:_MOST_FILES]):
        try:
            with path.open("rb") as stream:
                texts.append(stream.read(_MOST_BYTES).decode("utf-8", "replace"))
        except OSError:
            continue
    return texts


def _imported(script: Path) -> set[str]:
    """Return the names of the modules that a script imports."""
    try:
        with script.open("rb") as stream:
            text = stream.read(_MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return set()
    return set(re.findall(r"^\s*(?:import|from)\s+\.?(\w+)", text, re.MULTILINE)) - {script.stem}
