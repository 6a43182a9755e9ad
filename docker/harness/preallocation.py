"""Takes `fallocate` from the script: it can fill a disk in an instant, before anybody has measured anything.

What uses it can do without: glibc's `posix_fallocate` writes instead, which takes its time. The filter of
system calls is added to the engine's own, holds for all that the script starts, and can't be taken off.
"""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Iterable

_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_NUMBER, _ARCHITECTURE = 0, 4  # where the kernel says them, in struct seccomp_data
# fallocate by architecture (linux/audit.h); x86-64 has it under the numbers of the x32 interface as well.
_CALLS = {
    0xC000003E: (285, 0x40000000 + 285),
    0x40000003: (324,),
    0xC00000B7: (47,),
    0x40000028: (352,),
}


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_ushort),
        ("if_true", ctypes.c_ubyte),
        ("if_false", ctypes.c_ubyte),
        ("value", ctypes.c_uint),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.POINTER(_Instruction)))


def forbid() -> None:
    """Have `fallocate` answer "not supported" from now on.

    Raises:
        OSError: The kernel takes no filter, as other runtimes' kernels.
    """
    instructions = list(_instructions())
    array = (_Instruction * len(instructions))(*instructions)
    program = _Program(len(instructions), array)
    libc = ctypes.CDLL(None, use_errno=True)
    # The container has "no new privileges", without which the kernel would refuse.
    if libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _instructions() -> Iterable[_Instruction]:
    """For each architecture: is it this one? Then is it one of its calls? Else on to the next."""
    yield _Instruction(_LOAD, 0, 0, _ARCHITECTURE)
    for architecture, numbers in _CALLS.items():
        yield _Instruction(_JUMP_IF_EQUAL, 0, len(numbers) + 3, architecture)
        yield _Instruction(_LOAD, 0, 0, _NUMBER)
        for place, number in enumerate(numbers):
            yield _Instruction(_JUMP_IF_EQUAL, len(numbers) - place, 0, number)
        yield _Instruction(_RETURN, 0, 0, _ALLOW)
        yield _Instruction(_RETURN, 0, 0, _ERRNO | errno.EOPNOTSUPP)
    yield _Instruction(_RETURN, 0, 0, _ALLOW)
