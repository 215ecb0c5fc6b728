from collections.abc import Iterator
from dataclasses import MISSING
from typing import Any, get_origin, get_type_hints

import orjson
import pytest
from msgspec import Struct

from services.contracts.codec import decode_record, encode
from services.contracts.topics import TOPICS, Topic
from services.contracts.types import is_message
from tests.contracts import schema
from tests.contracts.examples import GOLDEN, INPUTS, NULLS, OUTPUTS, VALUES, Example, each
from tests.contracts.sites import defaults, item

EACH_TOPIC = pytest.mark.parametrize("topic", TOPICS, ids=str)


@each(VALUES)
def test_protobuf_and_our_codec_read_the_same_in_an_example(example: Example) -> None:
    """Our codec and protobuf's own JSON parser both read it, and what ours writes again is the same to protobuf's."""
    assert example.value is not None
    key, fact = decode_record(example.topic, example.key, example.value)
    assert key == example.key.decode()
    assert schema.parse(example.topic.fact, encode(fact)) == schema.parse(example.topic.fact, example.value)


@each(OUTPUTS)
def test_an_example_of_what_we_write_is_what_we_write(example: Example) -> None:
    """Its fields, names, numbers and times are those that the codec writes, no more and no fewer."""
    assert example.value is not None
    _, fact = decode_record(example.topic, example.key, example.value)
    assert orjson.loads(encode(fact)) == example.json


@each(OUTPUTS)
def test_what_we_write_has_every_scalar_enum_and_list_and_no_null(example: Example) -> None:
    """Defaults are written out, what is absent is left out, and only messages can be absent."""
    assert b"null" not in orjson.dumps(example.json)
    assert not list(_missing(example.topic.fact, example.json))


@EACH_TOPIC
def test_what_is_public_leaves_out_no_default_but_none(topic: Topic) -> None:
    """To leave out all defaults is the quick way to leave out what is None, and no other field may come to it."""
    assert not topic.public or not _leaves_values_out(topic.fact)


@each(NULLS)
def test_a_null_value_is_a_fact_where_it_has_an_example(example: Example) -> None:
    """On a topic with a `.null` example a record without a value says something."""
    assert example.topic.null is not None
    assert decode_record(example.topic, b"u-1", None) == ("u-1", example.topic.null())


def test_a_topic_on_which_null_says_something_has_an_example_of_it() -> None:
    """The examples show every kind of record that there is."""
    assert {example.topic for example in NULLS} == {topic for topic in TOPICS if topic.null is not None}


@EACH_TOPIC
def test_the_examples_of_a_topic_show_every_field(topic: Topic) -> None:
    """Every field of every message of the topic stands in one of its examples; public topics have two or more."""
    shown = [example.json for example in VALUES if example.topic == topic]
    assert len(shown) >= (2 if topic.public else 1)
    assert _field_paths(topic.fact) - {path for value in shown for path in _shown_paths(value)} == set()


@pytest.mark.parametrize("topic", [t for t in TOPICS if t.from_world], ids=str)
def test_an_input_has_an_example_that_says_no_more_than_it_must(topic: Topic) -> None:
    """A minimal example has no field at its top that could be left out, besides the action."""
    minimal = [example for example in INPUTS if example.topic == topic and "minimal" in example.name]
    oneofs = {field.name for oneof in schema.descriptor(topic.fact).oneofs for field in oneof.fields}
    required = {name for name, default in defaults(topic.fact).items() if default is MISSING} | {"work_id"}
    assert minimal
    assert all(set(example.json) <= required | oneofs for example in minimal)


def test_every_folder_of_examples_is_a_topic_s() -> None:
    """A renamed topic takes its examples along."""
    assert {path.name for path in GOLDEN.iterdir()} == {topic.name for topic in TOPICS}


def _missing(kind: Any, value: dict[str, Any], path: str = "") -> Iterator[str]:
    """Yield the paths of what must be written and is not: everything but absent messages and a oneof's other fields.

    An inside message may say that it leaves its defaults out.
    """
    message = schema.descriptor(kind)
    if _leaves_values_out(kind):
        return
    for name, hint in get_type_hints(kind).items():
        if name not in value:
            if not message.fields_by_name[name].has_presence:
                yield path + name
            continue
        items = value[name] if get_origin(hint) is tuple else [value[name]]
        for below in items if is_message(item(hint)) else []:
            yield from _missing(item(hint), below, f"{path}{name}.")


def _leaves_values_out(kind: Any) -> bool:
    """Tell whether fields of a message are left out that have a value, which is their default."""
    if not (issubclass(kind, Struct) and kind.__struct_config__.omit_defaults):
        return False
    return any(default is not MISSING and default is not None for default in defaults(kind).values())


def _field_paths(kind: Any, path: str = "") -> set[str]:
    paths = set()
    for name, hint in get_type_hints(kind).items():
        paths.add(path + name)
        if is_message(item(hint)):
            paths |= _field_paths(item(hint), f"{path}{name}.")
    return paths


def _shown_paths(value: Any, path: str = "") -> Iterator[str]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            for name, below in one.items():
                yield path + name
                yield from _shown_paths(below, f"{path}{name}.")
