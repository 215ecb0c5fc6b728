"""Times of facts: whatever offset a sender wrote, inside and on output they are in UTC."""

import dataclasses
from datetime import UTC, datetime
from functools import cache
from types import NoneType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec

from services.contracts.malformed import MalformedError
from services.contracts.types import is_message


def in_utc(fact: Any, path: str = "") -> Any:
    """Return `fact` with its times in UTC, or raise `MalformedError` for one that UTC's calendar does not have."""
    moved = {}
    kind: Any = type(fact)
    for name in _timed(kind):
        before = getattr(fact, name)
        after = _moved(before, path + name)
        if after is not before:
            moved[name] = after
    if not moved:
        return fact
    replace: Any = msgspec.structs.replace if isinstance(fact, msgspec.Struct) else dataclasses.replace
    return replace(fact, **moved)


def _moved(value: Any, path: str) -> Any:
    if isinstance(value, datetime):
        return value if value.tzinfo is UTC else _time(value, path)
    return None if value is None else in_utc(value, f"{path}.")


def _time(time: datetime, path: str) -> datetime:
    try:
        return time.astimezone(UTC)
    except OverflowError as error:
        raise MalformedError(f"a time before the year 1 or after 9999 - at `$.{path}`", path) from error


@cache
def _timed(kind: Any) -> tuple[str, ...]:
    """Return the names of the fields that are times, or messages with times in them."""
    return tuple(name for name, hint in get_type_hints(kind, include_extras=True).items() if _has_time(hint))


def _has_time(hint: Any) -> bool:
    if get_origin(hint) is Annotated:
        return _has_time(get_args(hint)[0])
    if get_origin(hint) is tuple:
        assert not _has_time(get_args(hint)[0]), "no list holds times"  # noqa: S101  # an invariant
        return False
    if is_message(hint):
        return bool(_timed(hint))
    return hint is datetime or any(_has_time(part) for part in get_args(hint) if part is not NoneType)
