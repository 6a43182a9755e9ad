"""In which call and in which turn of a loop an expression is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import libcst as cst

from include.tweaker.interfaces._syntax import CallSite, Loop, Module, Scope, dotted


@dataclass(frozen=True, eq=False)
class Frame:
    """One call of a local function, and the turns of the loops in it.

    Args:
        scope: The function; None for what no local call leads to.
        call: Where it is called; None if that isn't known.
        parent: The frame in which `call` stands.
        turns: The item that each unrolled loop is at.
        base: The frame without turns; variables live there.
        whole: The function builds a model of its own, so loops around its call don't matter to the model.
    """

    scope: Scope | None = None
    call: CallSite | None = None
    parent: Frame | None = None
    turns: Mapping[Loop, int] = field(default_factory=dict)
    base: Frame | None = None
    whole: bool = False

    @property
    def variables(self) -> Frame:
        """Return the frame that tells this call's variables from those of another call."""
        return self.base or self

    def turned(self, loop: Loop, turn: int) -> Frame:
        """Return the same call, one loop at an item."""
        return Frame(
            self.scope, self.call, self.parent, {**self.turns, loop: turn}, self.variables, self.whole
        )

    def chain(self) -> Iterator[Frame]:
        """Yield this frame and those it was called from, innermost first."""
        frame: Frame | None = self
        while frame is not None:
            yield frame
            frame = frame.parent

    def of(self, scope: Scope) -> Frame | None:
        """Return the innermost call of a function."""
        return next((frame for frame in self.chain() if frame.scope is scope), None)

    def turn(self, loop: Loop) -> tuple[int, Frame] | None:
        """Return the item that a loop is at, with the frame in which its iterable stands."""
        return next(((frame.turns[loop], frame) for frame in self.chain() if loop in frame.turns), None)


_BUILDERS = ("Sequential", "Model", "compile", "Input")


class Functions:
    """Tells which local function a call runs."""

    def __init__(self, modules: Sequence[Module]) -> None:
        self.modules: dict[str, Module] = {}
        for module in modules:
            name = module.source.path.removesuffix(".py").replace("/", ".")
            for dotted_name in (name, name.rpartition(".")[2]):
                self.modules.setdefault(dotted_name.removesuffix(".__init__"), module)
        self._functions = {(id(f.parent), f.name): f for module in modules for f in module.functions}
        self.callers: dict[Scope, list[CallSite]] = {}
        for module in modules:
            for site in module.calls:
                if (function := self.called(site)) is not None:
                    self.callers.setdefault(function, []).append(site)
        self.builders = {
            site.scope for module in modules for site in module.calls if _last(site.node.func) in _BUILDERS
        }

    def called(self, site: CallSite) -> Scope | None:
        """Return the function behind a call: by name, of a local module, a constructor or a method."""
        name = dotted(site.node.func)
        if not name:
            return None
        owner, _, last = name.rpartition(".")
        if owner:
            return self._attribute(owner, last, site)
        current: Scope | None = site.scope
        while current is not None:
            found = self._functions.get((id(current), name)) if current.kind != "class" else None
            if found is not None:
                return found
            current = current.parent
        return self._named(name, site.module)

    def _named(self, name: str, module: Module) -> Scope | None:
        if name in module.classes:
            return self._functions.get((id(module.classes[name]), "__init__"))
        origin, imported = module.imports.get(name, ("", None))
        home = self.modules.get(origin.lstrip(".")) if imported else None
        if home is not None and imported and home is not module:
            return self._functions.get((id(home.scope), imported)) or self._named(imported, home)
        for star, (origin, _) in module.imports.items():
            home = self.modules.get(origin.lstrip(".")) if star.startswith("*") else None
            if home is not None and home is not module:
                found = self._functions.get((id(home.scope), name)) or self._named(name, home)
                if found is not None:
                    return found
        return None

    def _attribute(self, owner: str, last: str, site: CallSite) -> Scope | None:
        if owner in ("self", "cls"):
            home = site.scope.parent
            return self._functions.get((id(home), last)) if home and home.kind == "class" else None
        if owner in site.module.classes:
            return self._functions.get((id(site.module.classes[owner]), last))
        origin, imported = site.module.imports.get(owner, (owner, None))
        module = self.modules.get(f"{origin}.{imported}".lstrip(".") if imported else origin.lstrip("."))
        if module is not None:
            return self._functions.get((id(module.scope), last)) or self._named(last, module)
        home_module = self.modules.get(origin.lstrip(".")) if imported else None
        if home_module is not None and imported in home_module.classes:
            return self._functions.get((id(home_module.classes[imported]), last))
        bound = _class_of(owner, site)
        return self._functions.get((id(bound), last)) if bound is not None else None


def _class_of(name: str, site: CallSite) -> Scope | None:
    """Return the local class that a variable was made from: ``t = Trainer()``."""
    scope: Scope | None = site.scope
    while scope is not None and name not in scope.bindings:
        scope = scope.parent
    bound = scope.bindings[name] if scope is not None else []
    value = bound[0] if len(bound) == 1 else None
    return site.module.classes.get(dotted(value.func)) if isinstance(value, cst.Call) else None


def _last(node: cst.BaseExpression) -> str:
    return dotted(node).rpartition(".")[2]
