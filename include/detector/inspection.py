"""One static pass over a push, which never runs any of it."""

from __future__ import annotations

from pathlib import Path

from include.detector.datasets import find_datasets
from include.detector.files import absolute_paths, accuracy_files, model_files
from include.detector.framework import Framework, find_framework
from include.detector.interface import find_interface
from include.detector.layers import Family
from include.detector.network_use import find_network_use
from include.detector.program import Program, open_program
from include.detector.rules import Decision, Situation, decide, unreadable
from include.detector.scripts import Candidate, Choice, choose, follow
from include.detector.sources import UnreadableSourceError
from include.detector.verdict import Evidence, Kind, Verdict

_NOTEBOOK = "It is a notebook, which can't be trained as it is: save it as a Python script and push that."
_NO_FRAMEWORK = Framework("none", "no framework", trainable=False)


def inspect_here(tree: Path, script: str | None = None) -> Verdict:
    """Say what was pushed, in this process, without the limits on time and memory that `inspect` adds.

    Args:
        tree: The pushed folder, or one file of it (its neighbours are then looked at as imports only).
        script: The training script that the operator configured, relative to the folder; where it is not
            there, the script is chosen as if none had been configured, and the reason says so.

    Returns:
        The verdict; what can't be read is a verdict of kind `UNREADABLE` with the reason.
    """
    try:
        return _inspect(Path(tree), script)
    except UnreadableSourceError as error:
        return verdict_of_unreadable(error)
    except OSError as error:
        problem = UnreadableSourceError(str(tree), "unreadable path", f"can't be opened ({error.strerror})")
        return verdict_of_unreadable(problem)


def verdict_of_unreadable(error: UnreadableSourceError) -> Verdict:
    """The verdict where a file that decides can't be read."""
    return _verdict_without_script(unreadable(error))


def _inspect(tree: Path, script: str | None) -> Verdict:
    program = open_program(tree)
    configured = program.files[0] if not tree.is_dir() or tree.is_symlink() else script
    situation = _situation(program, configured)
    try:
        return _judge(situation)
    except (RecursionError, MemoryError) as error:
        file = situation.candidate.file if situation.candidate else str(tree)
        complaint = "is nested too deeply to be analysed"
        raise UnreadableSourceError(file, "deeply nested code", complaint) from error


def _situation(program: Program, configured: str | None) -> Situation:
    if configured is None:
        return Situation(program, choose(program))
    if configured not in program.files:
        choice = choose(program)
        why = f"The configured script `{configured}` is not in the push. {choice.why}".strip()
        return Situation(program, Choice(choice.candidate, why))
    try:
        return Situation(program, Choice(follow(program, configured)))
    except UnreadableSourceError as error:
        return Situation(program, Choice(None), must_read=error)


def _judge(situation: Situation) -> Verdict:
    decision = decide(situation)
    candidate = situation.candidate
    if candidate is None or decision.kind is Kind.UNREADABLE:
        return _verdict_without_script(decision)
    return _verdict(situation, decision, candidate)


def _verdict(situation: Situation, decision: Decision, candidate: Candidate) -> Verdict:
    traced = candidate.trace
    framework = find_framework(traced, candidate.network)
    is_cnn = decision.kind is Kind.CNN
    notebook = traced.script.source.notebook
    obstacle = next(filter(None, map(situation.program.obstacle, traced.modules)), "") or _missing_import(
        candidate
    )
    interface = find_interface(situation.program, traced) if is_cnn else None
    evidence = (
        *decision.evidence,
        *(framework.evidence if is_cnn else ()),
        *((interface[1],) if interface else ()),
    )
    return Verdict(
        kind=decision.kind,
        what=decision.what,
        framework=framework.name,
        trainable=is_cnn and framework.trainable and not notebook and not obstacle,
        script=candidate.file,
        reason=_reason(decision, framework, situation.choice, obstacle=_NOTEBOOK if notebook else obstacle),
        evidence=(*evidence, *_skipped(situation.program)),
        interface=interface[0] if interface else None,
        modules=tuple(module.file for module in traced.modules),
        accuracy_files=accuracy_files(traced),
        model_files=model_files(traced),
        absolute_paths=absolute_paths(traced),
        datasets=find_datasets(traced),
        network_use=find_network_use(traced),
    )


def _missing_import(candidate: Candidate) -> str:
    """A sentence for a convolution that nothing imports, as in a part of a script, else empty."""
    layers = candidate.network.of(Family.CONVOLUTION)
    imported = any(layer.member.library != "unbound" for layer in layers)
    if imported or not layers or any("builtins.exec" in use.paths for use in candidate.trace.uses):
        return ""
    first = layers[0]
    place = f"line {first.line} of `{first.use.module.file}`"
    return f"`{first.member.name}` in {place} is not imported: Python stops there; push the whole script."


def _reason(decision: Decision, framework: Framework, choice: Choice, *, obstacle: str) -> str:
    sentences = [decision.reason]
    if decision.kind is Kind.CNN:
        sentences.append(framework.remark or f"The framework is {framework.title}.")
        sentences.append(obstacle)
    return " ".join(sentence for sentence in (*sentences, choice.why) if sentence)


def _skipped(program: Program) -> tuple[Evidence, ...]:
    errors = sorted(program.unreadable.values(), key=lambda error: error.file)
    return tuple(Evidence(error.file, error.line, "", f"Was not looked at: {error}") for error in errors[:3])


def _verdict_without_script(decision: Decision) -> Verdict:
    return Verdict(
        kind=decision.kind,
        what=decision.what,
        framework=_NO_FRAMEWORK.name,
        trainable=False,
        script=None,
        reason=decision.reason,
        evidence=decision.evidence,
    )
