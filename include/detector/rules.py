"""Turns what was found into the verdict: ordered rules, of which the first that applies decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from include.detector.layers import HANDMADE_RULE, Family
from include.detector.near_misses import find_near_misses
from include.detector.networks import Found, Network
from include.detector.program import Program
from include.detector.scripts import Candidate, Choice, name_rank
from include.detector.sources import UnreadableSourceError
from include.detector.verdict import Evidence, Kind

_MOST_EVIDENCE = 8
_ARTICLES = {Family.UNKNOWN: "an", Family.CLASSICAL: "a model of"}


@dataclass(frozen=True)
class Situation:
    """All that a rule looks at.

    Args:
        program: The pushed files.
        choice: The training script, if there is one.
        must_read: A file without which there is no verdict, when it can't be read.
    """

    program: Program
    choice: Choice
    must_read: UnreadableSourceError | None = None

    @property
    def candidate(self) -> Candidate | None:
        """The training script."""
        return self.choice.candidate

    @property
    def network(self) -> Network:
        """What the training script builds and trains."""
        return self.candidate.network if self.candidate else Network((), ())


@dataclass(frozen=True)
class Decision:
    """Kind, name and reason of a verdict, before the details are added."""

    kind: Kind
    what: str
    reason: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class VerdictRule:
    """One rule.

    Args:
        name: Short name, for tests.
        decide: The decision, or None when the rule does not apply.
    """

    name: str
    decide: Callable[[Situation], Decision | None]


def decide(situation: Situation) -> Decision:
    """Apply the rules in order; the last one always applies."""
    decisions = (rule.decide(situation) for rule in VERDICT_RULES)
    return next(decision for decision in decisions if decision is not None)


def unreadable(error: UnreadableSourceError) -> Decision:
    """The decision where a file can't be read."""
    sentence = str(error)
    evidence = Evidence(error.file, error.line, "", sentence)
    return Decision(Kind.UNREADABLE, error.what, f"The code could not be read: {sentence}", (evidence,))


def _nothing_pushed(situation: Situation) -> Decision | None:
    if situation.program.files:
        return None
    return Decision(
        Kind.NOT_CNN, "no Python code", "The push contains no Python file, so there is nothing to train."
    )


def _script_unreadable(situation: Situation) -> Decision | None:
    return unreadable(situation.must_read) if situation.must_read else None


def _convolution(situation: Situation) -> Decision | None:
    network, candidate = situation.network, situation.candidate
    if network.family is not Family.CONVOLUTION or candidate is None:
        return None
    layers = network.of(Family.CONVOLUTION)
    where = _at(layers[0], candidate) + _trained(network, candidate)
    reason = f"`{candidate.file}` builds a convolutional network: {where}."
    return Decision(Kind.CNN, Family.CONVOLUTION.value, reason, _evidence(layers, network))


def _import_unreadable(situation: Situation) -> Decision | None:
    candidate = situation.candidate
    if candidate is None or not candidate.trace.missing:
        return None
    decision = unreadable(candidate.trace.missing[0])
    if candidate.trace.missing[0].file == candidate.file:
        return decision
    return Decision(
        decision.kind, decision.what, f"{decision.reason} `{candidate.file}` imports it.", decision.evidence
    )


def _better_named_unreadable(situation: Situation) -> Decision | None:
    """A file that is named more like the training script than what was found."""
    errors = sorted(
        situation.program.unreadable.values(), key=lambda error: (name_rank(error.file), error.file)
    )
    candidate = situation.candidate
    if not errors:
        return None
    nothing_found = candidate is None or not (candidate.network.training or candidate.network.layers)
    if nothing_found or (candidate and name_rank(errors[0].file) < name_rank(candidate.file)):
        return unreadable(errors[0])
    return None


def _other_network(situation: Situation) -> Decision | None:
    network, candidate = situation.network, situation.candidate
    family = network.family
    if family is None or candidate is None:
        return None
    layers = network.of(family)
    title = f"{_ARTICLES.get(family, 'a')} {family.value}"
    verb = "trains" if network.training else "builds"
    reason = f"`{candidate.file}` {verb} {title}, not a convolutional network: {_at(layers[0], candidate)}"
    if family is Family.UNKNOWN:
        reason += ", so whether it is a CNN can't be told; push the code that builds it"
    return _with_near_misses(
        Decision(Kind.NOT_CNN, family.value, f"{reason}.", _evidence(layers, network)), candidate
    )


def _custom_model(situation: Situation) -> Decision | None:
    network, candidate = situation.network, situation.candidate
    if candidate is None or not network.training:
        return None
    line = network.training[0]
    evidence = (line.evidence("This line trains."),)
    reason = (
        f"`{candidate.file}` trains a model (line {line.line}), but no code that runs builds a convolution."
    )
    return _with_near_misses(
        Decision(Kind.NOT_CNN, "model without known layers", reason, evidence), candidate
    )


def _no_learning(situation: Situation) -> Decision:
    candidate = situation.candidate
    what = f"`{candidate.file}`" if candidate else "The push"
    reason = f"{what} neither builds nor trains a network in code that runs."
    decision = Decision(Kind.NOT_CNN, "no learning at all", reason)
    return _with_near_misses(decision, candidate) if candidate else decision


def _with_near_misses(decision: Decision, candidate: Candidate) -> Decision:
    misses = find_near_misses(candidate.trace)
    if not misses:
        return decision
    first = misses[0]
    reason = f"{decision.reason} Line {first.line} of `{first.file}`: {first.sentence}"
    return Decision(decision.kind, decision.what, reason, (*decision.evidence, *misses))


def _at(found: Found, candidate: Candidate) -> str:
    file = "" if found.use.module.file == candidate.file else f" of `{found.use.module.file}`"
    name = found.member.name if found.member.name != "*" else found.member.path
    if found.use.how == "inherited":
        return f"a class derives from `{name}` in line {found.line}{file}"
    return f"`{name}` in line {found.line}{file}"


def _trained(network: Network, candidate: Candidate) -> str:
    if not network.training and HANDMADE_RULE in {layer.rule for layer in network.layers}:
        return ""
    if not network.training:
        return ", but no code that runs trains it (no `fit`, `train_on_batch` or training loop)"
    step = network.training[0]
    file = "" if step.use.module.file == candidate.file else f" of `{step.use.module.file}`"
    return f", and trains it in line {step.line}{file}"


def _evidence(layers: tuple[Found, ...], network: Network) -> tuple[Evidence, ...]:
    training = [step.evidence("This line trains the network.") for step in network.training[:2]]
    shown = [layer.evidence() for layer in layers[: _MOST_EVIDENCE - len(training)]]
    return tuple(dict.fromkeys([*shown, *training]))


VERDICT_RULES: tuple[VerdictRule, ...] = (
    VerdictRule("nothing was pushed", _nothing_pushed),
    VerdictRule("the script can't be read", _script_unreadable),
    VerdictRule("convolutions", _convolution),
    VerdictRule("an imported module can't be read", _import_unreadable),
    VerdictRule("a better named file can't be read", _better_named_unreadable),
    VerdictRule("another kind of network", _other_network),
    VerdictRule("a model of unknown layers", _custom_model),
    VerdictRule("no learning", _no_learning),
)
