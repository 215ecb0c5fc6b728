import re
from collections.abc import Iterator
from dataclasses import MISSING
from datetime import datetime
from enum import StrEnum
from types import NoneType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from services.contracts.types import fields_of, is_message
from tests.contracts import schema
from tests.contracts.sites import bare, defaults, item

_WORDS = re.compile("(?<=[a-z])(?=[A-Z])")
SCALARS = {
    str: FieldDescriptor.TYPE_STRING,
    int: FieldDescriptor.TYPE_INT64,
    bool: FieldDescriptor.TYPE_BOOL,
    float: FieldDescriptor.TYPE_DOUBLE,
}


def _classes() -> list[type]:
    """Return every class that facts are made of, found by following the fields."""
    found: dict[type, None] = {}
    waiting: list[Any] = list(schema.KINDS)
    while waiting:
        kind = waiting.pop(0)
        found[kind] = None
        parts = [item(hint) for hint in get_type_hints(kind).values()]
        waiting += [part for part in parts if is_message(part) and part not in found]
    return list(found)


CLASSES = _classes()
EACH_CLASS = pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)


@EACH_CLASS
def test_a_class_and_its_message_have_the_same_fields_in_the_same_order(kind: type) -> None:
    """What a service can say and what the contract lists are the same, so that neither can be extended alone."""
    assert list(fields_of(kind)) == [field.name for field in schema.descriptor(kind).fields]


@EACH_CLASS
def test_a_field_and_its_message_s_field_have_the_same_type(kind: type) -> None:
    """Text, numbers, times, lists, messages and enums are the same on both sides, field by field."""
    for name, hint, field in _fields(kind):
        assert field.is_repeated == (get_origin(bare(hint)) is tuple), name
        assert _type(item(hint)) == _described(field), name


@EACH_CLASS
def test_an_enum_has_the_values_of_its_descriptor_and_the_zero_that_its_default_asks_for(kind: type) -> None:
    """The zero value of an enum is the field's default, or where it has none a value that says so and is never said."""
    default_of = defaults(kind)
    for name, hint, described in _fields(kind):
        enum = described.enum_type
        if enum is not None:
            zero = _zero(enum, default_of[name])
            assert enum.values_by_number[0].name == zero, name
            assert {value.value for value in item(hint)} | {zero} == set(enum.values_by_name), name


@EACH_CLASS
def test_what_may_be_absent_has_presence(kind: type) -> None:
    """A field that may be None can be told from its default in the contract, and one that may not cannot."""
    for name, hint, field in _fields(kind):
        if field.message_type is None and not field.is_repeated:
            assert field.has_presence == (NoneType in get_args(hint)), name


@EACH_CLASS
def test_a_oneof_is_made_of_fields_that_may_be_absent(kind: type) -> None:
    """Of the fields of a oneof all but one are absent, so each of them may be None."""
    hints = get_type_hints(kind, include_extras=True)
    for oneof in schema.descriptor(kind).oneofs:
        assert all(NoneType in get_args(hints[field.name]) for field in oneof.fields)


def _fields(kind: type) -> Iterator[tuple[str, Any, FieldDescriptor]]:
    message: Descriptor = schema.descriptor(kind)
    for name, hint in get_type_hints(kind, include_extras=True).items():
        yield name, hint.__origin__ if get_origin(hint) is Annotated else hint, message.fields_by_name[name]


def _type(kind: Any) -> object:
    if kind is datetime:
        return "google.protobuf.Timestamp"
    if is_message(kind):
        return schema.descriptor(kind).full_name
    return kind.__name__ if issubclass(kind, StrEnum) else SCALARS[kind]


def _described(field: FieldDescriptor) -> object:
    if field.message_type is not None:
        return field.message_type.full_name
    return field.type if field.enum_type is None else field.enum_type.name


def _zero(enum: EnumDescriptor, found: Any) -> str:
    default = None if found is MISSING else found
    return f"{_WORDS.sub('_', enum.name).upper()}_UNSPECIFIED" if default is None else str(default)
