"""How much memory a process holds, from /proc."""

from pathlib import Path

KIB_PER_MIB = 1024


def resident_mib(pid: int) -> float:
    """Return the resident memory of a process in MiB; one that is gone holds none."""
    try:
        return parse_resident(Path(f"/proc/{pid}/status").read_text())
    except (FileNotFoundError, ProcessLookupError):
        return 0.0


def parse_resident(status: str) -> float:
    """Return VmRSS of /proc/PID/status (proc(5)) in MiB; a process that has ended has none."""
    for line in status.splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / KIB_PER_MIB
    return 0.0
