"""A dead letter is given to the services once more, if they can read it now and nothing later would be undone."""

import pytest

from services.contracts.codec import encode
from services.contracts.submitted import Restore, RightsholderSubmitted, UploadSubmitted
from services.contracts.topics import RIGHTSHOLDERS_SUBMITTED, UPLOADS_SUBMITTED, Topic, dead_letters
from services.runtime.partitioning import partition_of
from tests.cli.conftest import PARTITIONS, Staydown
from tests.cli.topics import Topics

pytestmark = pytest.mark.kafka

GARBAGE = b"{"
CAME_WITH: list[tuple[str, bytes | None]] = [("ce_id", b"7"), ("staydown-signature", b"x"), ("mine", None)]


def dead_letter(
    topics: Topics,
    key: str,
    fact: object,
    topic: Topic = UPLOADS_SUBMITTED,
    **said: str | None,
) -> tuple[str, int, int]:
    """Write garbage, and a dead letter of it whose value is something else; return the dead letter's place.

    So it stands in for one that an older version wrote, of a record that this version can read. `said`: what it says
    of where it is from, if not the truth.
    """
    partition = partition_of(key.encode(), PARTITIONS)
    origin = topics.write(topic.name, key.encode(), GARBAGE, [], partition)
    place = {"reason": "why", "partition": str(partition), "offset": str(origin)} | said
    headers = [*CAME_WITH, *((f"staydown-{name}", text.encode()) for name, text in place.items() if text is not None)]
    dead = dead_letters(topic.name, "hasher" if topic is UPLOADS_SUBMITTED else "registry")
    value = fact if isinstance(fact, bytes) else encode(fact)
    return dead, partition, topics.write(dead, key.encode(), value, headers, partition)


def test_what_can_be_read_now_is_sent_anew_and_says_where_it_was(
    staydown: Staydown, topics: Topics, run_id: str
) -> None:
    """With key, value and headers as they came, so that a signature still holds, and without what a service added."""
    fact = UploadSubmitted(run_id, "bob", "file:///x")
    outcome = staydown("dlq", "replay", *dead_letter(topics, run_id, fact), *topics.here)
    garbage, record = topics.records(UPLOADS_SUBMITTED, run_id)
    assert (outcome.code, record.value) == (0, encode(fact))
    place = f"{UPLOADS_SUBMITTED.name}/{garbage.partition}/{garbage.offset}"
    assert list(record.headers) == [*CAME_WITH, ("staydown-replayed-from", place.encode())]
    assert outcome.out.startswith(f"sent       key {run_id} → {UPLOADS_SUBMITTED.name}")


def test_what_was_replayed_is_not_replayed_twice(staydown: Staydown, topics: Topics, run_id: str) -> None:
    """The first replay is a later record of the key, as anything that was said since would be."""
    fact = RightsholderSubmitted(run_id, "s", restore=Restore())
    place = dead_letter(topics, run_id, fact, RIGHTSHOLDERS_SUBMITTED)
    assert staydown("dlq", "replay", *place, *topics.here).code == 0
    again = staydown("dlq", "replay", *place, *topics.here)
    assert (again.code, again.out) == (1, "")
    assert "There is a later record of this key, at partition" in again.err
    assert len(topics.records(RIGHTSHOLDERS_SUBMITTED, run_id)) == 2


def test_what_cannot_be_replayed_is_refused_with_the_reason(staydown: Staydown, topics: Topics, run_id: str) -> None:
    """What is still malformed, what is no dead letter, and a place where there is nothing; nothing is sent."""
    fact = UploadSubmitted(run_id, "bob", "x")
    dead, partition, _ = malformed = dead_letter(topics, run_id, b'{"upload_id": 1}')
    no_letter = dead_letter(topics, run_id, fact, partition=None)
    too_old = dead_letter(topics, run_id, fact, offset=str(10**9))
    for place, sentence in (
        (malformed, "This version cannot read it either: "),
        (too_old, f"What came after offset 1000000000 of {UPLOADS_SUBMITTED.name} is kept no longer"),
        (no_letter, "does not say where it comes from"),
        ((dead, partition, 10**9), f"There is no record at partition {partition}, offset 1000000000 of {dead}."),
        ((dead, 99, 0), f"{dead} has no partition 99."),
    ):
        outcome = staydown("dlq", "replay", *place, *topics.here)
        assert (outcome.code, outcome.out) == (1, "")
        assert sentence in outcome.err
    assert {record.value for record in topics.records(UPLOADS_SUBMITTED, run_id)} == {GARBAGE}
