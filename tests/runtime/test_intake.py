"""Every record that comes in is an event or a dead letter; garbage from the world stops nobody."""

import pytest

from services.contracts import topics
from services.contracts.processor import Event
from services.contracts.submitted import UploadDeleted, UploadSubmitted
from services.hasher import PROCESSOR
from services.runtime.intake import HEADER_CHARACTERS_MAX, DeadLetter, UnreadableInsideError, UnreadableRecord, admit
from services.runtime.planning import DEAD_LETTER_BYTES_MAX, MESSAGE_BYTES_MAX
from tests.runtime.records import PlainRecord

NOW = 1_700_000_000_000
BINARY = (("content-type", b"application/protobuf"),)


def _admit(record: PlainRecord | UnreadableRecord) -> Event | DeadLetter:
    return admit(PROCESSOR, topics.UPLOADS_SUBMITTED, record, NOW)


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("ce_id", b"1"), ("traceparent", None)),
        (("content-type", b"application/json"),),
        (("Content-Type", b"application/json; charset=utf-8"),),
        (("content-type", None),),
    ],
)
def test_a_good_record_is_an_event(headers: tuple[tuple[str, bytes | None], ...]) -> None:
    """It carries the fact, the time of the batch and the record's place."""
    expected = Event("u-1", UploadSubmitted("u-1", "a", "file:///a"), NOW, 3, 42)
    assert _admit(PlainRecord(headers=headers)) == expected


def test_a_null_value_is_a_fact_where_it_means_one() -> None:
    """The owner deleted the upload, whatever the content type says of nothing."""
    record = PlainRecord(value=None, headers=(("content-type", b"application/protobuf"),))
    assert _admit(record) == Event("u-1", UploadDeleted(), NOW, 3, 42)


def test_binary_protobuf_is_the_same_event_as_json() -> None:
    """On a topic that others write, by the content type of CloudEvents."""
    value = b"\x0a\x03u-1\x12\x01a\x1a\x09file:///a"
    for kind in (b"application/protobuf", b"Application/Protobuf; charset=x"):
        record = PlainRecord(value=value, headers=(("Content-Type", kind),))
        assert _admit(record) == Event("u-1", UploadSubmitted("u-1", "a", "file:///a"), NOW, 3, 42)


@pytest.mark.parametrize(
    ("record", "reason", "field"),
    [
        (PlainRecord(value=b"\xff\xfe"), "not", ""),
        (PlainRecord(value=b""), "not JSON", ""),
        (PlainRecord(value=b"[" * 100_000), "", ""),
        (PlainRecord(value=b'"text"'), "Expected `object`", ""),
        (PlainRecord(value=b'{"upload_id":"u-1","uploader_id":7,"uri":"x"}'), "Expected `str`", "uploader_id"),
        (PlainRecord(value=b'{"upload_id":"u-1","uri":"x"}'), "missing required field", "uploader_id"),
        (PlainRecord(key=None), "the key is missing", ""),
        (PlainRecord(key=b""), "the key is missing", ""),
        (PlainRecord(key=b"\xff"), "the key is not UTF-8", ""),
        (PlainRecord(key=b"u-2"), "the key differs", "upload_id"),
        (PlainRecord(headers=(("content-type", b"application/protobuf"),)), "not protobuf", ""),
        (PlainRecord(value=b"\x0a\x03u-1", headers=BINARY), "missing required field", "uploader_id"),
        (PlainRecord(headers=(("content-type", b"application/avro"),)), "application/avro is not read", "content-type"),
        (PlainRecord(headers=(("content-type", b"\xff/\xfe"),)), "is not read", "content-type"),
        (UnreadableRecord("uploads.submitted.v1", 3, 42), "not UTF-8", "headers"),
    ],
)
def test_a_bad_record_from_the_world_is_a_dead_letter_that_says_why_and_where_from(
    record: PlainRecord | UnreadableRecord, reason: str, field: str
) -> None:
    """What came is untouched; what is said about it follows its own headers."""
    letter = _admit(record)
    assert isinstance(letter, DeadLetter)
    assert (letter.topic, letter.partition) == ("uploads.submitted.v1.hasher.dead", 3)
    assert (letter.key, letter.value) == (record.key, record.value)
    assert tuple(letter.headers[: len(record.headers)]) == record.headers
    said = {name: (value or b"").decode() for name, value in letter.headers[len(record.headers) :]}
    assert reason in said.pop("staydown-reason")
    assert said == {
        "staydown-field": field,
        "staydown-topic": "uploads.submitted.v1",
        "staydown-partition": "3",
        "staydown-offset": "42",
        "staydown-service": "hasher",
        "staydown-at": "2023-11-14T22:13:20Z",
    }


def test_a_null_value_where_it_means_nothing_is_a_dead_letter() -> None:
    """Only uploads are deleted so."""
    letter = admit(PROCESSOR, topics.WORKS_SUBMITTED, PlainRecord(value=None), NOW)
    assert isinstance(letter, DeadLetter)
    assert "null" in letter.reason


def test_a_malformed_record_on_an_inside_topic_is_our_own_bug() -> None:
    """It is named with its place and never put aside."""
    with pytest.raises(UnreadableInsideError, match=r"reads\.requested\.v1, partition 3, offset 42"):
        admit(PROCESSOR, topics.READS_REQUESTED, PlainRecord(value=b"{}"), NOW)


def test_what_is_said_in_headers_is_bounded() -> None:
    """The largest record, with all that is said of it, fits into its dead-letter topic."""
    record = PlainRecord(headers=(("content-type", b"x" * 100_000),))
    letter = _admit(record)
    assert isinstance(letter, DeadLetter)
    added = letter.headers[1:]
    assert max(len(value or b"") for _, value in added) <= HEADER_CHARACTERS_MAX
    assert MESSAGE_BYTES_MAX + 16 * HEADER_CHARACTERS_MAX < DEAD_LETTER_BYTES_MAX
