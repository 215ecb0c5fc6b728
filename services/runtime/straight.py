"""Opening a regular file in one call where no link is on the way, as with nearly every file.

The kernel is asked to walk the path and to refuse whatever link there is (openat2 with RESOLVE_NO_SYMLINKS, Linux 5.6),
so what is opened stands where its path says: each directory was below the one before it when it was walked through.
One that is moved out of a root in the very moment in which it is walked through counts as still there; who can move
it can as well move what it holds, in or out, so nobody gets at anything by that. What is no regular file is not opened,
since it is looked at first. Should somebody put a FIFO, socket or device in its place between the look and the opening,
then opening waits for nobody, and what is open is looked at again and left unread. Nothing is kept open from one file
to the next, so no directory that is moved or mounted over meanwhile is taken for what it was, and none is held.
"""

import ctypes
import os
import stat
import sys
from collections.abc import Callable

# NONBLOCK, NOCTTY: should a device slip in where the kernel cannot hold what was checked, opening it does nothing.
READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY

# From linux/openat2.h and asm-generic/unistd.h: the same numbers on every architecture in use.
_OPENAT2 = 437
_FROM_HERE = -100
_RESOLVE_NO_SYMLINKS = 0x04


class _How(ctypes.Structure):
    """The kernel's `struct open_how`."""

    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


_HOW = _How(READ, 0, _RESOLVE_NO_SYMLINKS)
_HOW_AT, _HOW_BYTES = ctypes.addressof(_HOW), ctypes.sizeof(_HOW)


def open_straight(path: bytes) -> tuple[int, os.stat_result] | None:
    """Return a descriptor of the regular file at the absolute `path` and what it is, or None for any reason.

    The path has no `.` or `..`, and whoever gets None asks the kernel in another way, which also tells the reason.
    """
    try:
        if _syscall is None or not stat.S_ISREG(os.lstat(path).st_mode):
            return None
    except OSError:
        return None
    descriptor = _syscall(_OPENAT2, _FROM_HERE, path, _HOW_AT, _HOW_BYTES)
    if descriptor < 0:
        return None
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode):
        return descriptor, status
    os.close(descriptor)
    return None


def _find_syscall() -> Callable[[int, int, bytes, int, int], int] | None:
    """Return the C library's `syscall`, which gives up Python's lock meanwhile; None where there is no openat2."""
    if sys.platform != "linux":
        return None
    call = ctypes.CDLL(None).syscall
    call.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_size_t)
    call.restype = ctypes.c_long
    found: Callable[[int, int, bytes, int, int], int] = call
    return found


_syscall = _find_syscall()
