"""Facts to bytes and back: proto3 JSON with original field names, written by orjson, checked by msgspec.

On input an absent field, null and the default are one, unknown fields are ignored, 64-bit integers are numbers or
strings, and a wrong type or an unknown enum value is malformed. On output every scalar, enum and list is written; an
absent message is left out.
"""

import re
from dataclasses import fields, is_dataclass
from functools import cache
from operator import attrgetter
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec
import orjson

from services.contracts.malformed import MalformedError
from services.contracts.topics import Topic

_OPTIONS = orjson.OPT_UTC_Z
_INTEGER = re.compile("-?[0-9]{1,20}")
_MISSING = re.compile("missing required field `([^`]+)`")


def encode(fact: object) -> bytes:
    """Return the bytes of a fact. Who keeps them long copies them first: orjson's own buffer pins 4 KiB."""
    kind: Any = type(fact)
    names = _optional(kind)
    if any(getattr(fact, name) is None for name in names):
        present = {f.name: v for f in fields(fact) if (v := getattr(fact, f.name)) is not None}  # type: ignore[arg-type]  # a fact is a dataclass
        return orjson.dumps(present, option=_OPTIONS)
    return orjson.dumps(fact, option=_OPTIONS)


def decode(kind: Any, value: bytes) -> Any:
    """Return the fact of type `kind` in `value`, or raise `MalformedError`."""
    try:
        return _decoder(kind).decode(value)
    except msgspec.ValidationError:
        return _forgiving(kind, value)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedError(f"not JSON: {error}") from error


def decode_record(topic: Topic, key: bytes | None, value: bytes | None) -> tuple[str, Any]:
    """Return the key and the fact of a record of `topic`, or raise `MalformedError`."""
    text = decode_key(key)
    if value is None:
        if topic.null is None:
            raise MalformedError("a null value means nothing on this topic")
        return text, topic.null()
    try:
        fact = decode(topic.fact, value)
    except MalformedError as error:
        fact = topic.salvage(value, error)
    if attrgetter(topic.key)(fact) != text:
        raise MalformedError(f"the key differs from the field {topic.key}", topic.key)
    return text, fact


def decode_key(key: bytes | None) -> str:
    """Return the text of a record's key, or raise `MalformedError`."""
    if not key:
        raise MalformedError("the key is missing")
    try:
        return key.decode()
    except UnicodeDecodeError as error:
        raise MalformedError("the key is not UTF-8") from error


def _forgiving(kind: Any, value: bytes) -> Any:
    """Decode again with the forms that proto3 JSON allows and that are rare: null fields, integers as strings."""
    try:
        return msgspec.convert(_plain(kind, orjson.loads(value)), kind)
    except orjson.JSONDecodeError as error:
        raise MalformedError(f"not JSON: {error}") from error
    except msgspec.ValidationError as error:
        raise MalformedError(str(error), _path(str(error))) from error


def _plain(kind: Any, value: Any) -> Any:
    """Return `value` without null fields, and with integers where `kind` has integers and the text is one."""
    if get_origin(kind) is Annotated:
        return _plain(get_args(kind)[0], value)
    if get_origin(kind) in (Union, UnionType):
        return _plain(get_args(kind)[0], value)
    if kind is int and isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    if isinstance(value, list) and get_origin(kind) is tuple:
        return [_plain(get_args(kind)[0], item) for item in value]
    if isinstance(value, dict) and is_dataclass(kind):
        kinds = _field_kinds(kind)  # type: ignore[arg-type]  # a dataclass's type can be hashed
        return {name: _plain(kinds.get(name), item) for name, item in value.items() if item is not None}
    return value


def _path(message: str) -> str:
    """Return the path of the field that a validation error names: `register.references[0].uri`."""
    missing = _MISSING.search(message)
    _, _, tail = message.partition("at `$")
    path = tail.rstrip("`").lstrip(".")
    return ".".join(part for part in (path, missing[1] if missing else "") if part)


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
    return tuple(name for name, hint in _field_kinds(kind).items() if type(None) in get_args(hint))
