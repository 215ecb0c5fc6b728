import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.contracts.binary import json_of
from services.contracts.codec import decode, decode_record, encode
from services.contracts.malformed import MalformedError
from services.contracts.submitted import UploadSubmitted
from services.contracts.topics import TOPICS, UPLOADS_SUBMITTED, Topic
from tests.contracts import schema
from tests.contracts.examples import INPUTS, Example, each
from tests.contracts.facts import facts

FACTS = 40
WORLD = [topic for topic in TOPICS if topic.from_world]
EACH_INPUT = pytest.mark.parametrize("topic", WORLD, ids=str)
UPLOAD = schema.parse(UploadSubmitted, encode(UploadSubmitted("u-1", "p-1", "file:///a"))).SerializeToString()


@EACH_INPUT
@given(data=st.data())
@settings(max_examples=FACTS)
def test_a_fact_is_the_same_by_either_form(topic: Topic, data: st.DataObject) -> None:
    """What protobuf's own writer made of it is read as what our JSON says."""
    fact = data.draw(facts(topic.fact))
    binary = schema.parse(topic.fact, encode(fact)).SerializeToString()
    assert decode(topic.fact, json_of(topic.fact, binary)) == fact


@each(INPUTS)
def test_an_example_is_the_same_by_either_form(example: Example) -> None:
    """Also one that leaves out what it need not say."""
    assert example.value is not None
    kind = example.topic.fact
    binary = schema.parse(kind, example.value).SerializeToString()
    assert decode_record(example.topic, example.key, json_of(kind, binary)) == decode_record(
        example.topic, example.key, example.value
    )


@EACH_INPUT
@given(value=st.binary(max_size=200))
@example(value=b"")
@example(value=UPLOAD[:-1])
def test_any_bytes_at_all_are_a_fact_or_malformed(topic: Topic, value: bytes) -> None:
    """Nothing raises anything but MalformedError."""
    try:
        fact = decode(topic.fact, json_of(topic.fact, value))
    except MalformedError:
        return
    assert type(fact) is topic.fact


def test_a_field_of_a_later_version_is_ignored() -> None:
    """As an unknown field of JSON is."""
    later = UPLOAD + b"\xf2\x3f\x03new"  # field 1022, a text
    assert decode_record(UPLOADS_SUBMITTED, b"u-1", json_of(UploadSubmitted, later))[1].uri == "file:///a"


def test_an_enum_s_value_of_a_later_version_is_malformed() -> None:
    """Nobody guesses what it would mean; in JSON its name is refused as well."""
    topic = next(each for each in WORLD if each.name == "works.submitted.v1")
    full = next(each for each in INPUTS if each.topic == topic and b'"policy"' in (each.value or b""))
    message = schema.parse(topic.fact, full.value or b"")
    message.register.policy.action = 99  # type: ignore[attr-defined]  # made from the descriptor set
    with pytest.raises(MalformedError):
        decode(topic.fact, json_of(topic.fact, message.SerializeToString()))


def test_a_time_that_no_calendar_has_is_malformed() -> None:
    """A message can hold it, JSON cannot."""
    message = schema.parse(UploadSubmitted, encode(UploadSubmitted("u-1", "p-1", "file:///a")))
    message.submitted_at.seconds = 2**60  # type: ignore[attr-defined]  # made from the descriptor set
    with pytest.raises(MalformedError, match="not protobuf"):
        json_of(UploadSubmitted, message.SerializeToString())
