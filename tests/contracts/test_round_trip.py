import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contracts.codec import decode, encode
from services.contracts.topics import TOPICS
from services.contracts.types import fields_of
from tests.contracts import schema
from tests.contracts.facts import facts

FACTS = 40
FROM_WORLD = [topic.fact for topic in TOPICS if topic.from_world]
EACH_KIND = pytest.mark.parametrize("kind", schema.KINDS, ids=lambda kind: kind.__name__)


@EACH_KIND
@given(data=st.data())
@settings(max_examples=FACTS)
def test_a_fact_comes_back_as_it_was(kind: type, data: st.DataObject) -> None:
    """What one service writes is what the next one reads."""
    fact = data.draw(facts(kind))
    assert decode(kind, encode(fact)) == fact


@EACH_KIND
@given(data=st.data())
@settings(max_examples=FACTS)
def test_protobuf_reads_what_we_write_and_we_read_what_it_writes(kind: type, data: st.DataObject) -> None:
    """Through protobuf's parser and printer, which writes 64-bit integers as strings, a fact comes back as it was."""
    fact = data.draw(facts(kind))
    message = schema.parse(kind, encode(fact))
    assert decode(kind, schema.print_json(message, always_print_fields_with_no_presence=True)) == fact
    if kind in FROM_WORLD:
        assert decode(kind, schema.print_json(message)) == fact, "defaults may be left out on input"


@EACH_KIND
@given(data=st.data())
@settings(max_examples=FACTS)
def test_integers_are_numbers_and_no_null_stands_at_the_top(kind: type, data: st.DataObject) -> None:
    """A reader that knows no proto3 JSON gets integers as numbers, and what is absent is not there."""
    fact = data.draw(facts(kind))
    written = orjson.loads(encode(fact))
    values = {name: getattr(fact, name) for name in fields_of(kind)}
    assert list(written) == [name for name, value in values.items() if value is not None]
    assert all(type(written[name]) is int for name, value in values.items() if type(value) is int)
