"""A dead letter is given to the services once more, if they can read it now and nothing later would be undone."""

import pytest

from services.contracts.codec import encode
from services.contracts.submitted import Restore, RightsholderSubmitted, UploadSubmitted
from services.contracts.topics import RIGHTSHOLDERS_SUBMITTED, UPLOADS_SUBMITTED
from tests.cli.conftest import Staydown
from tests.cli.letters import CAME_WITH, GARBAGE, dead_letter
from tests.cli.topics import Topics

pytestmark = pytest.mark.kafka


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
