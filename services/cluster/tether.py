"""Start a program that dies when its parent does: `tethered(command)` is the command to start instead.

Promises: on Linux the program gets SIGKILL the moment its parent is gone, even by kill -9; it keeps its process id,
its process group and its files. Elsewhere it runs untethered.

The tether is this very file, run as a tiny program that ties itself and then becomes the other one. Tying between
fork and exec (preexec_fn) would run Python in a forked copy of a process with threads, which can lock up for ever.
It must be started from a thread that lives as long as its process: Linux ties a child to the thread that forked it.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def tethered(command: tuple[str, ...]) -> tuple[str, ...]:
    """Return the command that becomes the given one once it is tied to this process."""
    return (sys.executable, "-I", "-S", __file__, str(os.getpid()), *command)


def main(parent: int, command: list[str]) -> None:
    """Tie this process to its parent, then become the command; end at once if the parent has died meanwhile.

    SIGINT is ignored from here on: a terminal sends Ctrl-C to the whole process group, and it is the parent who
    stops its children, each in its turn.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.execvp(command[0], command)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
