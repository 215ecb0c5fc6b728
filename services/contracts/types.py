"""The kinds of value that facts are made of. A field without a default is required; an empty id is an absent one."""

from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any

from msgspec import Meta, Struct

ID_CHARACTERS_MAX = 256
"""An id of these in the worst of JSON's escapes is 1.5 KiB: a verdict on 64 works, each named three times, is 600 KiB
at most, and a record has 1 MiB."""

Id = Annotated[str, Meta(min_length=1, max_length=ID_CHARACTERS_MAX)]
"""An id given by outsiders."""

OptionalId = Annotated[str, Meta(max_length=ID_CHARACTERS_MAX)]
"""The same where there need be none. A community's id is the key of its notices, so it is bounded as all keys are."""

Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
"""BLAKE3-256, lower-case hex: the identity of content. (`$` would let a line feed follow.)"""

CheckValue = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]
"""xxh3_128, seed 0, canonical byte order, lower-case hex."""

Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]

Size = Annotated[int, Meta(ge=1, le=2**63 - 1)]
"""The size of some bytes. Required, so 0 is an absent one: an empty file has no content to compare."""

Timestamp = Annotated[datetime, Meta(tz=True)]
"""RFC 3339 on the wire; a time without an offset is malformed."""

Text = Annotated[str, Meta(max_length=16_384)]
"""Free text. The bound is far above any title or statement and far below a record's 1 MiB."""


def is_message(kind: Any) -> bool:
    """Tell whether a type is one that facts are made of: a struct, or a frozen dataclass."""
    return is_dataclass(kind) or (isinstance(kind, type) and issubclass(kind, Struct))


def fields_of(kind: Any) -> tuple[str, ...]:
    """Return the names of the fields of a message, in their order."""
    names: tuple[str, ...]
    names = kind.__struct_fields__ if issubclass(kind, Struct) else tuple(field.name for field in fields(kind))
    return names


class Content(Struct, frozen=True):
    """The identity of some bytes."""

    xxh3_128: CheckValue
    blake3: Digest
    size_bytes: Size


@lru_cache(maxsize=256)  # a batch has one time, and few others follow from it
def timestamp(milliseconds: int) -> datetime:
    """Return the UTC time of a number of milliseconds since the epoch."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def milliseconds(time: datetime) -> int:
    """Return the milliseconds since the epoch of an aware time."""
    return round(time.timestamp() * 1000)
