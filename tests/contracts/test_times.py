from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.codec import decode_record, encode
from services.contracts.malformed import MalformedError
from services.contracts.topics import UPLOADS_SUBMITTED, WORKS_SUBMITTED
from services.contracts.types import milliseconds, timestamp

UPLOAD = {"upload_id": "u-1", "uploader_id": "p-1", "uri": "file:/a"}
NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
OFFSETS = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=OFFSETS)  # noqa: DTZ001  # zones are beside it


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-14T12:00:00Z",
        "2026-03-14T12:00:00.000Z",
        "2026-03-14T12:00:00.000000000Z",
        "2026-03-14T12:00:00+00:00",
        "2026-03-14T12:00:00-00:00",
        "2026-03-14T14:00:00+02:00",
        "2026-03-13T22:15:00.0-13:45",
    ],
)
def test_a_time_is_one_with_any_offset_and_goes_out_in_utc(text: str) -> None:
    """RFC 3339 with any offset comes in; inside and on output it is UTC, with Z."""
    fact = _read(text)
    assert fact.submitted_at == NOON
    assert orjson.loads(encode(fact))["submitted_at"] == "2026-03-14T12:00:00Z"


@given(time=TIMES)
def test_what_protobuf_reads_as_a_time_we_read_as_the_same(time: datetime) -> None:
    """For any time and offset our reading is that of protobuf's own parser."""
    theirs = Timestamp()
    theirs.FromJsonString(time.isoformat())
    assert _read(time.isoformat()).submitted_at == theirs.ToDatetime(UTC) == time


@given(nanoseconds=st.integers(0, 999_999_000))
def test_nanoseconds_are_read_to_the_microsecond(nanoseconds: int) -> None:
    """Up to nine digits are read; what is below a microsecond is rounded."""
    text = f"2026-03-14T12:00:00.{nanoseconds:09}Z"
    read = _read(text).submitted_at - NOON
    assert abs(read / timedelta(microseconds=1) - nanoseconds / 1000) <= 0.5


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-14T12:00:00",
        "2026-03-14",
        "12:00:00Z",
        "2026-03-14T12:00Z",
        "2026-03-14T24:00:00Z",
        "2026-02-29T12:00:00Z",
        "2026-03-14T12:00:00+25:00",
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "Sat, 14 Mar 2026 12:00:00 GMT",
    ],
)
def test_what_is_no_time_of_utc_s_calendar_is_malformed(text: str) -> None:
    """A time without an offset is no moment, and one outside the years 1 to 9999 in UTC cannot go out again."""
    with pytest.raises(MalformedError) as caught:
        _read(text)
    assert caught.value.field == "submitted_at"


def test_times_inside_messages_are_in_utc_too() -> None:
    """A window of a registration is moved to UTC, or answered with its path where it cannot be."""
    assert _register("2026-01-01T02:00:00+02:00").register.valid_from.tzinfo is UTC
    assert _register("0001-01-01T00:00:00+01:00").field == "register.valid_from"


@given(time=st.integers(0, 253_402_300_799_999))
def test_milliseconds_come_back_from_a_time(time: int) -> None:
    """A record's timestamp is exact on its way through a fact."""
    assert milliseconds(timestamp(time)) == time


def _read(text: str) -> Any:
    return decode_record(UPLOADS_SUBMITTED, b"u-1", orjson.dumps({**UPLOAD, "submitted_at": text}))[1]


def _register(valid_from: str) -> Any:
    ids = {"rightsholder_id": "r-1", "submission_id": "s-1", "work_id": "w-1"}
    value = {**ids, "register": {"title": "t", "valid_from": valid_from}}
    return decode_record(WORKS_SUBMITTED, b"r-1", orjson.dumps(value))[1]
