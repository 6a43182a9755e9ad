"""Every way in which hyper-parameters reach a pushed script, in order of precedence."""

from include.tweaker.interfaces.arguments import Arguments
from include.tweaker.interfaces.base import Interface
from include.tweaker.interfaces.literals import Literals
from include.tweaker.interfaces.stdin import Stdin

INTERFACES: tuple[Interface, ...] = (Arguments(), Stdin(), Literals())

__all__ = ["INTERFACES", "Arguments", "Interface", "Literals", "Stdin"]
