"""What a release promises, kept: `python -m tests.contracts.releasing VERSION` writes the golden examples of today.

They are a line each in `released/vVERSION.jsonl`, and are read for ever (`test_released.py`).
"""

import sys
from pathlib import Path

import orjson

from tests.contracts.examples import EXAMPLES

RELEASED = Path(__file__).parent / "released"


def main(version: str) -> None:
    """Write the examples of a version, which must not have been released before."""
    lines = [
        orjson.dumps({"topic": each.topic.name, "key": each.key.decode() if each.value else "u-1", "value": each.json})
        for each in EXAMPLES
    ]
    with (RELEASED / f"v{version}.jsonl").open("xb") as file:
        file.write(b"\n".join(lines) + b"\n")


if __name__ == "__main__":
    main(sys.argv[1])
