"""The golden examples: `golden/<topic>/<name>.json` is one record's value, an empty `<name>.null` a null value.

They are kept for ever: a change that makes one of a public topic unreadable breaks the contract.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from services.contracts.topics import TOPICS, Topic

GOLDEN = Path(__file__).parent / "golden"


@dataclass(frozen=True, slots=True)
class Example:
    """One record's value, and the topic that it stands on."""

    topic: Topic
    name: str
    value: bytes | None

    @property
    def json(self) -> Any:
        """The value as plain data."""
        return orjson.loads(self.value or b"null")

    @property
    def key(self) -> bytes:
        """The key that goes with the value."""
        paths = [path.split(".") for path in self.topic.key.split(" or ")]
        found: Any = self.json
        for name in next(path for path in paths if path[0] in found):
            found = found[name]
        return str(found).encode()

    def __str__(self) -> str:
        return f"{self.topic.name}/{self.name}"


def _load() -> Iterator[Example]:
    for topic in TOPICS:
        for path in sorted((GOLDEN / topic.name).iterdir()):
            yield Example(topic, path.stem, None if path.suffix == ".null" else path.read_bytes())


EXAMPLES = tuple(_load())
VALUES = tuple(example for example in EXAMPLES if example.value is not None)
NULLS = tuple(example for example in EXAMPLES if example.value is None)
INPUTS = tuple(example for example in VALUES if example.topic.from_world)
OUTPUTS = tuple(example for example in VALUES if not example.topic.from_world)


def each(examples: tuple[Example, ...]) -> pytest.MarkDecorator:
    """Run a test once for each example."""
    return pytest.mark.parametrize("example", examples, ids=str)
