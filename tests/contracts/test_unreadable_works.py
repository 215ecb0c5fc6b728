from typing import Any

import orjson
import pytest

from services.contracts.codec import decode_record
from services.contracts.malformed import MalformedError
from services.contracts.submitted import WorkUnreadable
from services.contracts.topics import WORKS_SUBMITTED

IDS = {"rightsholder_id": "r-1", "submission_id": "s-1", "work_id": "w-1"}


@pytest.mark.parametrize(
    ("field", "rest"),
    [
        ("register.title", {"register": {}}),
        ("register", {"register": "all of it"}),
        (
            "register.references[1].reference_id",
            {"register": {"title": "t", "references": [{"reference_id": "a"}, {}]}},
        ),
        ("register.policy.action", {"register": {"title": "t", "policy": {"action": "DESTROY"}}}),
        ("register.valid_until", {"register": {"title": "t", "valid_until": "tomorrow"}}),
        ("register.references", {"register": {"title": "t", "references": [{"reference_id": "a"}] * 65}}),
        ("release.reason", {"release": {}}),
        ("release.reason", {"release": {"reason": "REASON_UNSPECIFIED"}}),
        ("submitted_at", {"submitted_at": 5}),
    ],
)
def test_what_is_malformed_besides_the_ids_is_answered_with_its_field(field: str, rest: dict[str, Any]) -> None:
    """Who can be told what is wrong is told, by the path of the field, instead of losing it to the dead letters."""
    fact = _read({**IDS, **rest})
    assert (fact.rightsholder_id, fact.submission_id, fact.work_id, fact.field) == ("r-1", "s-1", "w-1", field)
    assert fact.problem


@pytest.mark.parametrize("work_id", [5, None, "", [], "w" * 1025])
def test_a_work_id_that_cannot_be_read_is_left_out_of_the_answer(work_id: Any) -> None:
    """The two ids that an answer needs are enough for one."""
    assert _read({**IDS, "work_id": work_id, "release": {}}).work_id == ""


@pytest.mark.parametrize("name", ["rightsholder_id", "submission_id"])
@pytest.mark.parametrize("value", [5, None, "", [], {}, True, "i" * 1025], ids=lambda value: str(value)[:8])
def test_without_both_ids_nobody_can_be_answered(name: str, value: Any) -> None:
    """If who submits, or which submission it is, cannot be read, the record is a dead letter."""
    with pytest.raises(MalformedError):
        _read({**IDS, name: value, "release": {}})


@pytest.mark.parametrize("value", [b"", b"{", b"[]", b"\xff", b'{"rightsholder_id":"r-1","submission_id":"\\ud800"}'])
def test_what_is_no_json_object_has_no_ids(value: bytes) -> None:
    """Of bytes that are no object nothing can be told apart."""
    with pytest.raises(MalformedError):
        decode_record(WORKS_SUBMITTED, b"r-1", value)


def test_an_answer_goes_under_the_key_of_its_rightsholder_alone() -> None:
    """A malformed record under somebody else's key is a dead letter: nobody is answered in another's name."""
    with pytest.raises(MalformedError, match="key"):
        decode_record(WORKS_SUBMITTED, b"r-2", orjson.dumps({**IDS, "release": {}}))


def test_two_malformed_contents_are_told_apart_and_one_is_the_same_again() -> None:
    """The digest of the value stands for its content, as the idempotency of submissions needs it."""
    first, again, other = (_read({**IDS, "release": {"reason": text}}) for text in ("a", "a", "b"))
    assert first.digest == again.digest != other.digest


def _read(value: Any) -> WorkUnreadable:
    fact = decode_record(WORKS_SUBMITTED, b"r-1", orjson.dumps(value))[1]
    assert isinstance(fact, WorkUnreadable)
    return fact
