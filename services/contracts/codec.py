"""Facts to bytes and back: proto3 JSON with original field names, written and checked by msgspec.

On input an absent field, null and the default are one, unknown fields are ignored, 64-bit integers are numbers (1e3 and
5.0 too) or strings, enums are names, the last of equal field names counts, and a wrong type or an unknown enum value is
malformed. On output every scalar, enum and list is written; an absent message is left out, or null inside another one.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from operator import attrgetter
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec
import orjson

from services.contracts.malformed import MalformedError
from services.contracts.times import in_utc
from services.contracts.topics import Topic
from services.contracts.types import ID_CHARACTERS_MAX, is_message

_write = msgspec.json.Encoder().encode  # half of the time that orjson takes for a dataclass with slots
_NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?")
_MISSING = re.compile("Object missing required field `([^`]+)`")
_PLACE = re.compile(r" - at `\$\.?([^`]*)`\Z")
WHY_CHARACTERS_MAX = 500
"""A reason is a sentence: what it quotes of a hostile value must not outgrow a header or a receipt."""


def encode(fact: object) -> bytes:
    """Return the bytes of a fact."""
    kind: Any = type(fact)
    for name in _optional(kind):
        if getattr(fact, name) is None:
            present = {name: v for name in _field_kinds(kind) if (v := getattr(fact, name)) is not None}
            return _write(present)
    return _write(fact)


def decode(kind: Any, value: bytes) -> Any:
    """Return the fact of type `kind` in `value`, or raise `MalformedError`."""
    try:
        return _decoder(kind).decode(value.decode())
    except (msgspec.ValidationError, RecursionError):
        return _forgiving(kind, value)
    except UnicodeDecodeError as error:
        raise MalformedError(f"not UTF-8: {error}") from error
    except msgspec.DecodeError as error:
        raise MalformedError(f"not JSON: {error}") from error


def decode_record(topic: Topic, key: bytes | None, value: bytes | None) -> tuple[str, Any]:
    """Return the key and the fact of a record of `topic`, or raise `MalformedError`."""
    text = decode_key(key)
    if value is None:
        if topic.null is None:
            raise MalformedError("a null value means nothing on this topic")
        return text, topic.null()
    try:
        fact = in_utc(decode(topic.fact, value))
    except MalformedError as error:
        fact = topic.salvage(value, error)
    if _key(topic.key)(fact) != text:
        raise MalformedError(f"the key differs from the field {topic.key}", topic.key)
    return text, fact


def decode_key(key: bytes | None) -> str:
    """Return the text of a record's key, or raise `MalformedError`."""
    if not key:
        raise MalformedError("the key is missing")
    try:
        text = key.decode()
    except UnicodeDecodeError as error:
        raise MalformedError("the key is not UTF-8") from error
    if len(text) > ID_CHARACTERS_MAX:
        raise MalformedError(f"the key has more than {ID_CHARACTERS_MAX} characters")
    return text


def _forgiving(kind: Any, value: bytes) -> Any:
    """Decode again with the forms that proto3 JSON allows and that are rare.

    They are null fields, integers as strings or with a point or an exponent, and (by orjson) nesting down to 1,024.
    """
    try:
        return msgspec.convert(_plain(kind, orjson.loads(value)), kind)
    except orjson.JSONDecodeError as error:
        raise MalformedError(f"not JSON: {error}") from error
    except msgspec.ValidationError as error:
        raise MalformedError(str(error)[:WHY_CHARACTERS_MAX], _path(str(error))) from error


def _plain(kind: Any, value: Any) -> Any:
    """Return `value` without null fields, and with integers where `kind` has them and a string or a float is one."""
    if get_origin(kind) is Annotated:
        return _plain(get_args(kind)[0], value)
    if get_origin(kind) in (Union, UnionType):
        return _plain(get_args(kind)[0], value)
    if kind is int:
        return _integer(value)
    if isinstance(value, list) and get_origin(kind) is tuple:
        return [_plain(get_args(kind)[0], item) for item in value]
    if isinstance(value, dict) and is_message(kind):
        kinds = _field_kinds(kind)
        return {name: _plain(kinds.get(name), item) for name, item in value.items() if item is not None}
    return value


def _integer(value: Any) -> Any:
    """Return the integer that a string or a float stands for; anything else as it is, to be refused."""
    if isinstance(value, float) or (isinstance(value, str) and _NUMBER.fullmatch(value)):
        number = Decimal(value)
        if number == number.to_integral_value():
            return int(number)
    return value


def _path(message: str) -> str:
    """Return the path of the field that a validation error names: `register.references[0].uri`."""
    found = (_PLACE.search(message), _MISSING.match(message))
    return ".".join(match[1] for match in found if match and match[1])


@cache
def _key(path: str) -> Callable[[Any], Any]:
    """Return what reads a topic's key: one field, or of several the one whose message is there."""
    paths = path.split(" or ")
    if len(paths) == 1:
        return attrgetter(path)
    readers = {each.split(".")[0]: attrgetter(each) for each in paths}
    return lambda fact: next(read(fact) for name, read in readers.items() if getattr(fact, name) is not None)


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


@cache
def _field_kinds(kind: Any) -> dict[str, Any]:
    """Return the type of each field, with the checks that annotate it."""
    return get_type_hints(kind, include_extras=True)


@cache
def _optional(kind: Any) -> tuple[str, ...]:
    """Return the names of the fields that may be None, which are messages and timestamps."""
    if issubclass(kind, msgspec.Struct) and kind.__struct_config__.omit_defaults:
        return ()  # it leaves out every default by itself: state, or a fact of which each default is None
    return tuple(name for name, hint in _field_kinds(kind).items() if type(None) in get_args(hint))
