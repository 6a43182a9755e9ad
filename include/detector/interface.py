"""How the script can be given other hyper-parameters: the first rule that fits wins."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from include.detector.constants import fixed, text
from include.detector.frameworks import member
from include.detector.program import Program
from include.detector.reached import Trace, Use
from include.detector.verdict import Evidence

_OPTION_DEFINERS = re.compile(
    r"click\.(?:option|argument)|typer\.(?:Option|Argument|run)|typer\.Typer\(\)\.command|docopt\.docopt|fire\.Fire"
    r"|absl\.flags\.DEFINE_(?:integer|float|string|enum)|plac\.call|(?:\w+\.)*ArgumentParser\(\)(?:\.\w+\(\))*"
    r"\.add_argument|optparse\.OptionParser\(\)\.add_option|tensorflow\.(?:compat\.v1\.)?(?:app\.)?flags\.DEFINE_\w+"
)
_INPUT_FILE = re.compile(r"input[\w.-]*\.txt", re.IGNORECASE)
_TUNABLE_METHODS = frozenset({"fit", "fit_generator", "flow_from_directory"})
_SHAPES_ONLY = frozenset({"Input", "InputLayer", "Flatten", "Reshape"})
_TWEAK_SCRIPT = "tweak.py"


@dataclass(frozen=True)
class InterfaceRule:
    """One way to hand over hyper-parameters.

    Args:
        name: The answer, as in `Verdict.interface`.
        find: The evidence for it, or None.
    """

    name: str
    find: Callable[[Program, Trace], Evidence | None]


def find_interface(program: Program, traced: Trace) -> tuple[str, Evidence] | None:
    """The interface of the training script with the line that shows it; None when nothing can be tuned."""
    for rule in INTERFACES:
        if evidence := rule.find(program, traced):
            return rule.name, evidence
    return None


def _tweak_script(program: Program, traced: Trace) -> Evidence | None:
    beside = posixpath.join(posixpath.dirname(traced.script.file), _TWEAK_SCRIPT)
    for file in (beside, _TWEAK_SCRIPT):
        if file in program.files and file != traced.script.file:
            return Evidence(
                file, 0, "", "The push brings its own tweak script, which decides on every next step."
            )
    return None


def _arguments(_program: Program, traced: Trace) -> Evidence | None:
    for use in traced.uses:
        if use.call and use.how == "called" and any(_OPTION_DEFINERS.fullmatch(path) for path in use.paths):
            return _evidence(use, "The script defines command-line options.")
        if _reads_number(use, traced, "sys.argv"):
            return _evidence(use, "The script reads numbers from its command line.")
    return None


def _reads_number(use: Use, traced: Trace, source: str) -> bool:
    """`int(sys.argv[1])`, also through a variable, and `map(int, sys.argv[1:])`."""
    if use.call is None or not use.paths & {"builtins.int", "builtins.float", "builtins.map"}:
        return False
    inner = (node for argument in use.call.args for node in ast.walk(argument))
    names = (node for node in inner if isinstance(node, ast.Name | ast.Attribute | ast.Subscript))
    return any(path.startswith(source) for node in names for path in traced.resolver.paths(node, use.scope))


def _stdin(_program: Program, traced: Trace) -> Evidence | None:
    for use in traced.uses:
        if use.call is None:
            continue
        if any(path.startswith(("builtins.input", "sys.stdin.", "fileinput.input")) for path in use.paths):
            return _evidence(use, "The script reads its numbers from standard input.")
        if _opens_input_file(use, traced):
            return _evidence(use, "The script reads its numbers from an input file.")
    for node, module, scope in traced.nodes:
        if isinstance(node, ast.For) and traced.resolver.paths(node.iter, scope) & {"sys.stdin"}:
            line = module.source.line(node.lineno)
            return Evidence(
                module.file, node.lineno, line, "The script reads its numbers from standard input."
            )
    return None


def _opens_input_file(use: Use, traced: Trace) -> bool:
    readers = {"builtins.open", "io.open", "codecs.open", "numpy.loadtxt", "numpy.genfromtxt", "pathlib.Path"}
    if use.call is None or not use.call.args or not use.paths & readers:
        return False
    name = text(use.call.args[0], use.scope, traced.resolver)
    mode = text(use.call.args[1], use.scope, traced.resolver) if len(use.call.args) > 1 else "r"
    return (
        name is not None
        and bool(_INPUT_FILE.fullmatch(posixpath.basename(name)))
        and "w" not in (mode or "r")
    )


def _literals(_program: Program, traced: Trace) -> Evidence | None:
    for use in traced.uses:
        if use.call and _is_tunable(use) and any(_numbers(use.call, use, traced)):
            return _evidence(use, "The numbers stand in the code, where they can be rewritten.")
    return None


def _is_tunable(use: Use) -> bool:
    paths = [member(path) for path in use.paths if not path.startswith("unbound.") or path[8:9].isupper()]
    if any(one.name in _SHAPES_ONLY for one in paths):
        return False
    layer = any(
        (one.is_keras and re.search(r"\b(?:layers|optimizers)\b", one.inner)) or one.library == "unbound"
        for one in paths
    )
    return layer or (use.method in _TUNABLE_METHODS and (not use.paths or any(one.is_keras for one in paths)))


def _numbers(call: ast.Call, use: Use, traced: Trace) -> Iterator[bool]:
    for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
        parts = argument.elts if isinstance(argument, ast.Tuple | ast.List) else [argument]
        for part in parts:
            value = fixed(part, use.scope, traced.resolver, is_script=True)
            yield isinstance(value, int | float) and not isinstance(value, bool)


def _evidence(use: Use, sentence: str) -> Evidence:
    line = use.node.lineno
    return Evidence(use.module.file, line, use.module.source.line(line), sentence)


INTERFACES: tuple[InterfaceRule, ...] = (
    InterfaceRule("tweak_script", _tweak_script),
    InterfaceRule("arguments", _arguments),
    InterfaceRule("stdin", _stdin),
    InterfaceRule("literals", _literals),
)
