from datetime import datetime
from enum import StrEnum
from typing import Any, get_origin

import orjson
import pytest

from services.contracts.codec import decode
from services.contracts.malformed import MalformedError
from services.contracts.types import is_message
from tests.contracts.examples import INPUTS, Example, each
from tests.contracts.sites import Site, replaced, sites, without

NEWS: tuple[Any, ...] = (1, None, {"title": 5}, [[{}]])
ACTIONS = {
    *("enroll", "suspend", "restore", "upload", "work"),
    *("dispute", "counter_notice", "uphold", "release", "court_action", "withdraw"),
}
ZERO = {str: "", int: 0, bool: False}


@each(INPUTS)
def test_absent_null_and_the_default_are_one(example: Example) -> None:
    """A field that is not required means the same left out, null, and with its type's default."""
    for site in _fields(example):
        if not site.required and not _is_the_action(site):
            absent = _read(example, without(example.json, site.keys))
            assert _read(example, replaced(example.json, site.keys, None)) == absent, site.path
            for default in _defaults(site.kind):
                assert _read(example, replaced(example.json, site.keys, default)) == absent, site.path


@each(INPUTS)
def test_a_required_field_that_is_absent_null_or_empty_is_named(example: Example) -> None:
    """Without a required field a record is malformed, and the error says which field."""
    for site in _fields(example):
        if site.required:
            values = [without(example.json, site.keys), replaced(example.json, site.keys, None)]
            values += [replaced(example.json, site.keys, "")] if site.kind is str else []
            for value in values:
                with pytest.raises(MalformedError) as caught:
                    _read(example, value)
                assert caught.value.field == site.path


@each(INPUTS)
def test_unknown_fields_are_ignored_at_every_depth(example: Example) -> None:
    """A newer sender may say more, in any message: what is not known changes nothing."""
    fact = _read(example, example.json)
    for site in sites(example.topic.fact, example.json):
        if is_message(site.kind):
            for news in NEWS:
                assert _read(example, replaced(example.json, (*site.keys, "not_known"), news)) == fact
    assert _read(example, {**example.json, "not_known": {"upload_id": []}}) == fact


@each(INPUTS)
def test_null_is_no_item_of_a_list(example: Example) -> None:
    """Null stands for an absent field; a list has no absent items."""
    for site in sites(example.topic.fact, example.json):
        if site.is_item:
            with pytest.raises(MalformedError) as caught:
                _read(example, replaced(example.json, site.keys, None))
            assert caught.value.field == site.path


def _fields(example: Example) -> list[Site]:
    return [site for site in sites(example.topic.fact, example.json) if not site.is_item]


def _is_the_action(site: Site) -> bool:
    """Tell whether it is the one field of a oneof that is there, without which the record says nothing."""
    return site.path in ACTIONS


def _defaults(kind: Any) -> list[Any]:
    if get_origin(kind) is tuple:
        return [[]]
    if is_message(kind) or kind is datetime:
        return []
    return [next(iter(kind)).value] if issubclass(kind, StrEnum) else [ZERO[kind]]


def _read(example: Example, value: Any) -> Any:
    return decode(example.topic.fact, orjson.dumps(value))
