"""Transactions that did not commit, told to the next start, since the process ends before anybody asks for metrics.

A line for each in `<STAYDOWN_STATE_DIR>/<service>/failed`; who starts takes the file away, so that one tells of it.
"""

import os
from collections import Counter
from pathlib import Path

FILE = "failed"


def remember(state_dir: str, service: str, outcome: str) -> None:
    """Write down what became of a transaction; without a directory it is in the log alone."""
    if state_dir:
        path = Path(state_dir) / service / FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            file.write(f"{outcome}\n")


def recall(state_dir: str, service: str) -> Counter[str]:
    """Return how many transactions of earlier processes came to what, and forget it."""
    mine = Path(state_dir) / service / f"{FILE}.{os.getpid()}"
    try:
        (mine.parent / FILE).replace(mine)
        found = Counter(mine.read_text().split())
        mine.unlink()
    except FileNotFoundError:
        return Counter()
    return found
