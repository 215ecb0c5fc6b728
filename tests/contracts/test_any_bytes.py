from typing import Any

import orjson
import pytest
from hypothesis import example as tried
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.codec import decode_record, encode
from services.contracts.malformed import MalformedError
from services.contracts.topics import TOPICS, UPLOADS_SUBMITTED, Topic
from tests.contracts.examples import INPUTS

WORLD = [topic for topic in TOPICS if topic.from_world]
EACH_INPUT = pytest.mark.parametrize("topic", WORLD, ids=str)
UPLOAD = b'{"upload_id":"u-1","uploader_id":"p-1","uri":"file:/a"'
NAMES = ["upload_id", "uploader_id", "uri", "rightsholder_id", "submission_id", "register", "title", "size_bytes", "x"]

SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text()
JSON = st.recursive(
    SCALARS,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(NAMES), below, max_size=4),
    max_leaves=12,
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Make an example with some of its bytes replaced by others."""
    value = draw(st.sampled_from(INPUTS)).value or b""
    start = draw(st.integers(0, len(value)))
    end = draw(st.integers(start, min(len(value), start + 8)))
    return value[:start] + draw(st.binary(max_size=8)) + value[end:]


@EACH_INPUT
@given(value=st.binary() | JSON.map(orjson.dumps) | damaged())
def test_any_bytes_at_all_are_a_fact_or_malformed(topic: Topic, value: bytes) -> None:
    """No value raises anything but MalformedError, and what is read can be written and read again."""
    fact = _fact(topic, value)
    if type(fact) is topic.fact:
        assert _fact(topic, encode(fact)) == fact


@EACH_INPUT
@given(key=st.none() | st.binary(), value=st.none() | st.just(UPLOAD + b"}"))
@tried(key=b"\xff", value=None)
@tried(key=b"", value=None)
def test_any_key_at_all_is_a_key_or_malformed(topic: Topic, key: bytes | None, value: bytes | None) -> None:
    """No key raises anything but MalformedError, with a value and without one."""
    try:
        text, _ = decode_record(topic, key, value)
    except MalformedError:
        return
    assert text.encode() == key


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b"", id="no bytes, which is not a null value"),
        pytest.param(b" \n", id="white space"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[]", id="an array"),
        pytest.param(b"[" + UPLOAD + b"}]", id="an array of one"),
        pytest.param(b'"u-1"', id="a string"),
        pytest.param(b"\xef\xbb\xbf" + UPLOAD + b"}", id="a byte order mark"),
        pytest.param((UPLOAD + b"}").decode().encode("utf-16"), id="UTF-16"),
        pytest.param(UPLOAD + b"}" + UPLOAD + b"}", id="two values"),
        pytest.param(UPLOAD + b"}\0", id="a NUL at the end"),
        pytest.param(UPLOAD + b",}", id="a comma too many"),
        pytest.param(UPLOAD, id="cut short"),
        pytest.param(UPLOAD + b',"size_bytes":NaN}', id="NaN"),
        pytest.param(UPLOAD + b',"size_bytes":Infinity}', id="Infinity"),
        pytest.param(UPLOAD + b',"not_known":NaN}', id="NaN in an unknown field"),
        pytest.param(UPLOAD + b',"size_bytes":1e999}', id="a number beyond all floats"),
        pytest.param(UPLOAD + b',"size_bytes":' + b"9" * 5_000 + b"}", id="five thousand digits"),
        pytest.param(UPLOAD + b',"title":"\xff"}', id="no UTF-8"),
        pytest.param(UPLOAD + b',"not_known":"\xff"}', id="no UTF-8 in an unknown field"),
        pytest.param(UPLOAD + b',"title":"\xed\xa0\x80"}', id="a surrogate in UTF-8"),
        pytest.param(UPLOAD + b',"title":"\\ud800"}', id="a lone surrogate"),
        pytest.param(UPLOAD + b',"not_known":"\\udc00\\ud800"}', id="surrogates the wrong way round"),
        pytest.param(UPLOAD + b',"title":"a\nb"}', id="a line feed in a string"),
        pytest.param(UPLOAD + b',"title":' + b"[" * 100_000, id="deep and never closed"),
        pytest.param(UPLOAD + b',"title":' + b"[" * 100_000 + b"]" * 100_000 + b"}", id="deep"),
        pytest.param(UPLOAD + b',"not_known":' + b"[" * 100_000 + b"]" * 100_000 + b"}", id="deep and unknown"),
        pytest.param(UPLOAD + b',"x":' + b'{"x":' * 50_000 + b"1" + b"}" * 50_001, id="deep objects"),
    ],
)
def test_what_is_no_json_object_is_malformed(value: bytes) -> None:
    """Each of these goes to the dead letters, whichever library reads it."""
    with pytest.raises(MalformedError):
        decode_record(UPLOADS_SUBMITTED, b"u-1", value)


def test_nesting_in_an_unknown_field_is_read_alike_at_any_depth_of_our_own_stack() -> None:
    """Whether a record is readable does not depend on how deep the call stack of its reader is."""
    value = UPLOAD + b',"not_known":' + b"[" * 990 + b"]" * 990 + b"}"

    def at(depth: int) -> Any:
        return at(depth - 1) if depth else _fact(UPLOADS_SUBMITTED, value)

    assert at(0) == at(200) is not None


def test_the_last_of_equal_field_names_counts() -> None:
    """A field that comes twice is no error; the last one is meant, as in most JSON readers."""
    fact = _fact(UPLOADS_SUBMITTED, UPLOAD + b',"title":"a","title":"b"}')
    assert fact == _fact(UPLOADS_SUBMITTED, UPLOAD + b',"title":5,"x":null,"title":"b"}')
    assert fact.title == "b"


def _fact(topic: Topic, value: bytes) -> Any:
    """Return the fact, or None for a malformed value; the key is the one that the value names."""
    try:
        named = str(orjson.loads(value)[topic.key]).encode()
    except (orjson.JSONDecodeError, UnicodeEncodeError, KeyError, TypeError, IndexError):
        named = b"u-1"
    try:
        return decode_record(topic, named, value)[1]
    except MalformedError:
        return None
