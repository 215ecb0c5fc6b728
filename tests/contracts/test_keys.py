from typing import get_args

import orjson
import pytest

from services.contracts.codec import decode_record
from services.contracts.malformed import MalformedError
from services.contracts.topics import NOTICES_ISSUED, TOPICS, UPLOADS_SUBMITTED, Topic
from services.contracts.types import ID_CHARACTERS_MAX, Id
from tests.contracts.examples import VALUES, Example, each


@each(VALUES)
def test_a_record_is_read_under_the_key_that_its_field_names_and_no_other(example: Example) -> None:
    """The key is the field's text byte for byte: neither near it nor missing."""
    assert decode_record(example.topic, example.key, example.value)[0] == example.key.decode()
    for key in (example.key + b" ", example.key.upper(), b"x", b"", None, b"\xff"):
        with pytest.raises(MalformedError, match="key"):
            decode_record(example.topic, key, example.value)


def test_a_key_that_differs_names_its_field() -> None:
    """The error says which field the key should have been, inside a message too."""
    example = next(one for one in VALUES if one.topic is NOTICES_ISSUED)
    with pytest.raises(MalformedError) as caught:
        decode_record(NOTICES_ISSUED, b"x", example.value)
    assert caught.value.field == "recipient.id"


def test_an_id_of_any_letters_is_a_key() -> None:
    """Ids are given by outsiders: any UTF-8 that is no longer than its bound, in the field and in the key."""
    text = "ü/🌊\0" + "x" * (ID_CHARACTERS_MAX - 4)
    value = orjson.dumps({"upload_id": text, "uploader_id": "p", "uri": "u"})
    assert decode_record(UPLOADS_SUBMITTED, text.encode(), value)[1].upload_id == text
    assert decode_record(UPLOADS_SUBMITTED, text.encode(), None)[0] == text


def test_a_deletion_s_key_is_no_longer_than_an_id() -> None:
    """Without a value the key alone says which upload, so it is held to an id's bound, which is said in two places."""
    with pytest.raises(MalformedError, match="characters"):
        decode_record(UPLOADS_SUBMITTED, b"x" * (ID_CHARACTERS_MAX + 1), None)
    assert get_args(Id)[1].max_length == ID_CHARACTERS_MAX


@pytest.mark.parametrize("topic", [topic for topic in TOPICS if topic.null is None], ids=str)
def test_a_null_value_is_malformed_where_it_says_nothing(topic: Topic) -> None:
    """Only a deletion has no value; elsewhere somebody's mistake is a dead letter."""
    with pytest.raises(MalformedError, match="null value"):
        decode_record(topic, b"x", None)
